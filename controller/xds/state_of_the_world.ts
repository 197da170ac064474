import type { NodeRef } from "./event.ts";
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
    if (error !== undefined) {
      this.#stream.node.refuseWhole(this.#identity(typeUrl, state.sent), error);
      state.world = state.taken;
    }
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
        if (written?.kind === "sent") {
          responses.push(written.response);
          continue;
        }
        // There are no words for it, or it was answered before: nobody is going to.
        const { typeUrl, nonce } = response;
        const answer = {
          subscribe: [],
          unsubscribe: [],
          initialVersions: {},
          ...(written === undefined ? {} : { error: written.error }),
        };
        this.#stream.receive({ ...answer, typeUrl, responseNonce: nonce }, now);
        isDone = false;
      }
    }
    return responses;
  }

  /** What makes two responses the same. */
  #identity(typeUrl: string, resources: readonly Resource[]): string {
    return [typeUrl, ...resources.map(({ name, version }) => `${name} ${version}`).sort()].join(
      "\n",
    );
  }

  #written({ typeUrl, nonce, resources, removed }: StreamResponse): Written | undefined {
    const state = this.#types.get(typeUrl) ?? newState();
    this.#types.set(typeUrl, state);
    if (!wholeTypes.has(typeUrl)) {
      // That there is none of a name cannot be said.
      if (resources.length === 0) return undefined;
      const error = this.#stream.node.wholeRefusal(this.#identity(typeUrl, resources));
      if (error !== undefined) return { kind: "refused", error };
      state.sent = resources;
      state.nonce = nonce;
      return { kind: "sent", response: { typeUrl, nonce, resources } };
    }
    const world = new Map(state.taken);
    for (const name of removed) world.delete(name);
    for (const resource of resources) world.set(resource.name, resource);
    // What is sent by itself may make up the same whole that was refused.
    const all = [...world.values()];
    const error = this.#stream.node.wholeRefusal(this.#identity(typeUrl, all));
    if (error !== undefined) return { kind: "refused", error };
    state.world = world;
    state.sent = all;
    state.nonce = nonce;
    return { kind: "sent", response: { typeUrl, nonce, resources: all } };
  }
}

/** What of a `DiscoveryRequest` matters. */
export interface WorldRequest {
  /** Empty in a stream's later requests. */
  readonly node?: NodeRef;
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
  /** The resources of the last response. */
  sent: readonly Resource[];
}

type Written =
  | { readonly kind: "sent"; readonly response: WorldResponse }
  | { readonly kind: "refused"; readonly error: string };

function newState(): TypeState {
  const empty = new Map<string, Resource>();
  return { nonce: "", names: new Set(), taken: empty, world: empty, sent: [] };
}

/** Types of which a response holds everything, and what is not in it is gone. */
const wholeTypes: ReadonlySet<string> = new Set([CLUSTER, LISTENER, SCOPED_ROUTE_CONFIGURATION]);
