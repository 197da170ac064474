/** What a real Envoy makes of requests, and what it is configured to. */
import { askAt, type Gateway } from "../support/gateway.ts";
import type { HttpAnswer } from "../support/http_client.ts";

/** A request, as both sides are asked it. */
export interface AskedOfBoth {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: boolean;
}

/** What came of it. */
export interface Observed {
  /** Name of Envoy's route; "-" for none, "" where there was no connection. */
  readonly route: string;
  /** 0 where there was no connection. */
  readonly status: number;
  /** What client and upstream got to see: equal for equal treatment, whoever the upstream is. */
  readonly seen: string;
  /** Who answered; "" for Envoy itself. */
  readonly backend: string;
}

/** Asks one side. */
export async function observe(
  { place, envoy }: Gateway,
  { tls, ...request }: AskedOfBoth,
  ca: string,
): Promise<Observed> {
  const id = crypto.randomUUID();
  const answer = await askAt(place, {
    ...request,
    headers: { ...request.headers, "x-request-id": id },
    ...(tls ? { tls: { ca } } : {}),
  }).catch((error: Error) => error);
  if (answer instanceof Error) {
    if (!tls) throw answer;
    return { route: "", status: 0, seen: "", backend: "" };
  }
  return {
    route: await envoy.ruleOf(id),
    status: answer.status,
    seen: JSON.stringify([answer.status, ...seenOf(answer)]),
    backend: answer.headers["x-backend"] ?? "",
  };
}

const passing =
  /^(date|server|x-backend|x-envoy-upstream-service-time|content-length|connection|keep-alive|transfer-encoding)$/;
const ofEach =
  /^(x-request-id|x-forwarded-for|x-envoy-expected-rq-timeout-ms|x-envoy-attempt-count|x-request-start)$/;

function seenOf({ headers, body }: HttpAnswer): readonly unknown[] {
  const own = Object.entries(headers).filter(([name]) => !passing.test(name)).sort();
  if (headers["x-backend"] === undefined) return [own, body];
  const { path, host, method, headers: upstream } = JSON.parse(body);
  const reached = Object.entries(upstream).filter(([name]) => !ofEach.test(name)).sort();
  return [own, path, host, method, reached];
}

/** What an Envoy is told to do with requests, by host and name of route. */
export interface RouteTable {
  /** All of its routes of this name for a host. */
  routes(fqdn: string, tls: boolean, name: string): readonly KnownRoute[];
  /** What a client meets before a request over TLS. */
  connection(fqdn: string): string;
}

/** A route as Envoy has it. */
export interface KnownRoute {
  /** What is done, by itself and its host: without name, conditions and what shows in answers. */
  readonly text: string;
  /** All of it, but for its name. */
  readonly whole: string;
  /** Whether chance has a say in where a request goes. */
  readonly isShared: boolean;
}

/** Reads what Envoy runs by off Envoy itself. */
export async function routeTable({ envoy }: Gateway): Promise<RouteTable> {
  const dump = JSON.parse(await envoy.admin("/config_dump")) as { configs: readonly Dump[] };
  const hosts = new Map<string, VirtualHost>();
  const chains = new Map<string, string>();
  const add = (tls: boolean, { virtual_hosts = [] }: RouteConfiguration) => {
    for (const host of virtual_hosts) {
      for (const domain of host.domains) hosts.set(`${domain} ${tls}`, host);
    }
  };
  for (const config of dump.configs) {
    for (const { route_config } of config.dynamic_route_configs ?? []) {
      add(/^https\//.test(route_config.name ?? ""), route_config);
    }
    for (const { scoped_route_configs = [] } of config.dynamic_scoped_route_configs ?? []) {
      for (const { route_configuration } of scoped_route_configs) {
        if (route_configuration !== undefined) add(false, route_configuration);
      }
    }
    for (const { active_state } of config.dynamic_listeners ?? []) {
      for (const chain of active_state?.listener.filter_chains ?? []) {
        const [name] = chain.filter_chain_match?.server_names ?? [];
        if (name !== undefined) chains.set(name, canonical(chain.transport_socket));
      }
    }
  }
  return {
    routes(fqdn, tls, name) {
      const host = hosts.get(`${fqdn} ${tls}`);
      if (host === undefined) return [];
      return (host.routes ?? []).filter((route) => route.name === name)
        .map((route) => known(host, fqdn, route));
    },
    connection: (fqdn) => chains.get(fqdn) ?? "",
  };
}

function known(host: VirtualHost, fqdn: string, message: RouteMessage): KnownRoute {
  const { name: _, match: __, metadata: ___, route, redirect, ...others } = message;
  const { prefix_rewrite: ____, weighted_clusters, cluster, ...rest } = route ?? {};
  const { prefix_rewrite: _____, ...target } = redirect ?? {};
  const clusters = weighted_clusters?.clusters ??
    (cluster === undefined ? [] : [{ name: cluster, weight: 1 }]);
  const parts = shares(clusters);
  const { typed_per_filter_config: ofHost = {}, rate_limits } = host;
  // A route that says something of its own is not told what its host says.
  const own = new Set(Object.keys(message.typed_per_filter_config ?? {}));
  const filters = Object.entries(ofHost).filter(([filter]) => !own.has(filter));
  const inherited = canonical([rate_limits, Object.fromEntries(filters)]);
  return {
    // The names of local limits are made of those of the hosts.
    text: canonical([route && rest, parts, redirect && target, others]) +
      inherited.replaceAll(fqdn, ""),
    whole: canonical({ ...message, name: "", metadata: {} }) + inherited,
    isShared: parts.length > 1,
  };
}

/** What each cluster gets, with what is done for it, of a thousand. */
function shares(clusters: readonly WeightedCluster[]): readonly unknown[] {
  const total = clusters.reduce((sum, { weight = 0 }) => sum + weight, 0);
  const found = new Map<string, number>();
  for (const { weight = 0, ...rest } of clusters) {
    if (weight === 0) continue;
    const key = canonical(rest);
    found.set(key, (found.get(key) ?? 0) + Math.round(weight / total * 1_000));
  }
  return [...found].sort();
}

/** The same text for the same value: Envoy writes maps in any order. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_name, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}

interface Dump {
  readonly dynamic_route_configs?: readonly { readonly route_config: RouteConfiguration }[];
  readonly dynamic_scoped_route_configs?: readonly {
    readonly scoped_route_configs?: readonly {
      readonly route_configuration?: RouteConfiguration;
    }[];
  }[];
  readonly dynamic_listeners?: readonly {
    readonly active_state?: { readonly listener: { readonly filter_chains?: readonly Chain[] } };
  }[];
}

interface Chain {
  readonly filter_chain_match?: { readonly server_names?: readonly string[] };
  readonly transport_socket?: unknown;
}

interface RouteConfiguration {
  readonly name?: string;
  readonly virtual_hosts?: readonly VirtualHost[];
}

interface VirtualHost {
  readonly name: string;
  readonly domains: readonly string[];
  readonly typed_per_filter_config?: Readonly<Record<string, unknown>>;
  readonly rate_limits?: unknown;
  readonly routes?: readonly RouteMessage[];
}

interface WeightedCluster {
  readonly name: string;
  readonly weight?: number;
}

interface RouteMessage {
  readonly name?: string;
  readonly match?: unknown;
  readonly metadata?: unknown;
  readonly typed_per_filter_config?: Readonly<Record<string, unknown>>;
  readonly route?: {
    readonly prefix_rewrite?: string;
    readonly cluster?: string;
    readonly weighted_clusters?: { readonly clusters: readonly WeightedCluster[] };
  };
  readonly redirect?: { readonly prefix_rewrite?: string };
}
