import * as grpc from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import type { Clock } from "./clock.ts";
import {
  type AnyRequest,
  type Conversation,
  incremental,
  stateOfTheWorld,
} from "./conversation.ts";
import type { NodeRef, RefusedResource, XdsEvent } from "./event.ts";
import { type NodeState, NodeStates } from "./node_state.ts";
import type { XdsCredentialsOptions } from "./credentials.ts";
import { listenFor, type Listening } from "./listening.ts";
import type { ResourceCache } from "./resource_cache.ts";
import type { WorldRequest } from "./state_of_the_world.ts";
import { MAX_RESPONSE_BYTES, Stream } from "./stream.ts";
import type { StreamReport, StreamRequest } from "./stream_message.ts";
import { decodeRequest, decodeWorldRequest, DELTA_METHOD, WORLD_METHODS } from "./wire.ts";

/**
 * Serves what the cache holds to every Envoy that connects: by incremental aggregated xDS, as our
 * bootstrap has it, and by the older forms for Envoys with another one. Streams follow the cache by
 * themselves. Rejects when the address cannot be listened on.
 */
export async function serveXds(options: XdsOptions): Promise<XdsServer> {
  // What goes wrong is told by our events and errors; grpc-js would write to stderr besides.
  grpc.setLogVerbosity(grpc.logVerbosity.NONE);
  const service = new XdsService(options);
  const server = new grpc.Server(channelOptions);
  server.addService({ delta: streamMethod(DELTA_METHOD, decodeRequest) }, {
    delta: (call: Call<StreamRequest>) => service.accept(call, { converse: incremental }),
  });
  for (const { path, type } of WORLD_METHODS) {
    server.addService({ world: streamMethod(path, decodeWorldRequest) }, {
      world: (call: Call<WorldRequest>) =>
        service.accept(call, {
          converse: (stream) => stateOfTheWorld(stream, type),
          // A part of all clusters would pass for all clusters.
          isWhole: true,
        }),
    });
  }
  const listening = await listenFor(server, options);
  const close = closer(server, listening, service, options.clock);
  options.signal.addEventListener("abort", () => void close(), { once: true });
  if (options.signal.aborted) await close();
  return {
    port: listening.port,
    close,
    nodes: () => service.nodes(),
    pump: () => service.pump(),
    forgive: (node) => service.forgive(node),
  };
}

/** Where and what to serve. */
export interface XdsOptions {
  /** An IP address or a name of this machine. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly cache: ResourceCache;
  /** Absent: plain text. */
  readonly tls?: XdsCredentialsOptions;
  /** Called with what happens, in order, within what caused it: it must be quick, and not throw. */
  readonly onEvent: (event: XdsEvent) => void;
  readonly clock: Clock;
  /** Closes the server when it aborts. */
  readonly signal: AbortSignal;
  /** How long a resource waits for what it needs, in milliseconds. Default: 15,000. */
  readonly maxHoldMs?: number;
}

/** A running xDS server. */
export interface XdsServer {
  /** The port it listens on. */
  readonly port: number;
  /** Ends all streams, then the server. Resolves when nothing of it is left. */
  close(): Promise<void>;
  /** How far each Envoy is: those connected, and those remembered. */
  nodes(): NodeReport[];
  /** Writes at once what would be written at the end of this microtask. */
  pump(): void;
  /**
   * Has an Envoy, or every one, try again what it refused: after a refusal with a cause outside the
   * configuration, such as an address in use.
   */
  forgive(node?: NodeRef): void;
}

/** How far an Envoy is. */
export interface NodeReport {
  readonly node: NodeRef;
  /** Its streams; none when it is away, two during a hot restart. */
  readonly streams: readonly StreamReport[];
  /** It is connected, and has all it should have, save what it refused. */
  readonly isSynced: boolean;
  /** What it does not take. */
  readonly refused: readonly RefusedResource[];
}

type Call<Request> = grpc.ServerDuplexStream<Request, Buffer>;

/** All streams of a server. */
class XdsService {
  readonly #options: XdsOptions;
  readonly #nodes = new NodeStates();
  readonly #connections = new Set<AnyConnection>();
  readonly #unwatch: () => void;
  #isPumpScheduled = false;

  constructor(options: XdsOptions) {
    this.#options = options;
    this.#unwatch = options.cache.watch(() => this.#schedulePump());
  }

  accept<Request extends AnyRequest>(
    call: Call<Request>,
    { converse, isWhole = false }: {
      readonly converse: (stream: Stream) => Conversation<Request>;
      /** Whether a response must hold all there is. */
      readonly isWhole?: boolean;
    },
  ): void {
    const connection = new Connection({
      call,
      converse,
      nodes: this.#nodes,
      server: this.#options,
      maxResponseBytes: () => isWhole ? Number.POSITIVE_INFINITY : this.#share(),
    });
    this.#connections.add(connection);
    connection.run(() => this.#connections.delete(connection));
  }

  pump(): void {
    for (const connection of [...this.#connections]) connection.pump();
  }

  /**
   * How much a response may hold: what is under way to all Envoys together has to stay in bounds,
   * however many come at once.
   */
  #share(): number {
    const share = Math.floor(MAX_UNDER_WAY_BYTES / this.#connections.size);
    return Math.max(MIN_RESPONSE_BYTES, Math.min(share, MAX_RESPONSE_BYTES));
  }

  nodes(): NodeReport[] {
    return this.#nodes.all().map((state) => {
      const streams = this.#streamsOf(state).map((stream) => stream.report());
      const isSynced = streams.length > 0 && streams.every((stream) => stream.isSynced);
      return { node: state.node, streams, isSynced, refused: state.standing() };
    });
  }

  forgive(node: NodeRef | undefined): void {
    for (const state of this.#nodes.all()) {
      const { id, cluster } = state.node;
      if (node !== undefined && (node.id !== id || node.cluster !== cluster)) continue;
      state.forgive();
      for (const stream of this.#streamsOf(state)) stream.reconsider();
    }
    this.pump();
  }

  /** Ends the streams; new ones are ended at once. */
  close(): void {
    this.#unwatch();
    for (const connection of [...this.#connections]) connection.end();
  }

  #streamsOf(state: NodeState): Stream[] {
    return [...this.#connections].map(({ stream }) => stream)
      .filter((stream) => stream !== undefined)
      .filter((stream) => stream.node === state);
  }

  /** Several changes within one turn of the event loop go out together. */
  #schedulePump(): void {
    if (this.#isPumpScheduled) return;
    this.#isPumpScheduled = true;
    queueMicrotask(() => {
      this.#isPumpScheduled = false;
      this.pump();
    });
  }
}

/** A call, whatever the form of the protocol. */
interface AnyConnection {
  /** Absent before the first request. */
  readonly stream: Stream | undefined;
  pump(): void;
  end(): void;
}

interface ConnectionOptions<Request> {
  readonly call: Call<Request>;
  readonly converse: (stream: Stream) => Conversation<Request>;
  readonly nodes: NodeStates;
  readonly server: XdsOptions;
  readonly maxResponseBytes: () => number;
}

/** One gRPC call and the stream it carries, from the first request on. */
class Connection<Request extends AnyRequest> implements AnyConnection {
  stream: Stream | undefined;
  readonly #own: ConnectionOptions<Request>;
  readonly #call: Call<Request>;
  readonly #nodes: NodeStates;
  readonly #options: XdsOptions;
  #conversation: Conversation<Request> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isOver = false;
  /** The client does not read: nothing is written until it does. */
  #isFull = false;
  #onOver: () => void = () => {};

  constructor(options: ConnectionOptions<Request>) {
    this.#own = options;
    this.#call = options.call;
    this.#nodes = options.nodes;
    this.#options = options.server;
  }

  run(onOver: () => void): void {
    this.#onOver = onOver;
    this.#call.on("data", (request: Request) => this.#guard(() => this.#receive(request)));
    this.#call.on("drain", () => {
      this.#isFull = false;
      this.pump();
    });
    this.#call.on("end", () => this.end());
    this.#call.on("cancelled", () => this.#over());
    this.#call.on("close", () => this.#over());
    this.#call.on("error", (error: Error) => this.#fail(error, "ended"));
  }

  pump(): void {
    this.#guard(() => this.#pump());
  }

  /** Ends the call without an error. */
  end(): void {
    this.#over();
    this.#call.end();
  }

  #receive(request: Request): void {
    if (this.#isOver) return;
    const { cache, clock, onEvent, maxHoldMs } = this.#options;
    const now = clock.now();
    if (this.stream === undefined) {
      const node = this.#nodes.connect(request.node ?? { id: "", cluster: "" }, now);
      onEvent({ kind: "connected", node: node.node });
      const bounds = maxHoldMs === undefined ? {} : { maxHoldMs };
      const { maxResponseBytes } = this.#own;
      this.stream = new Stream({ cache, node, emit: onEvent, now, maxResponseBytes, ...bounds });
      this.#conversation = this.#own.converse(this.stream);
    }
    this.#conversation?.receive(request, now);
    this.#pump();
  }

  #pump(): void {
    const { stream } = this;
    if (stream === undefined || this.#isOver || this.#isFull) return;
    const { clock, onEvent } = this.#options;
    for (const { bytes, typeUrl, names, removed } of this.#conversation?.pump(clock.now()) ?? []) {
      if (!this.#call.write(bytes)) this.#isFull = true;
      onEvent({
        kind: "sent",
        node: stream.node.node,
        typeUrl,
        names,
        removed,
        count: names.length,
        bytes: bytes.length,
      });
    }
    this.#cancelTimer?.();
    const deadline = stream.deadline();
    this.#cancelTimer = deadline === undefined
      ? undefined
      : clock.after(Math.max(0, deadline - clock.now()), () => this.pump());
  }

  /** What fails here ends this stream, and the Envoy comes back with a new one. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error, "open");
    }
  }

  #fail(error: unknown, call: "open" | "ended"): void {
    if (this.#isOver) return;
    const message = error instanceof Error ? error.message : String(error);
    const node = this.stream === undefined ? {} : { node: this.stream.node.node };
    this.#options.onEvent({ kind: "stream-failed", ...node, message });
    this.#over();
    if (call === "open") this.#call.emit("error", { code: grpc.status.INTERNAL, details: message });
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    if (this.stream !== undefined) {
      this.stream.close();
      this.#nodes.disconnect(this.stream.node, this.#options.clock.now());
      this.#options.onEvent({ kind: "disconnected", node: this.stream.node.node });
    }
    this.#onOver();
  }
}

/** A method by which both sides send at any time. */
function streamMethod<Request>(
  path: string,
  requestDeserialize: (bytes: Buffer) => Request,
): grpc.MethodDefinition<Request, Buffer> {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: () => {
      throw new TypeError("Cannot send a request: this is the server");
    },
    requestDeserialize,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  };
}

/** About as much as is under way to all Envoys together, of each type. */
const MAX_UNDER_WAY_BYTES = 8 << 20;

/** Less a response would only make more of them. */
const MIN_RESPONSE_BYTES = 32 << 10;

/** A reconnecting Envoy lists all it has in one request; what we send is bounded otherwise. */
const MAX_REQUEST_BYTES = 64 << 20;

const channelOptions: grpc.ChannelOptions = {
  "grpc.max_receive_message_length": MAX_REQUEST_BYTES,
  "grpc.max_send_message_length": -1,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  // Its bookkeeping costs each connection something, and nobody reads it.
  "grpc.enable_channelz": 0,
};

/** How long clients get to hang up once their streams are ended, in milliseconds. */
const GRACE_MS = 1_000;

function closer(
  server: grpc.Server,
  listening: Listening,
  service: XdsService,
  clock: Clock,
): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () =>
    closing ??= new Promise((resolve) => {
      listening.stop();
      service.close();
      const cancelTimer = clock.after(GRACE_MS, () => {
        server.forceShutdown();
        listening.cut();
      });
      server.tryShutdown(() => {
        cancelTimer();
        listening.cut();
        resolve();
      });
    });
}
