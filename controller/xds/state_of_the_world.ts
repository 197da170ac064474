import { CLUSTER, LISTENER, type Resource, SCOPED_ROUTE_CONFIGURATION } from "./resource.ts";
import type { Stream } from "./stream.ts";
import type { StreamResponse } from "./stream_message.ts";

/**
 * The older form of the protocol on top of an incremental {@linkcode Stream}: a request names all
 * that is wanted, and a response of clusters, listeners or scopes holds all there are. Order,
 * refusals and their containment are the stream's; here only the words are changed.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export class StateOfTheWorld {
  readonly #stream: Stream;
  readonly #types = new Map<string, TypeState>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Takes a request. What answers a response that is not the last one of its type is ignored. */
  receive(request: WorldRequest, now: number): void {
    const { typeUrl, responseNonce, error } = request;
    const known = this.#types.get(typeUrl);
    const isFirst = known === undefined;
    if (!isFirst && responseNonce !== known.nonce) return;
    const state = known ?? newState();
    this.#types.set(typeUrl, state);
    if (error !== undefined) state.world = state.taken;
    state.taken = state.world;
    const wanted = new Set(request.names);
    // No names at all mean everything, of the types of which one can have everything.
    if (wanted.size === 0 && isFirst && wholeTypes.has(typeUrl)) wanted.add("*");
    else if (wanted.size === 0 && state.names.has("*")) wanted.add("*");
    const subscribe = [...wanted].filter((name) => !state.names.has(name));
    const unsubscribe = [...state.names].filter((name) => !wanted.has(name));
    state.names = wanted;
    this.#stream.receive({
      typeUrl,
      subscribe,
      unsubscribe,
      initialVersions: {},
      responseNonce,
      ...(error === undefined ? {} : { error }),
    }, now);
  }

  /** What is to be written now, in this order. */
  pump(now: number): WorldResponse[] {
    const responses: WorldResponse[] = [];
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const response of this.#stream.pump(now)) {
        const written = this.#written(response);
        if (written !== undefined) {
          responses.push(written);
          continue;
        }
        // There are no words for it, so nobody will answer.
        const { typeUrl, nonce } = response;
        const none = { subscribe: [], unsubscribe: [], initialVersions: {} };
        this.#stream.receive({ ...none, typeUrl, responseNonce: nonce }, now);
        isDone = false;
      }
    }
    return responses;
  }

  #written({ typeUrl, nonce, resources, removed }: StreamResponse): WorldResponse | undefined {
    const state = this.#types.get(typeUrl) ?? newState();
    this.#types.set(typeUrl, state);
    if (!wholeTypes.has(typeUrl)) {
      // That there is none of a name cannot be said.
      if (resources.length === 0) return undefined;
      state.nonce = nonce;
      return { typeUrl, nonce, resources };
    }
    const world = new Map(state.taken);
    for (const name of removed) world.delete(name);
    for (const resource of resources) world.set(resource.name, resource);
    state.world = world;
    state.nonce = nonce;
    return { typeUrl, nonce, resources: [...world.values()] };
  }
}

/** What of a `DiscoveryRequest` matters. */
export interface WorldRequest {
  /** Empty in a stream's later requests. */
  readonly node?: { readonly id: string; readonly cluster: string };
  readonly typeUrl: string;
  readonly names: readonly string[];
  /** The response this answers; empty when it answers none. */
  readonly responseNonce: string;
  /** Why that response was refused, if it was. */
  readonly error?: string;
}

/** What a `DiscoveryResponse` is made of. Its version is its nonce. */
export interface WorldResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly Resource[];
}

interface TypeState {
  /** Of the last response. */
  nonce: string;
  /** What was asked for last. */
  names: ReadonlySet<string>;
  /** What the Envoy has, of a type that is sent as a whole. */
  taken: ReadonlyMap<string, Resource>;
  /** What it was sent last. */
  world: ReadonlyMap<string, Resource>;
}

function newState(): TypeState {
  const empty = new Map<string, Resource>();
  return { nonce: "", names: new Set(), taken: empty, world: empty };
}

/** Types of which a response holds everything, and what is not in it is gone. */
const wholeTypes: ReadonlySet<string> = new Set([CLUSTER, LISTENER, SCOPED_ROUTE_CONFIGURATION]);
