import { struct } from "../../proto/mod.ts";
import { listenerNames } from "./names.ts";
import type { RuntimeOptions } from "./options.ts";
import { encodedResource, type Resource, types } from "./resource.ts";

/**
 * The layer of runtime settings that a bootstrap asks us for. What options say by name beats what
 * is set by key.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime
 */
export function runtimeResource(options: RuntimeOptions): Resource {
  const layer = struct({ ...options.settings, ...namedSettings(options) });
  return encodedResource({
    type: types.runtime,
    name: layerName,
    message: { name: layerName, layer },
  });
}

/** What the layer is asked for by. */
const layerName = "dynamic";

function namedSettings(
  { maxRequestsPerIoCycle, maxConnectionsPerListener: most }: RuntimeOptions,
): Readonly<Record<string, number>> {
  const limits = Object.values(listenerNames).map((name) =>
    [`envoy.resource_limits.listener.${name}.connection_limit`, most ?? 0] as const
  );
  return {
    ...(maxRequestsPerIoCycle === undefined
      ? {}
      : { "http.max_requests_per_io_cycle": maxRequestsPerIoCycle }),
    ...(most === undefined ? {} : Object.fromEntries(limits)),
  };
}
