/** An Envoy that we run: started, listened to, started again when it dies, and stopped with us. */
import { join } from "node:path";
import type { Address } from "./address.ts";
import { type AdminAnswer, adminGet, pause, waitUntilReady } from "./admin.ts";
import { bootstrapJson, type BootstrapOptions } from "./bootstrap.ts";

export interface EnvoyProcessOptions {
  /** The path of the binary, as `envoyBinary` answers it. */
  readonly binary: string;
  /** Without `admin`, the interface listens on a socket in a folder of this process alone. */
  readonly bootstrap: Omit<BootstrapOptions, "admin"> & { readonly admin?: Address };
  /** Worker threads. Default: one per processor. */
  readonly concurrency?: number;
  /** `trace` to `critical`, or `off`. Default `warning`. */
  readonly logLevel?: string;
  /** Further arguments for Envoy. */
  readonly args?: readonly string[];
  /** Hears all that happens. */
  readonly onEvent?: (event: EnvoyEvent) => void;
  /** Ends it: Envoy is asked to stop, and killed if it does not. */
  readonly signal: AbortSignal;
  /** How long it may take to stop. Default 5,000. */
  readonly stopTimeoutMs?: number;
  /** Wait before the first restart; doubles up to 10,000 while Envoy dies young. Default 250. */
  readonly restartDelayMs?: number;
}

export type EnvoyEvent =
  | { readonly kind: "started"; readonly pid: number }
  /** A line that Envoy wrote: its log on stderr, or an access log on stdout. */
  | { readonly kind: "line"; readonly stream: "stdout" | "stderr"; readonly text: string }
  /** It ended though nobody asked it to, and is started again. */
  | { readonly kind: "died"; readonly how: string; readonly restartInMs: number }
  | { readonly kind: "stopped" };

export interface EnvoyProcess {
  /** Where the admin interface listens. */
  readonly admin: Address;
  /** Asks the admin interface; see `adminGet`. */
  readonly adminGet: (path: string, signal?: AbortSignal) => Promise<AdminAnswer>;
  /** Waits until Envoy is ready; see `waitUntilReady`. Ends with the process, too. */
  readonly ready: (signal?: AbortSignal) => Promise<void>;
  /** Resolves when Envoy is stopped and its files are gone. Rejects where it cannot be started. */
  readonly done: Promise<void>;
}

/**
 * Runs an Envoy until `signal` ends it. Many may run beside each other: they share no memory (hot
 * restart is off), and none of them outlives us: where `setpriv` is on the PATH (util-linux, so on
 * most Linux systems), the kernel kills Envoy when this process is killed hard. Elsewhere such an
 * Envoy would stay and keep its last configuration.
 */
export async function envoyProcess(options: EnvoyProcessOptions): Promise<EnvoyProcess> {
  const { bootstrap, signal } = options;
  // Not deeper than this: the path of a socket must fit 107 bytes.
  const folder = await Deno.makeTempDir({ prefix: "contour-envoy-" });
  const admin = bootstrap.admin ?? { path: join(folder, "admin.sock") };
  const file = join(folder, "bootstrap.json");
  await Deno.writeTextFile(file, bootstrapJson({ ...bootstrap, admin }));
  const done = supervise(options, commandLine(options, file))
    .finally(() => Deno.remove(folder, { recursive: true }));
  done.catch(() => {}); // reported to whoever waits for `done`
  const within = (other?: AbortSignal) => other ? AbortSignal.any([signal, other]) : signal;
  return {
    admin,
    adminGet: (path, other) => adminGet(admin, path, within(other)),
    ready: (other) => waitUntilReady(admin, within(other)),
    done,
  };
}

/** How to start Envoy with a bootstrap file: the binary and its arguments. */
export function envoyCommand(
  options: Pick<EnvoyProcessOptions, "binary" | "concurrency" | "logLevel" | "args">,
  bootstrapFile: string,
): readonly string[] {
  const { binary, concurrency, logLevel = "warning", args = [] } = options;
  return [
    binary,
    ...["-c", bootstrapFile, "--log-level", logLevel, "--disable-hot-restart"],
    ...(concurrency === undefined ? [] : ["--concurrency", String(concurrency)]),
    ...args,
  ];
}

function commandLine(options: EnvoyProcessOptions, file: string): readonly string[] {
  const command = envoyCommand(options, file);
  const setpriv = findOnPath("setpriv");
  return setpriv ? [setpriv, "--pdeathsig", "KILL", ...command] : command;
}

function findOnPath(name: string): string | undefined {
  return (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
}

/** An Envoy that lived this long was healthy: its death is no sign of a bad start. */
const healthyMs = 30_000;
const longestDelayMs = 10_000;

async function supervise(
  options: EnvoyProcessOptions,
  command: readonly string[],
): Promise<void> {
  const { signal, onEvent = () => {}, restartDelayMs = 250 } = options;
  let delay = restartDelayMs;
  while (!signal.aborted) {
    const started = performance.now();
    const status = await runOnce(options, command);
    if (signal.aborted) break;
    if (performance.now() - started > healthyMs) delay = restartDelayMs;
    const how = status.signal ? `signal ${status.signal}` : `exit code ${status.code}`;
    onEvent({ kind: "died", how, restartInMs: delay });
    await pause(delay, signal);
    delay = Math.min(delay * 2, longestDelayMs);
  }
  onEvent({ kind: "stopped" });
}

async function runOnce(
  options: EnvoyProcessOptions,
  [program = "", ...args]: readonly string[],
): Promise<Deno.CommandStatus> {
  const { signal, onEvent = () => {}, stopTimeoutMs = 5000 } = options;
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Our own Ctrl-C must reach us first: with a group of its own Envoy stops when we say so.
    detached: true,
  }).spawn();
  onEvent({ kind: "started", pid: child.pid });
  const lines = Promise.all((["stdout", "stderr"] as const).map(async (stream) => {
    for await (const text of linesOf(child[stream])) onEvent({ kind: "line", stream, text });
  }));
  let force: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    kill(child, "SIGTERM");
    force = setTimeout(() => kill(child, "SIGKILL"), stopTimeoutMs);
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    const status = await child.status;
    await lines;
    return status;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(force);
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended between our looking and our asking.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const part of stream) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
