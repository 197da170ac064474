/**
 * Clients of incremental xDS for tests: the protocol without network (`DeltaClient`), and the same
 * over gRPC (`connectXds`). They acknowledge what they take, as Envoy does.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 */
import * as grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { messageType } from "../../proto/mod.ts";

/** What a test wants to tell of a `DeltaDiscoveryRequest`. */
export interface DeltaRequest {
  readonly node?: { readonly id: string; readonly cluster: string };
  readonly typeUrl: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: Readonly<Record<string, string>>;
  readonly responseNonce: string;
  readonly error?: string;
}

/** What a test wants to know of a `DeltaDiscoveryResponse`. */
export interface DeltaResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly DeltaResource[];
  readonly removed: readonly string[];
}

/** A resource as it came. */
export interface DeltaResource {
  readonly name: string;
  readonly version: string;
  readonly body: Uint8Array;
}

/** How a client behaves. */
export interface DeltaClientOptions {
  readonly node?: { readonly id: string; readonly cluster: string };
  /** Why the client refuses this resource; undefined when it takes it. */
  readonly refuse?: (typeUrl: string, resource: DeltaResource) => string | undefined;
  /**
   * Of a response with a refused resource: which others are applied all the same, given how many
   * came before it in the client's order. Default: none.
   */
  readonly partially?: (typeUrl: string, resource: DeltaResource) => boolean;
  /**
   * Types of which it remembers, of a response with a refused resource, those before it without
   * applying them, and passes over what it remembers when that comes again; its errors name nothing.
   * So does Envoy 1.39 with scopes. Default: none.
   */
  readonly remembersPartially?: ReadonlySet<string>;
  /** Told of every resource that is applied or (then without `resource`) dropped. */
  readonly onApplied?: (typeUrl: string, name: string, resource?: DeltaResource) => void;
}

/** Speaks the client's side of the protocol; requests come out as values. */
export class DeltaClient {
  /** What the client runs on, by type and name. */
  readonly applied = new Map<string, Map<string, DeltaResource>>();
  readonly #options: DeltaClientOptions;
  readonly #interest = new Map<string, Set<string>>();
  /** What it says it has: of refused responses nothing. */
  readonly #versions = new Map<string, Map<string, string>>();
  /** Versions by name it compares with, of types that are remembered partially. */
  readonly #remembered = new Map<string, Map<string, string>>();
  #isFirst = true;

  constructor(options: DeltaClientOptions = {}) {
    this.#options = options;
  }

  /** What it runs on of one type. */
  of(typeUrl: string): ReadonlyMap<string, DeltaResource> {
    return this.applied.get(typeUrl) ?? new Map();
  }

  /** Names it is subscribed to. */
  interest(typeUrl: string): ReadonlySet<string> {
    return this.#interest.get(typeUrl) ?? new Set();
  }

  /** The versions it would name to a new stream. */
  versions(typeUrl: string): ReadonlyMap<string, string> {
    return this.#versions.get(typeUrl) ?? new Map();
  }

  /** The version it remembers, applied or not; only of types that are remembered partially. */
  remembers(typeUrl: string, name: string): string | undefined {
    return this.#remembered.get(typeUrl)?.get(name);
  }

  /** Asks for names; no names at all as first request of a type is the legacy wildcard. */
  subscribe(typeUrl: string, ...names: string[]): DeltaRequest {
    const interest = inner(this.#interest, typeUrl, () => new Set<string>());
    for (const name of names.length === 0 ? ["*"] : names) interest.add(name);
    return this.#request(typeUrl, { subscribe: names });
  }

  /** Loses interest in names. */
  unsubscribe(typeUrl: string, ...names: string[]): DeltaRequest {
    for (const name of names) {
      this.#interest.get(typeUrl)?.delete(name);
      if (name !== "*") this.#drop(typeUrl, name);
    }
    return this.#request(typeUrl, { unsubscribe: names });
  }

  /** Applies a response, or refuses it, and answers. */
  take(response: DeltaResponse): DeltaRequest {
    const { typeUrl, nonce } = response;
    if (this.#options.remembersPartially?.has(typeUrl)) return this.#takeOrRemember(response);
    const errors: string[] = [];
    for (const name of response.removed) this.#drop(typeUrl, name);
    const interest = this.interest(typeUrl);
    const wanted = response.resources.filter(({ name }) => interest.has("*") || interest.has(name));
    const good = wanted.filter((resource) => {
      const error = this.#options.refuse?.(typeUrl, resource);
      if (error !== undefined) errors.push(`${resource.name}: ${error}`);
      return error === undefined;
    });
    if (errors.length === 0) {
      for (const resource of good) {
        this.#apply(typeUrl, resource);
        inner(this.#versions, typeUrl, () => new Map()).set(resource.name, resource.version);
      }
      return this.#request(typeUrl, { responseNonce: nonce });
    }
    for (const resource of good) {
      if (this.#options.partially?.(typeUrl, resource)) this.#apply(typeUrl, resource);
    }
    const error = `Error adding/updating resource(s) ${errors.join(", ")}`;
    return this.#request(typeUrl, { responseNonce: nonce, error });
  }

  #takeOrRemember({ typeUrl, nonce, resources, removed }: DeltaResponse): DeltaRequest {
    const remembered = inner(this.#remembered, typeUrl, () => new Map<string, string>());
    const versions = inner(this.#versions, typeUrl, () => new Map<string, string>());
    // Removals count though the response be refused, but not for what it says it has.
    for (const name of removed) {
      remembered.delete(name);
      this.#unapply(typeUrl, name);
    }
    const news: DeltaResource[] = [];
    for (const resource of resources) {
      if (remembered.get(resource.name) === resource.version) continue;
      if (this.#options.refuse?.(typeUrl, resource) !== undefined) {
        return this.#request(typeUrl, { responseNonce: nonce, error: "One of them is bad" });
      }
      remembered.set(resource.name, resource.version);
      news.push(resource);
    }
    for (const name of removed) versions.delete(name);
    for (const { name, version } of resources) versions.set(name, version);
    for (const resource of news) this.#apply(typeUrl, resource);
    return this.#request(typeUrl, { responseNonce: nonce });
  }

  /** The first requests of a new stream after the old one broke. */
  reconnect(): DeltaRequest[] {
    this.#isFirst = true;
    return [...this.#interest].map(([typeUrl, names]) => {
      const initialVersions = Object.fromEntries(this.#versions.get(typeUrl) ?? []);
      return this.#request(typeUrl, { subscribe: [...names], initialVersions });
    });
  }

  /** Forgets everything, as a new process would. */
  restart(): void {
    this.#isFirst = true;
    this.applied.clear();
    this.#interest.clear();
    this.#versions.clear();
    this.#remembered.clear();
  }

  #apply(typeUrl: string, resource: DeltaResource): void {
    inner(this.applied, typeUrl, () => new Map()).set(resource.name, resource);
    this.#options.onApplied?.(typeUrl, resource.name, resource);
  }

  #drop(typeUrl: string, name: string): void {
    this.#versions.get(typeUrl)?.delete(name);
    this.#unapply(typeUrl, name);
  }

  #unapply(typeUrl: string, name: string): void {
    if (this.applied.get(typeUrl)?.delete(name)) this.#options.onApplied?.(typeUrl, name);
  }

  #request(typeUrl: string, parts: Partial<DeltaRequest>): DeltaRequest {
    const node = this.#isFirst
      ? { node: this.#options.node ?? { id: "test", cluster: "contour" } }
      : {};
    this.#isFirst = false;
    const empty = { subscribe: [], unsubscribe: [], initialVersions: {}, responseNonce: "" };
    return { ...empty, ...node, typeUrl, ...parts };
  }
}

/** A client that is connected to a server on this machine. */
export interface XdsConnection {
  readonly client: DeltaClient;
  /** Every response so far, in order. */
  readonly responses: readonly DeltaResponse[];
  send(request: DeltaRequest): void;
  /** Sends bytes that need not be a request. */
  sendBytes(bytes: Uint8Array): void;
  /** Resolves once the condition holds; it is asked after every response. Rejects after 10 s. */
  until(condition: () => boolean): Promise<void>;
  /** Resolves with the gRPC status when the stream ends. */
  readonly ended: Promise<{ readonly code: number; readonly details: string }>;
  /** Hangs up. */
  close(): Promise<void>;
}

/** Connects `client` to `127.0.0.1:port`. Responses are answered at once. */
export function connectXds(port: number, client = new DeltaClient()): XdsConnection {
  const channel = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    // A connection each, as Envoys have: else clients share one, and with it its end.
    "grpc.use_local_subchannel_pool": 1,
  });
  const call = channel.makeBidiStreamRequest(
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    (bytes: Uint8Array) => Buffer.from(bytes),
    decodeResponse,
  );
  const responses: DeltaResponse[] = [];
  const watchers = new Set<() => void>();
  call.on("data", (response: DeltaResponse) => {
    responses.push(response);
    call.write(encodeRequest(client.take(response)));
    for (const watcher of [...watchers]) watcher();
  });
  const ended = Promise.withResolvers<{ code: number; details: string }>();
  call.on("error", () => {}); // The status says the same.
  call.on("status", ({ code, details }: grpc.StatusObject) => ended.resolve({ code, details }));
  return {
    client,
    responses,
    send: (request) => call.write(encodeRequest(request)),
    sendBytes: (bytes) => call.write(bytes),
    until: (condition) => until(condition, watchers),
    ended: ended.promise,
    async close() {
      call.cancel();
      await ended.promise;
      channel.close();
    },
  };
}

function until(condition: () => boolean, watchers: Set<() => void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("Waited 10 s in vain")), 10_000);
  const watcher = () => condition() && resolve();
  watchers.add(watcher);
  watcher();
  return promise.finally(() => {
    clearTimeout(timer);
    watchers.delete(watcher);
  });
}

/** Writes a `DeltaDiscoveryRequest`. */
export function encodeRequest(request: DeltaRequest): Uint8Array {
  return messageType("envoy.service.discovery.v3.DeltaDiscoveryRequest").encode({
    ...(request.node ? { node: request.node } : {}),
    typeUrl: request.typeUrl,
    resourceNamesSubscribe: request.subscribe,
    resourceNamesUnsubscribe: request.unsubscribe,
    initialResourceVersions: request.initialVersions,
    responseNonce: request.responseNonce,
    ...(request.error === undefined ? {} : { errorDetail: { code: 13, message: request.error } }),
  }).finish();
}

function decodeResponse(bytes: Uint8Array): DeltaResponse {
  const type = messageType("envoy.service.discovery.v3.DeltaDiscoveryResponse");
  const response = type.toObject(type.decode(bytes), { defaults: true, arrays: true });
  return {
    typeUrl: String(response.typeUrl),
    nonce: String(response.nonce),
    removed: response.removedResources,
    resources: response.resources.map(({ name, version, resource }: WireResource) => {
      // Envoy refuses the whole response when these differ.
      assert.equal(resource.type_url, response.typeUrl);
      return { name, version, body: resource.value };
    }),
  };
}

interface WireResource {
  readonly name: string;
  readonly version: string;
  readonly resource: { readonly type_url: string; readonly value: Uint8Array };
}

function inner<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
