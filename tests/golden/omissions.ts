import type { Json } from "../../proto/mod.ts";
import type { Section } from "./header.ts";

/**
 * What is left out of goldens because every case would say it again. Paths are in the form of
 * Envoy's JSON; `*` stands for any item, `-` at the end for items one by one. The cases in
 * `golden/httpproxy/defaults` show what others leave out.
 */
export const omissions: Readonly<Partial<Record<Section, Omissions>>> = {
  listeners: {
    asUsual: [
      "address",
      "socket_options",
      "listener_filters",
      "filter_chains/*/filters/*/name",
      ...[
        "stat_prefix",
        "rds/config_source",
        "scoped_routes",
        "http_filters/-",
        "common_http_protocol_options",
        "http_protocol_options",
        "access_log",
        "upgrade_configs",
        "upgrade_configs/*/filters/-",
        "use_remote_address",
        "preserve_external_request_id",
        "normalize_path",
        "merge_slashes",
        "early_header_mutation_extensions",
        "idle_timeout",
      ].map((field) => `filter_chains/*/filters/*/typed_config/${field}`),
      "filter_chains/*/transport_socket/name",
      ...[
        "alpn_protocols",
        "tls_params/tls_minimum_protocol_version",
        "tls_params/tls_maximum_protocol_version",
        "tls_params/cipher_suites",
        "tls_certificate_sds_secret_configs/*/sds_config",
      ].map((field) => `filter_chains/*/transport_socket/typed_config/common_tls_context/${field}`),
    ],
    derived: ["name"],
  },
  scopes: routeConfiguration("route_configuration/", ["key", "route_configuration/name"]),
  routes: routeConfiguration("", []),
  clusters: {
    asUsual: [
      "type",
      "eds_cluster_config/eds_config",
      "connect_timeout",
      "common_lb_config",
      "ignore_health_on_host_removal",
      "transport_socket/name",
      ...[
        "tls_minimum_protocol_version",
        "tls_maximum_protocol_version",
        "cipher_suites",
      ].map((field) => `transport_socket/typed_config/common_tls_context/tls_params/${field}`),
    ],
    derived: ["name", "alt_stat_name"],
  },
  endpoints: {
    asUsual: ["endpoints/*/load_balancing_weight"],
    derived: ["cluster_name"],
  },
  secrets: { asUsual: [], derived: ["name"] },
};

/** Which paths are left out of the resources of one type. */
export interface Omissions {
  /** Where the value is one that the plainest hosts have too. */
  readonly asUsual: readonly string[];
  /** Always: it follows from what is shown. */
  readonly derived: readonly string[];
}

function routeConfiguration(below: string, derived: readonly string[]): Omissions {
  return {
    asUsual: [
      "request_headers_to_add",
      "request_headers_to_remove",
      "ignore_port_in_host_matching",
      "max_direct_response_body_size_bytes",
      "typed_per_filter_config",
      "virtual_hosts/*/metadata",
      "virtual_hosts/*/request_headers_to_remove",
    ].map((path) => below + path),
    derived: [
      "name",
      ...derived,
      `${below}virtual_hosts/*/routes/*/metadata/filter_metadata/envoy.access_loggers.file`,
    ],
  };
}

/** The value without what stands at the paths and is among the usual values there. */
export function withoutUsual(
  value: Json,
  paths: readonly string[],
  usual: (path: string) => readonly Json[],
): Json {
  let result = value;
  for (const path of paths) {
    const known = new Set(usual(path).map((json) => JSON.stringify(json)));
    result = without(result, path.split("/"), (json) => known.has(JSON.stringify(json))) ?? {};
  }
  return result;
}

/** The value without whatever stands at the paths. */
export function withoutDerived(value: Json, paths: readonly string[]): Json {
  let result = value;
  for (const path of paths) result = without(result, path.split("/"), () => true) ?? {};
  return result;
}

/** All values at a path. */
export function valuesAt(value: Json, path: string): Json[] {
  return path.split("/").reduce<Json[]>(
    (values, step) =>
      values.flatMap((each) => step === "*" || step === "-" ? items(each) : field(each, step)),
    [value],
  );
}

/** `undefined` when nothing but emptiness would be left of it. */
function without(
  value: Json,
  [step, ...rest]: readonly string[],
  drop: (value: Json) => boolean,
): Json | undefined {
  if (step === undefined) return drop(value) ? undefined : value;
  if (Array.isArray(value)) {
    if (step === "-") {
      const left = value.filter((item) => !drop(item));
      return left.length === 0 ? undefined : left;
    }
    return step === "*" ? value.map((item) => without(item, rest, drop) ?? {}) : value;
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return value;
  const fields: [string, Json][] = [];
  for (const [name, each] of Object.entries(value)) {
    const left = name === step ? without(each, rest, drop) : each;
    if (left !== undefined) fields.push([name, left]);
  }
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

function items(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function field(value: Json, name: string): readonly Json[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(([each]) => each === name).map(([, found]) => found);
}
