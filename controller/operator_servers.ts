import { type Pages, servePages } from "./admin/mod.ts";
import type { TlsFilesEvent } from "./certs/mod.ts";
import type { Configuration, Endpoint } from "./configuration/mod.ts";

/**
 * Serves metrics, health and the debug pages, each where it is configured; what is configured to be
 * at one place shares a server. Rejects when one of the places cannot be listened on.
 */
export async function serveOperators(options: OperatorOptions): Promise<OperatorServers> {
  const { configuration, pages, onTlsEvent, signal } = options;
  const { metrics, health, debug } = configuration;
  const places = new Map<string, { readonly at: Endpoint; pages: Pages }>();
  for (
    const [at, more] of [
      [metrics, pages.metrics],
      [health, pages.health],
      [debug, pages.debug],
    ] as const
  ) {
    const place = places.get(idOf(at)) ?? { at, pages: {} };
    places.set(idOf(at), place);
    place.pages = { ...place.pages, ...more };
  }
  const opened = new Map<string, Endpoint>();
  const finished: Promise<void>[] = [];
  for (const [id, { at: { address, port }, pages }] of places) {
    const { tls } = id === idOf(metrics) ? metrics : { tls: undefined };
    const server = await servePages({
      address,
      port,
      ...(tls === undefined ? {} : { tls }),
      pages,
      onTlsEvent,
      signal,
    });
    opened.set(id, { address, port: server.port });
    finished.push(server.finished);
  }
  const where = (at: Endpoint) => opened.get(idOf(at)) ?? at;
  return {
    addresses: { http: where(metrics), health: where(health), debug: where(debug) },
    finished: Promise.all(finished),
  };
}

/** What to serve to operators. */
export interface OperatorOptions {
  readonly configuration: Pick<Configuration, "metrics" | "health" | "debug">;
  readonly pages: { readonly metrics: Pages; readonly health: Pages; readonly debug: Pages };
  /** Told of the certificates of metrics, when these are served by TLS. */
  readonly onTlsEvent: (event: TlsFilesEvent) => void;
  /** Ends the serving. */
  readonly signal: AbortSignal;
}

/** Servers that listen. */
export interface OperatorServers {
  /** With the ports that were really taken. */
  readonly addresses: {
    readonly http: Endpoint;
    readonly health: Endpoint;
    readonly debug: Endpoint;
  };
  /** Settles when the last answer is out after the signal aborted. */
  readonly finished: Promise<unknown>;
}

function idOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
