import type { NodeRef } from "./event.ts";
import type { Buffer } from "node:buffer";
import { forOwnStreams } from "./own_streams.ts";
import type { Resource } from "./resource.ts";
import { StateOfTheWorld, type WorldRequest } from "./state_of_the_world.ts";
import type { Stream } from "./stream.ts";
import type { StreamRequest } from "./stream_message.ts";
import { encodeResponse, encodeWorldResponse } from "./wire.ts";

/** One side of a call: requests go in, and what is to be written comes out. */
export interface Conversation<Request> {
  receive(request: Request, now: number): void;
  /** What is to be written now, in this order. */
  pump(now: number): readonly Written[];
}

/** A response as bytes, and what is in it. */
export interface Written {
  readonly bytes: Buffer;
  readonly typeUrl: string;
  /** Names of its resources. */
  readonly names: readonly string[];
  /** Names it tells the Envoy to drop. */
  readonly removed: readonly string[];
}

/** What every request says, whatever the form of the protocol. */
export interface AnyRequest {
  /** Who asks; only in a call's first request. */
  readonly node?: NodeRef;
}

/** The incremental form, as the stream has it itself. */
export function incremental(stream: Stream): Conversation<StreamRequest> {
  return {
    receive: (request, now) => stream.receive(request, now),
    pump: (now) =>
      stream.pump(now).map((response) => {
        const { typeUrl, resources, removed } = response;
        return { bytes: encodeResponse(response), typeUrl, names: namesOf(resources), removed };
      }),
  };
}

/**
 * The older form. `type` is that of a call for one type alone, as Envoys make it that have no common
 * stream; `""` for a call for everything.
 */
export function stateOfTheWorld(stream: Stream, type: string): Conversation<WorldRequest> {
  const world = new StateOfTheWorld(stream);
  const bodyOf = type === "" ? ({ body }: Resource) => body : forOwnStreams;
  return {
    receive: (request, now) =>
      // Who asks by a stream for one type need not say which.
      world.receive({ ...request, typeUrl: request.typeUrl || type }, now),
    pump: (now) =>
      world.pump(now).map((response) => {
        const { typeUrl, resources } = response;
        const bytes = encodeWorldResponse(response, bodyOf);
        return { bytes, typeUrl, names: namesOf(resources), removed: [] };
      }),
  };
}

function namesOf(resources: readonly Resource[]): readonly string[] {
  return resources.map(({ name }) => name);
}
