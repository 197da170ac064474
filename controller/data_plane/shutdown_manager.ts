/** The server that holds Envoy's end back until it is drained. */
import { pause } from "./admin.ts";

/**
 * Answers `/healthz` at once, and `/shutdown` when the ready file exists: a hook that asks for the
 * latter before Envoy is stopped has it live until it is drained. After the signal what still waits
 * is answered with 503. A ready file of an earlier life is removed. Throws when the port cannot be
 * listened on.
 */
export async function serveShutdownManager(
  options: ShutdownManagerOptions,
): Promise<ShutdownManager> {
  const { readyFile, port, signal } = options;
  await Deno.remove(readyFile).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  let drained: Promise<boolean> | undefined;
  // One look for all who wait: those who hung up then leave nothing behind.
  const server = listen(port, (request) => answer(request, () => drained ??= isDrained(options)));
  const end = () => void server.shutdown();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return { port: server.addr.port, finished: server.finished };
}

/** What to serve where. */
export interface ShutdownManagerOptions {
  /** On all addresses; 0 takes any free port. */
  readonly port: number;
  /** What `drainEnvoy` creates. */
  readonly readyFile: string;
  /** Milliseconds between two looks at it; default 1,000. */
  readonly lookAgainMs?: number;
  readonly signal: AbortSignal;
}

/** A server that listens already. */
export interface ShutdownManager {
  readonly port: number;
  /** Settles when the last answer is out after the signal aborted. */
  readonly finished: Promise<void>;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** On all addresses, of both families where the machine has both. */
function listen(port: number, handler: Handler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "::", port, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Error(`Cannot listen on port ${port}: it is in use`, { cause: error });
    }
    return Deno.serve({ hostname: "0.0.0.0", port, onListen: () => {} }, handler);
  }
}

async function answer(request: Request, drained: () => Promise<boolean>): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return new Response("OK");
    case "/shutdown":
      return await drained()
        ? new Response("OK")
        : new Response("Envoy is not drained\n", { status: 503 });
    default:
      return new Response("Not found; there are /healthz and /shutdown\n", { status: 404 });
  }
}

/** Waits for the ready file; false when the signal comes first. */
async function isDrained(
  { readyFile, lookAgainMs = 1_000, signal }: ShutdownManagerOptions,
): Promise<boolean> {
  for (;;) {
    if (await exists(readyFile)) return true;
    if (signal.aborted) return false;
    await pause(lookAgainMs, signal);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await Deno.lstat(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
