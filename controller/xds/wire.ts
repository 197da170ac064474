import { Buffer } from "node:buffer";
import { z } from "zod";
import { encode, messageType } from "../../proto/mod.ts";
import type { Resource } from "./resource.ts";
import type { StreamRequest, StreamResponse } from "./stream_message.ts";

/** The method of the aggregated discovery service that we serve. */
export const DELTA_METHOD =
  "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

/** Reads a `DeltaDiscoveryRequest`. Throws when the bytes are none. */
export function decodeRequest(bytes: Uint8Array): StreamRequest {
  const message = requestType().decode(bytes);
  const request = Request.parse(requestType().toObject(message, decodeOptions));
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

/** Writes a `DeltaDiscoveryResponse`. Each resource is encoded once, whoever gets it. */
export function encodeResponse(response: StreamResponse): Buffer {
  const { typeUrl, nonce, removed } = response;
  const head = encode(RESPONSE, { typeUrl, nonce, removedResources: removed });
  // A message may come in parts: repeated fields of later parts are appended.
  return Buffer.concat([head, ...response.resources.map(envelope)]);
}

/** The part of a response that holds this one resource. */
function envelope(resource: Resource): Uint8Array {
  let bytes = envelopes.get(resource);
  if (bytes === undefined) {
    const { typeUrl, name, version, body } = resource;
    const wrapped = { name, version, resource: { "@type": typeUrl, "@bytes": body } };
    bytes = encode(RESPONSE, { resources: [wrapped] });
    envelopes.set(resource, bytes);
  }
  return bytes;
}

const envelopes = new WeakMap<Resource, Uint8Array>();

const requestType = () => messageType("envoy.service.discovery.v3.DeltaDiscoveryRequest");
const RESPONSE = "envoy.service.discovery.v3.DeltaDiscoveryResponse";

const decodeOptions = { defaults: true, arrays: true, objects: true };

const Request = z.object({
  node: z.object({ id: z.string(), cluster: z.string() }).nullish(),
  typeUrl: z.string(),
  resourceNamesSubscribe: z.array(z.string()),
  resourceNamesUnsubscribe: z.array(z.string()),
  initialResourceVersions: z.record(z.string(), z.string()),
  responseNonce: z.string(),
  errorDetail: z.object({ message: z.string() }).nullish(),
});
