import type { EnvoyReach } from "./plugin/mod.ts";
import type { ServeOptions } from "./serve_options.ts";

/**
 * How Envoys reach servers of plugins: as they reach us for their configuration. In a cluster that is by
 * the Service `contour` in our namespace, unless xDS listens for this machine alone.
 */
export function envoyReach(
  { source, envoy, configuration }: Pick<ServeOptions, "source" | "envoy" | "configuration">,
): EnvoyReach {
  const { xds } = configuration;
  if (source.kind === "files" || envoy.kind === "managed" || isLoopback(xds.address)) {
    return { kind: "beside" };
  }
  const namespace = source.election?.namespace ?? configuration.envoy.service.namespace;
  const { tls: { certFile, keyFile, caFile } } = xds;
  return {
    kind: "elsewhere",
    listen: xds.address,
    host: `contour.${namespace}`,
    ...(xds.insecure ? {} : { tls: { certificate: certFile, key: keyFile, ca: caFile } }),
  };
}

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || address.startsWith("127.");
}
