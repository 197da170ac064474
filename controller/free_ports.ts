import type { Endpoint, ServeOptions } from "./serve_options.ts";

/**
 * Replaces port 0 of the ports that Envoy will listen on by free ones: they stand in resources, so
 * they have to be known before Envoy takes them. Ours are taken when we listen.
 *
 * Throws an `Error` when an Envoy of ours is to have a port that somebody else has. Envoy itself
 * would go on without it, or take its part of the connections of another Envoy.
 */
export function takeFreePorts(options: ServeOptions): ServeOptions {
  const held: Deno.TcpListener[] = [];
  const take = ({ address, port }: Endpoint, what: string): Endpoint => {
    if (port !== 0 && options.envoy.kind === "external") return { address, port };
    const listener = listen({ address, port }, what);
    held.push(listener);
    return { address, port: listener.addr.port };
  };
  try {
    const { envoy } = options.configuration;
    const http = take(envoy.http, "HTTP");
    const https = take(envoy.https, "HTTPS");
    const metrics = take(envoy.metrics, "statistics");
    const isShared = envoy.health.address === envoy.metrics.address &&
      envoy.health.port === envoy.metrics.port;
    const health = isShared ? metrics : take(envoy.health, "health");
    return {
      ...options,
      configuration: {
        ...options.configuration,
        envoy: {
          ...envoy,
          http: { ...envoy.http, ...http },
          https: { ...envoy.https, ...https },
          metrics: { ...envoy.metrics, ...metrics },
          health,
        },
      },
    };
  } finally {
    for (const listener of held) listener.close();
  }
}

function listen({ address, port }: Endpoint, what: string): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: address, port });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "the address is in use"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`Cannot let Envoy listen on ${address}:${port} for ${what}: ${reason}`, {
      cause,
    });
  }
}
