import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { messageType } from "../../proto/mod.ts";
import type { NodeRef } from "./event.ts";
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
    ...(node ? { node: nodeOf(node) } : {}),
    typeUrl: request.typeUrl,
    subscribe: request.resourceNamesSubscribe,
    unsubscribe: request.resourceNamesUnsubscribe,
    initialVersions: request.initialResourceVersions,
    responseNonce: request.responseNonce,
    ...(errorDetail ? { error: wordsOf(errorDetail) } : {}),
  };
}

/** Reads a `DiscoveryRequest`. Throws when the bytes are none. */
export function decodeWorldRequest(bytes: Uint8Array): WorldRequest {
  const request = worldRequestType().decode(bytes) as protobuf.Message & WireWorldRequest;
  const { node, errorDetail } = request;
  return {
    ...(node ? { node: nodeOf(node) } : {}),
    typeUrl: request.typeUrl,
    names: request.resourceNames,
    responseNonce: request.responseNonce,
    ...(errorDetail ? { error: wordsOf(errorDetail) } : {}),
  };
}

function nodeOf({ id, cluster, userAgentBuildVersion }: WireNode): NodeRef {
  const { majorNumber, minorNumber, patch } = userAgentBuildVersion?.version ?? {};
  if (majorNumber === undefined) return { id, cluster };
  return { id, cluster, version: `${majorNumber}.${minorNumber}.${patch}` };
}

/**
 * Why an Envoy refuses. It quotes what it refuses and cuts that after so many bytes, if need be
 * within a character: read as text by the rules, such a request would be none, and end the stream.
 */
function wordsOf({ message }: WireStatus): string {
  return new TextDecoder().decode(message);
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

const requestType = () =>
  readType ??= partOf("envoy.service.discovery.v3.DeltaDiscoveryRequest", {
    node: "Node",
    typeUrl: "string",
    resourceNamesSubscribe: "string",
    resourceNamesUnsubscribe: "string",
    initialResourceVersions: "string",
    responseNonce: "string",
    errorDetail: "Status",
  });
const worldRequestType = () =>
  readWorldType ??= partOf("envoy.service.discovery.v3.DiscoveryRequest", {
    node: "Node",
    typeUrl: "string",
    resourceNames: "string",
    responseNonce: "string",
    errorDetail: "Status",
  });
let readType: protobuf.Type | undefined;
let readWorldType: protobuf.Type | undefined;

/** What we read of a message: those fields of it, and the words of a `Status` as bytes. */
function partOf(fullName: string, fields: Readonly<Record<string, string>>): protobuf.Type {
  const read = (name: string, types: Readonly<Record<string, string>>) => ({
    fields: Object.fromEntries(
      Object.entries(types).map(([field, type]) => {
        const known = messageType(name).fields[field];
        if (known === undefined) throw new RangeError(`"${field}" is no field of ${name}`);
        return [field, {
          id: known.id,
          type,
          ...(known.repeated ? { rule: "repeated" } : {}),
          ...(known instanceof protobuf.MapField ? { keyType: known.keyType } : {}),
        }];
      }),
    ),
  });
  const root = protobuf.Root.fromJSON({
    nested: {
      Read: read(fullName, fields),
      Node: read("envoy.config.core.v3.Node", {
        id: "string",
        cluster: "string",
        userAgentBuildVersion: "BuildVersion",
      }),
      BuildVersion: read("envoy.config.core.v3.BuildVersion", { version: "SemanticVersion" }),
      SemanticVersion: read("envoy.type.v3.SemanticVersion", {
        majorNumber: "uint32",
        minorNumber: "uint32",
        patch: "uint32",
      }),
      Status: read("google.rpc.Status", { message: "bytes" }),
    },
  });
  return root.lookupType("Read");
}

const RESPONSE = "envoy.service.discovery.v3.DeltaDiscoveryResponse";
const WORLD_RESPONSE = "envoy.service.discovery.v3.DiscoveryResponse";
const RESOURCE = "envoy.service.discovery.v3.Resource";
const ANY = "google.protobuf.Any";

/**
 * As the decoder makes it, whatever the bytes are: it checks the types itself, and what is absent
 * has its default. An Envoy that comes back names all it has, so nothing looks at that twice.
 */
interface WireRequest {
  readonly node?: WireNode | null;
  readonly typeUrl: string;
  readonly resourceNamesSubscribe: readonly string[];
  readonly resourceNamesUnsubscribe: readonly string[];
  readonly initialResourceVersions: Readonly<Record<string, string>>;
  readonly responseNonce: string;
  readonly errorDetail?: WireStatus | null;
}

/** The same of the older form. */
interface WireWorldRequest {
  readonly node?: WireNode | null;
  readonly typeUrl: string;
  readonly resourceNames: readonly string[];
  readonly responseNonce: string;
  readonly errorDetail?: WireStatus | null;
}

interface WireStatus {
  readonly message: Uint8Array;
}

interface WireNode {
  readonly id: string;
  readonly cluster: string;
  readonly userAgentBuildVersion?: {
    readonly version?: {
      readonly majorNumber: number;
      readonly minorNumber: number;
      readonly patch: number;
    } | null;
  } | null;
}
