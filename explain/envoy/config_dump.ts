import type {
  ClusterJson,
  EndpointsJson,
  ListenerJson,
  RouteConfigurationJson,
  ScopeJson,
} from "./messages.ts";

/**
 * What an Envoy runs by, from the JSON that its admin interface answers to
 * `/config_dump?include_eds`: what is in force, not what is still being warmed. Throws a `SyntaxError`
 * when the text is no such dump.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump.proto
 */
export function readConfigDump(text: string): EnvoySnapshot {
  const dump = parse(text);
  const sections = new Map(dump.map((section) => [section["@type"].split(".").at(-1), section]));
  const list = <Item>(section: string, field: string) =>
    (sections.get(section)?.[field] ?? []) as readonly Item[];

  const listeners = list<{ active_state?: { listener: ListenerJson } }>(
    "ListenersConfigDump",
    "dynamic_listeners",
  ).flatMap(({ active_state }) => active_state?.listener ?? []);
  const routeConfigurations = [
    ...list<{ route_config: RouteConfigurationJson }>(
      "RoutesConfigDump",
      "dynamic_route_configs",
    ),
    ...list<{ route_config: RouteConfigurationJson }>("RoutesConfigDump", "static_route_configs"),
  ].map(({ route_config }) => [route_config.name ?? "", route_config] as const);
  const scopes = list<{ name: string; scoped_route_configs: readonly ScopeJson[] }>(
    "ScopedRoutesConfigDump",
    "dynamic_scoped_route_configs",
  ).flatMap(({ scoped_route_configs }) => scoped_route_configs);
  const clusters = [
    ...list<{ cluster: ClusterJson }>("ClustersConfigDump", "dynamic_active_clusters"),
    ...list<{ cluster: ClusterJson }>("ClustersConfigDump", "static_clusters"),
  ].map(({ cluster }) => [cluster.name, cluster] as const);
  const endpoints = [
    ...list<{ endpoint_config: EndpointsJson }>("EndpointsConfigDump", "dynamic_endpoint_configs"),
    ...list<{ endpoint_config: EndpointsJson }>("EndpointsConfigDump", "static_endpoint_configs"),
  ].map(({ endpoint_config }) => [endpoint_config.cluster_name, endpoint_config] as const);
  return {
    listeners,
    routeConfigurations: new Map(routeConfigurations),
    scopes: new Map(
      scopes.map((scope) => [
        scope.key.fragments.map(({ string_key }) => string_key).join("\0"),
        scope,
      ]),
    ),
    clusters: new Map(clusters),
    endpoints: new Map(endpoints),
  };
}

/** See {@link readConfigDump}. */
export interface EnvoySnapshot {
  readonly listeners: readonly ListenerJson[];
  readonly routeConfigurations: ReadonlyMap<string, RouteConfigurationJson>;
  /** By the fragments of their keys, joined by NUL. */
  readonly scopes: ReadonlyMap<string, ScopeJson>;
  readonly clusters: ReadonlyMap<string, ClusterJson>;
  /** By the name of the cluster they are for, or the name it asks EDS for. */
  readonly endpoints: ReadonlyMap<string, EndpointsJson>;
}

type Section = Readonly<Record<string, unknown>> & { readonly "@type": string };

function parse(text: string): readonly Section[] {
  const value: unknown = JSON.parse(text);
  const configs = typeof value === "object" && value !== null && "configs" in value
    ? value.configs
    : undefined;
  if (Array.isArray(configs) && configs.every(isSection)) return configs;
  throw new SyntaxError("It is no config dump of Envoy");
}

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && "@type" in value &&
    typeof value["@type"] === "string";
}
