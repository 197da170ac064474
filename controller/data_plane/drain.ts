/** Taking an Envoy out of service without losing a request. */
import type { Address } from "./address.ts";
import { adminGet, adminPost, pause } from "./admin.ts";

/**
 * Drains an Envoy: has it call itself unhealthy, so that load balancers turn away and clients are
 * asked to close their connections, and waits until few enough are left. Then creates the ready
 * file, for which whoever stops Envoy waits. An Envoy that does not answer is asked again without
 * end: only `signal` says how long that may take. Rejects with its reason when it does.
 */
export async function drainEnvoy(options: DrainOptions): Promise<void> {
  const { admin, readyFile, signal, onEvent } = options;
  const wait = async (ms: number) => {
    await pause(ms, signal);
    signal.throwIfAborted();
  };
  await wait(options.drainDelayMs);
  await turnUnhealthy(options, wait);
  await wait(options.checkDelayMs);
  for (;;) {
    const open = await openConnections(admin, signal);
    signal.throwIfAborted();
    onEvent(
      typeof open === "number"
        ? { kind: "connections", open }
        : { kind: "not counted", message: open.message },
    );
    if (typeof open === "number" && open <= options.minOpenConnections) break;
    await wait(options.checkIntervalMs);
  }
  await Deno.writeTextFile(readyFile, "");
  onEvent({ kind: "drained" });
}

/** How to drain. Times are in milliseconds. */
export interface DrainOptions {
  readonly admin: Address;
  /** Before anything is done. */
  readonly drainDelayMs: number;
  /** Between turning unhealthy and the first look at the connections. */
  readonly checkDelayMs: number;
  /** Between two looks. */
  readonly checkIntervalMs: number;
  /** With that many open connections, or fewer, Envoy counts as drained. */
  readonly minOpenConnections: number;
  /** Created at the end, where whoever stops Envoy looks for it. */
  readonly readyFile: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: DrainEvent) => void;
}

/** How far it came. */
export type DrainEvent =
  /** Envoy's `/ready` answers 503 from now on. */
  | { readonly kind: "unhealthy" }
  /** Envoy could not be told; it is waited for all the same. */
  | { readonly kind: "not told"; readonly message: string }
  | { readonly kind: "connections"; readonly open: number }
  | { readonly kind: "not counted"; readonly message: string }
  /** The ready file is there. */
  | { readonly kind: "drained" };

/** Waits before the second, third and fourth attempt, in milliseconds. */
const attemptDelaysMs = [200, 1_000, 5_000];

/** An admin interface that does not answer within this many milliseconds is asked again. */
const answerTimeoutMs = 5_000;

async function turnUnhealthy(
  { admin, signal, onEvent }: DrainOptions,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  for (const delayMs of [...attemptDelaysMs, undefined]) {
    const problem = await refusal(admin, "/healthcheck/fail", signal);
    if (problem === undefined) return onEvent({ kind: "unhealthy" });
    if (delayMs === undefined) return onEvent({ kind: "not told", message: problem });
    // Many Envoys may be drained at once.
    await wait(delayMs * (1 + Math.random() / 10));
  }
}

/** Why Envoy did not do as it was told; `undefined` when it did. */
async function refusal(
  admin: Address,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { status, body } = await adminPost(admin, path, within(signal));
    return status === 200 ? undefined : `Envoy answered ${status}: ${body.trim()}`;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

async function openConnections(admin: Address, signal: AbortSignal): Promise<number | Error> {
  try {
    const filter = encodeURIComponent(String.raw`^http\..*\.downstream_cx_active$`);
    const path = `/stats/prometheus?filter=${filter}`;
    const { status, body } = await adminGet(admin, path, within(signal));
    if (status !== 200) return new Error(`Envoy answered ${status}: ${body.trim()}`);
    const open = connectionsIn(body);
    return open ?? new Error("Envoy gave no number of connections");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function within(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
}

/** Connection managers whose connections are no client's. */
const ownManagers = new Set(["admin", "envoy-admin", "stats", "health", "stats-health"]);

/**
 * The clients' open HTTP connections by Envoy's statistics in Prometheus' text form; `undefined`
 * when they do not say. See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats
 */
export function connectionsIn(statistics: string): number | undefined {
  const sample =
    /^envoy_http_downstream_cx_active\{[^}]*envoy_http_conn_manager_prefix="([^"]*)"[^}]*\}\s+(\S+)/gm;
  let total: number | undefined;
  for (const [, manager = "", count] of statistics.matchAll(sample)) {
    total = (total ?? 0) + (ownManagers.has(manager) ? 0 : Number(count));
  }
  return total;
}
