import type { AskedRequest } from "../asked_request.ts";
import type { EnvoySnapshot } from "./config_dump.ts";
import type { HttpConnectionManagerJson, RouteConfigurationJson } from "./messages.ts";

/**
 * The route configurations that a connection manager looks into, in order: one by name; or the scope
 * of the host as it was asked for, then, where the script of our scoped layout runs, the scope of the
 * name in lower case and the one that holds the wildcard hosts.
 */
export function* routeConfigurations(
  envoy: EnvoySnapshot,
  config: HttpConnectionManagerJson,
  asked: AskedRequest,
): Generator<RouteConfigurationJson, void> {
  const { rds, route_config, scoped_routes } = config;
  if (route_config !== undefined) yield route_config;
  if (rds !== undefined) {
    const configuration = envoy.routeConfigurations.get(rds.route_config_name);
    if (configuration !== undefined) yield configuration;
  }
  if (scoped_routes === undefined) return;
  const lower = asked.authority.toLowerCase();
  const tried = new Set<string>();
  for (const authority of [asked.authority, lower, wildcards]) {
    if (tried.has(authority)) continue;
    tried.add(authority);
    const scope = envoy.scopes.get(keyFor(config, authority, asked));
    const configuration = scope?.route_configuration ??
      envoy.routeConfigurations.get(scope?.route_configuration_name ?? "");
    if (configuration !== undefined) yield configuration;
  }
}

/** What our script looks for in place of a host. */
const wildcards = "~";

function keyFor(
  { scoped_routes, early_header_mutation_extensions = [] }: HttpConnectionManagerJson,
  authority: string,
  { headers }: AskedRequest,
): string {
  const written = new Map<string, string>();
  for (const { typed_config: { mutations = [] } } of early_header_mutation_extensions) {
    for (const { append } of mutations) {
      const { key, value = "" } = append?.header ?? { key: "" };
      written.set(key.toLowerCase(), value.replaceAll("%REQ(:AUTHORITY)%", () => authority));
    }
  }
  const fragments = scoped_routes?.scope_key_builder.fragments ?? [];
  return fragments.map(({ header_value_extractor: { name, element_separator, index = 0 } }) => {
    const lower = name.toLowerCase();
    const value = lower === ":authority" || lower === "host"
      ? authority
      : written.get(lower) ?? headers[lower] ?? "";
    return element_separator === undefined ? value : value.split(element_separator)[index] ?? "";
  }).join("\0");
}
