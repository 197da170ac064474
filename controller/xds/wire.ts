import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { messageType } from "../../proto/mod.ts";
import {
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  LISTENER,
  type Resource,
  ROUTE_CONFIGURATION,
  RUNTIME,
  SCOPED_ROUTE_CONFIGURATION,
  SECRET,
} from "./resource.ts";
import type { WorldRequest, WorldResponse } from "./state_of_the_world.ts";
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

/** Reads a `DiscoveryRequest`. Throws when the bytes are none. */
export function decodeWorldRequest(bytes: Uint8Array): WorldRequest {
  const type = messageType("envoy.service.discovery.v3.DiscoveryRequest");
  const request = type.decode(bytes) as protobuf.Message & WireWorldRequest;
  const { node, errorDetail } = request;
  return {
    ...(node ? { node: { id: node.id, cluster: node.cluster } } : {}),
    typeUrl: request.typeUrl,
    names: request.resourceNames,
    responseNonce: request.responseNonce,
    ...(errorDetail ? { error: errorDetail.message } : {}),
  };
}

/** Writes a `DiscoveryResponse`, with these bytes of each resource. */
export function encodeWorldResponse(
  { typeUrl, nonce, resources }: WorldResponse,
  bodyOf: (resource: Resource) => Uint8Array,
): Buffer {
  const writer = new protobuf.Writer();
  for (const resource of resources) {
    writer.uint32(tag(WORLD_RESPONSE, "resources")).fork();
    writer.uint32(tag(ANY, "type_url")).string(typeUrl);
    writer.uint32(tag(ANY, "value")).bytes(bodyOf(resource));
    writer.ldelim();
  }
  writer.uint32(tag(WORLD_RESPONSE, "typeUrl")).string(typeUrl);
  writer.uint32(tag(WORLD_RESPONSE, "versionInfo")).string(nonce);
  writer.uint32(tag(WORLD_RESPONSE, "nonce")).string(nonce);
  return finished(writer);
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
  writer.uint32(tag(RESPONSE, "typeUrl")).string(typeUrl);
  for (const name of removed) writer.uint32(tag(RESPONSE, "removedResources")).string(name);
  writer.uint32(tag(RESPONSE, "nonce")).string(nonce);
  return finished(writer);
}

/** The bytes, in the memory where they were written. */
function finished(writer: protobuf.Writer): Buffer {
  const { buffer, byteOffset, byteLength } = writer.finish();
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The methods of the older form of the protocol, with the type of each: for everything it is `""`. */
export const WORLD_METHODS: readonly { readonly path: string; readonly type: string }[] = [
  ["discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources", ""],
  ["cluster.v3.ClusterDiscoveryService/StreamClusters", CLUSTER],
  ["endpoint.v3.EndpointDiscoveryService/StreamEndpoints", CLUSTER_LOAD_ASSIGNMENT],
  ["listener.v3.ListenerDiscoveryService/StreamListeners", LISTENER],
  ["route.v3.RouteDiscoveryService/StreamRoutes", ROUTE_CONFIGURATION],
  ["route.v3.ScopedRoutesDiscoveryService/StreamScopedRoutes", SCOPED_ROUTE_CONFIGURATION],
  ["secret.v3.SecretDiscoveryService/StreamSecrets", SECRET],
  ["runtime.v3.RuntimeDiscoveryService/StreamRuntime", RUNTIME],
].map(([path = "", type = ""]) => ({ path: `/envoy.service.${path}`, type }));

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
const WORLD_RESPONSE = "envoy.service.discovery.v3.DiscoveryResponse";
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

/** The same of the older form. */
interface WireWorldRequest {
  readonly node?: { readonly id: string; readonly cluster: string } | null;
  readonly typeUrl: string;
  readonly resourceNames: readonly string[];
  readonly responseNonce: string;
  readonly errorDetail?: { readonly message: string } | null;
}
