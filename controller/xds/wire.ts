import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { encode, messageType } from "../../proto/mod.ts";
import type { StreamRequest, StreamResponse } from "./stream_message.ts";

/** The method of the aggregated discovery service that we serve. */
export const DELTA_METHOD =
  "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

/** Reads a `DeltaDiscoveryRequest`. Throws when the bytes are none. */
export function decodeRequest(bytes: Uint8Array): StreamRequest {
  const request = requestType().decode(bytes) as protobuf.Message & WireRequest;
  const { node, errorDetail } = request;
  return {
    ...(node ? { node: { id: node.id, cluster: node.cluster } } : {}),
    typeUrl: request.typeUrl,
    subscribe: request.resourceNamesSubscribe,
    unsubscribe: request.resourceNamesUnsubscribe,
    initialVersions: request.initialResourceVersions,
    responseNonce: request.responseNonce,
    ...(errorDetail ? { error: errorDetail.message } : {}),
  };
}

/** Writes a `DeltaDiscoveryResponse`. */
export function encodeResponse(response: StreamResponse): Buffer {
  const { typeUrl, nonce, removed } = response;
  const writer = new protobuf.Writer();
  // What is sent is not kept in this form: bodies go from the cache straight into the response.
  for (const resource of response.resources) {
    writer.uint32(tag(RESPONSE, "resources")).fork();
    writer.uint32(tag(RESOURCE, "name")).string(resource.name);
    writer.uint32(tag(RESOURCE, "version")).string(resource.version);
    writer.uint32(tag(RESOURCE, "resource")).fork();
    writer.uint32(tag(ANY, "type_url")).string(typeUrl);
    writer.uint32(tag(ANY, "value")).bytes(resource.body);
    writer.ldelim().ldelim();
  }
  // A message may come in parts.
  const head = encode(RESPONSE, { typeUrl, nonce, removedResources: removed });
  return Buffer.concat([head, writer.finish()]);
}

/** What stands before a field that holds text, bytes or a message. */
function tag(type: string, field: string): number {
  const id = `${type} ${field}`;
  let found = tags.get(id);
  if (found === undefined) {
    const { id: number } = messageType(type).lookup(field, [protobuf.Field]) as protobuf.Field;
    tags.set(id, found = number << 3 | 2);
  }
  return found;
}

const tags = new Map<string, number>();

const requestType = () => messageType("envoy.service.discovery.v3.DeltaDiscoveryRequest");
const RESPONSE = "envoy.service.discovery.v3.DeltaDiscoveryResponse";
const RESOURCE = "envoy.service.discovery.v3.Resource";
const ANY = "google.protobuf.Any";

/**
 * As the decoder makes it, whatever the bytes are: it checks the types itself, and what is absent
 * has its default. An Envoy that comes back names all it has, so nothing looks at that twice.
 */
interface WireRequest {
  readonly node?: { readonly id: string; readonly cluster: string } | null;
  readonly typeUrl: string;
  readonly resourceNamesSubscribe: readonly string[];
  readonly resourceNamesUnsubscribe: readonly string[];
  readonly initialResourceVersions: Readonly<Record<string, string>>;
  readonly responseNonce: string;
  readonly errorDetail?: { readonly message: string } | null;
}
