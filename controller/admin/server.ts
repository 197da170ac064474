import type { Registry } from "prom-client";

/**
 * Serves `/metrics`, `/healthz` (also `/health`) and `/readyz` until the signal aborts.
 * Throws when the address cannot be listened on.
 */
export function serveAdmin(options: AdminOptions): AdminServer {
  const { address, port, signal } = options;
  const server = listen(options);
  signal.addEventListener("abort", () => server.shutdown(), { once: true });
  if (signal.aborted) server.shutdown();
  return {
    address: server.addr.hostname,
    port: server.addr.port,
    finished: server.finished,
  };

  function listen(options: AdminOptions): Deno.HttpServer<Deno.NetAddr> {
    try {
      return Deno.serve(
        { hostname: address, port, onListen: () => {} },
        (request) => answer(request, options),
      );
    } catch (cause) {
      throw new Error(`Cannot serve metrics and health on ${address}:${port}: ${reason(cause)}`, {
        cause,
      });
    }
  }
}

/** Where to listen, and whom to ask. */
export interface AdminOptions {
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly readiness: () => Readiness;
  readonly health: () => Health;
  readonly metrics: Registry;
  readonly signal: AbortSignal;
}

/** Whether traffic may come; if not, what is being waited for. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** Whether the process does its work; if not, what is wrong. */
export interface Health {
  readonly healthy: boolean;
  readonly reasons: readonly string[];
}

/** A server that listens already. */
export interface AdminServer {
  readonly address: string;
  readonly port: number;
  /** Settles when the last answer is out after the signal aborted. */
  readonly finished: Promise<void>;
}

async function answer(request: Request, options: AdminOptions): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return text(405, "Only GET is answered here", { allow: "GET, HEAD" });
  }
  switch (new URL(request.url).pathname) {
    case "/metrics":
      return text(200, await options.metrics.metrics(), {
        "content-type": options.metrics.contentType,
      });
    case "/health":
    case "/healthz": {
      const { healthy, reasons } = options.health();
      return healthy ? text(200, "OK") : text(503, reasons.join("\n"));
    }
    case "/readyz": {
      const { ready, reasons } = options.readiness();
      return ready ? text(200, "OK") : text(503, reasons.join("\n"));
    }
    case "/":
      return text(200, "/metrics\n/healthz\n/readyz");
    default:
      return text(404, "Not found; there are /metrics, /healthz and /readyz");
  }
}

function text(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body.endsWith("\n") ? body : `${body}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use";
  return error instanceof Error ? error.message : String(error);
}
