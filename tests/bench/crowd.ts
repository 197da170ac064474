import * as grpc from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { messageType } from "../../proto/mod.ts";
import { DeltaClient, encodeRequest } from "../support/xds_client.ts";

/** So many Envoys, as far as a controller can tell: each with a connection and a node of its own. */
export class Crowd {
  readonly #port: number;
  readonly #members: Member[];
  /** Of all messages that arrived so far, as they came over the wire. */
  bytes = 0;

  constructor(port: number, size: number) {
    this.#port = port;
    this.#members = Array.from({ length: size }, (_, number) => ({
      client: new DeltaClient({ node: { id: `envoy-${number}`, cluster: "contour" } }),
      seen: new Map(),
      hangUp: () => {},
    }));
  }

  /** Asks for everything, as an Envoy does that has just started. */
  connect(): void {
    for (const member of this.#members) {
      const write = this.#call(member);
      for (const type of wildcards) write(encodeRequest(member.client.subscribe(type, "*")));
    }
  }

  /** Hangs up and comes back, all at once, saying what each has. */
  reconnect(): void {
    for (const { hangUp } of this.#members) hangUp();
    for (const member of this.#members) {
      const write = this.#call(member);
      for (const request of member.client.reconnect()) write(encodeRequest(request));
    }
  }

  /** How many members have so many resources of a type at least. */
  having(count: number, typeUrl: string): number {
    return this.#members.filter(({ client }) => client.versions(typeUrl).size >= count).length;
  }

  /** When each member got the newest form of a resource, by `performance.now()`. */
  seenAt(name: string): readonly (number | undefined)[] {
    return this.#members.map(({ seen }) => seen.get(name));
  }

  /** Forgets when what was seen. */
  forget(): void {
    for (const { seen } of this.#members) seen.clear();
  }

  close(): void {
    for (const { hangUp } of this.#members) hangUp();
  }

  /** Opens a stream; returns how to write to it. */
  #call(member: Member): (bytes: Uint8Array) => void {
    const channel = new grpc.Client(`127.0.0.1:${this.#port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
    });
    const call = channel.makeBidiStreamRequest(
      "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes) => bytes,
    );
    call.on("error", () => {}); // Who hangs up hears of it.
    call.on("data", (bytes: Buffer) => {
      this.bytes += bytes.length;
      const response = decode(bytes);
      const now = performance.now();
      for (const { name } of response.resources) member.seen.set(name, now);
      call.write(encodeRequest(member.client.take(response)));
      if (response.typeUrl !== CLUSTER) return;
      // Of each cluster its endpoints.
      const names = response.resources.map(({ endpoints }) => endpoints);
      if (names.length === 0) return;
      call.write(encodeRequest(member.client.subscribe(ENDPOINTS, ...names)));
    });
    member.hangUp = () => {
      call.cancel();
      channel.close();
    };
    return (bytes) => call.write(bytes);
  }
}

interface Member {
  readonly client: DeltaClient;
  readonly seen: Map<string, number>;
  hangUp: () => void;
}

const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const ENDPOINTS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const SCOPES = "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration";
const wildcards = [CLUSTER, "type.googleapis.com/envoy.config.listener.v3.Listener", SCOPES];

/** Without bodies: 200 copies of everything are more than a test should hold. */
function decode(bytes: Uint8Array) {
  const type = messageType("envoy.service.discovery.v3.DeltaDiscoveryResponse");
  const { typeUrl, nonce, removedResources, resources } = type.toObject(type.decode(bytes), {
    defaults: true,
    arrays: true,
  });
  return {
    typeUrl: String(typeUrl),
    nonce: String(nonce),
    removed: removedResources as string[],
    resources: (resources as WireResource[]).map(({ name, version, resource }) => ({
      name,
      version,
      body: new Uint8Array(),
      endpoints: typeUrl === CLUSTER ? endpointsOf(name, resource.value) : "",
    })),
  };
}

interface WireResource {
  readonly name: string;
  readonly version: string;
  readonly resource: { readonly value: Uint8Array };
}

const endpointNames = new Map<string, string>();

/** What the cluster asks EDS for; each cluster is decoded once for all members. */
function endpointsOf(name: string, body: Uint8Array): string {
  let found = endpointNames.get(name);
  if (found === undefined) {
    const type = messageType("envoy.config.cluster.v3.Cluster");
    const { edsClusterConfig } = type.toObject(type.decode(body));
    found = String(edsClusterConfig?.serviceName || name);
    endpointNames.set(name, found);
  }
  return found;
}
