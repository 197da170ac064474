import type { Endpoint, ServeOptions } from "./serve_options.ts";

/**
 * Replaces port 0 of the ports that Envoy will listen on by free ones: they stand in resources, so
 * they have to be known before Envoy takes them. Ours are taken when we listen.
 */
export function takeFreePorts(options: ServeOptions): ServeOptions {
  const wanted = [options.envoyHttp, options.envoyHttps, options.stats];
  const held: Deno.TcpListener[] = [];
  const fixed = wanted.map(({ address, port }): Endpoint => {
    if (port !== 0) return { address, port };
    const listener = Deno.listen({ hostname: address, port: 0 });
    held.push(listener);
    return { address, port: listener.addr.port };
  });
  for (const listener of held) listener.close();
  const [envoyHttp, envoyHttps, stats] = fixed;
  return {
    ...options,
    envoyHttp: envoyHttp ?? options.envoyHttp,
    envoyHttps: envoyHttps ?? options.envoyHttps,
    stats: stats ?? options.stats,
  };
}
