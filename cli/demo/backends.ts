/**
 * Starts a small HTTP server for each name, on a free port of this machine. It answers with what it
 * saw of the request. They end with the signal.
 */
export function startBackends(names: readonly string[], signal: AbortSignal): Backends {
  const servers = names.map((name) => ({
    name,
    server: Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} },
      (request) => Response.json(seen(name, request)),
    ),
  }));
  return {
    list: servers.map(({ name, server: { addr } }) => ({
      name,
      address: addr.hostname,
      port: addr.port,
    })),
    finished: Promise.all(servers.map(({ server }) => server.finished)).then(() => {}),
  };
}

/** Servers that run. */
export interface Backends {
  readonly list: readonly Backend[];
  /** Settles when all have ended. */
  readonly finished: Promise<void>;
}

/** One server; its name is that of the Service in front of it. */
export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What a backend says of a request. */
export interface Seen {
  readonly backend: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

function seen(backend: string, request: Request): Seen {
  const { pathname, search } = new URL(request.url);
  return { backend, path: pathname + search, headers: Object.fromEntries(request.headers) };
}
