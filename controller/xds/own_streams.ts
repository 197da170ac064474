import { decode, encode, isMessage, type Message, typeName } from "../../proto/mod.ts";
import type { Resource } from "./resource.ts";

/**
 * The resource for an Envoy that has a stream for each type, as Contour's bootstrap makes it: what
 * our resources want to be asked for by the common stream is asked for at the same cluster by a
 * stream of its own. Made once of each resource.
 */
export function forOwnStreams(resource: Resource): Uint8Array {
  let body = made.get(resource);
  if (body === undefined) {
    const type = typeName(resource.typeUrl);
    body = encode(type, rewritten(decode(type, resource.body)) as Message);
    made.set(resource, body);
  }
  return body;
}

const made = new WeakMap<Resource, Uint8Array>();

/** See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/config_source.proto */
const controller: Message = {
  apiType: "GRPC",
  transportApiVersion: "V3",
  grpcServices: [{ envoyGrpc: { clusterName: "contour", authority: "contour" } }],
};

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (!isMessage(value)) return value;
  const { ads, ...rest } = value;
  const isCommonStream = ads !== undefined &&
    Object.keys(rest).every((name) =>
      name === "resourceApiVersion" || name === "initialFetchTimeout"
    );
  if (isCommonStream) return { ...rest, apiConfigSource: controller };
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, rewritten(field)]),
  );
}
