import type { Buffer } from "node:buffer";
import { WireReader } from "../wire/reader.ts";
import { WireWriter } from "../wire/writer.ts";
import type { GrpcMethod, StreamCall } from "./call.ts";
import { GrpcError, grpcStatus } from "./status.ts";

/**
 * `grpc.health.v1.Health` (https://github.com/grpc/grpc/blob/master/doc/health-checking.md) of some
 * services by name. The empty name is the server as a whole, which serves for as long as it answers.
 */
export class HealthService {
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly #states = new Map<string, boolean>([["", true]]);
  readonly #watchers = new Set<Watcher>();

  constructor(services: readonly string[]) {
    for (const service of services) this.#states.set(service, false);
    this.methods = new Map<string, GrpcMethod>([
      [`/${healthService}/Check`, { kind: "unary", call: (request) => this.#check(request) }],
      [`/${healthService}/List`, { kind: "unary", call: () => this.#list() }],
      [`/${healthService}/Watch`, { kind: "stream", open: (call) => this.#watch(call) }],
    ]);
  }

  /** Whether a service can do its work now. */
  set(service: string, isServing: boolean): void {
    if (this.#states.get(service) === isServing) return;
    this.#states.set(service, isServing);
    for (const watcher of this.#watchers) if (watcher.service === service) this.#tell(watcher);
  }

  /** Ends what would last. */
  close(): void {
    for (const { call } of [...this.#watchers]) call.end();
    this.#watchers.clear();
  }

  #check(request: Buffer): Uint8Array {
    const service = nameIn(request);
    if (!this.#states.has(service)) throw new GrpcError(grpcStatus.notFound, "unknown service");
    return this.#response(service);
  }

  #list(): Uint8Array {
    const writer = new WireWriter();
    for (const service of this.#states.keys()) {
      writer.message(1, () => writer.text(1, service).bytes(2, this.#response(service)));
    }
    return writer.finish();
  }

  #watch(call: StreamCall) {
    let watcher: Watcher | undefined;
    const leave = () => {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    };
    return {
      message: (request: Buffer) => {
        if (watcher !== undefined) return;
        if (this.#watchers.size >= maxWatchers) {
          return call.end(grpcStatus.resourceExhausted, "Too many follow it");
        }
        watcher = { service: nameIn(request), call };
        this.#watchers.add(watcher);
        this.#tell(watcher);
      },
      ended: () => {
        if (watcher === undefined) call.end(grpcStatus.invalidArgument, "A request is needed");
      },
      closed: leave,
    };
  }

  #tell({ service, call }: Watcher): void {
    call.send(this.#response(service));
  }

  #response(service: string): Uint8Array {
    const state = this.#states.get(service);
    const status = state === undefined ? serviceUnknown : state ? serving : notServing;
    return new WireWriter().number(1, status).finish();
  }
}

/** The name of the protocol's service. */
export const healthService = "grpc.health.v1.Health";

interface Watcher {
  readonly service: string;
  readonly call: StreamCall;
}

const maxWatchers = 1_000;

const serving = 1;
const notServing = 2;
const serviceUnknown = 3;

function nameIn(request: Buffer): string {
  const reader = new WireReader(request);
  let name = "";
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else reader.skip();
  }
  return name;
}
