import { comparedPath } from "../../controller/graph/mod.ts";
import { type AskedRequest, requestOf } from "../asked_request.ts";
import type { EnvoySnapshot } from "./config_dump.ts";
import { domainFor } from "./domains.ts";
import { filterChainFor, isHttp, listenerFor } from "./listeners.ts";
import { matchText, type SeenRequest, takes } from "./matching.ts";
import {
  type ClustersJson,
  type HttpConnectionManagerJson,
  redirectCodes,
  type RouteJson,
  type TcpProxyJson,
  type VirtualHostJson,
} from "./messages.ts";
import { locationOf, rewritten } from "./rewriting.ts";
import { routeConfigurations } from "./scopes.ts";

/** What an Envoy does with a request, by what it runs by. */
export function answerOf(envoy: EnvoySnapshot, asked: AskedRequest): EnvoyAnswer {
  const listener = listenerFor(envoy.listeners, asked);
  if (listener === undefined) return { outcome: { kind: "none", why: "no-listener" } };
  const found = { listener: listener.name };
  const chain = filterChainFor(listener, asked);
  const config = chain?.filters?.at(-1)?.typed_config;
  if (config === undefined) return { ...found, outcome: { kind: "none", why: "no-filter-chain" } };
  if (!isHttp(config)) {
    const clusters = clustersOf(envoy, config as TcpProxyJson);
    return { ...found, outcome: { kind: "tcp-proxy", clusters } };
  }
  if (asked.tls && isMisdirected(config, asked)) {
    const body = "misdirected request\n";
    return { ...found, outcome: { kind: "direct-response", statusCode: 421, body } };
  }
  const seen = seenOf(asked);
  let known: Pick<EnvoyAnswer, "routeConfiguration" | "virtualHost"> = {};
  for (const configuration of routeConfigurations(envoy, config, asked)) {
    const host = domainFor(configuration, asked.authority);
    known = {
      routeConfiguration: configuration.name ?? "",
      ...(host === undefined ? {} : { virtualHost: host.name }),
    };
    if (host === undefined) continue;
    const route = host.routes?.find(({ match }) => takes(match, seen));
    if (route !== undefined) {
      return { ...found, ...known, ...routed(envoy, { host, route, asked }) };
    }
    if (isFinal(host)) break;
  }
  const why = known.virtualHost === undefined ? "no-host" : "no-route";
  return { ...found, ...known, outcome: { kind: "none", why } };
}

/** What becomes of a request in an Envoy, and by which of its messages. */
export interface EnvoyAnswer {
  readonly listener?: string;
  readonly routeConfiguration?: string;
  readonly virtualHost?: string;
  readonly route?: EnvoyRoute;
  readonly outcome: EnvoyOutcome;
}

/** A route of Envoy. */
export interface EnvoyRoute {
  /** `HTTPProxy/web/shop#spec.routes[0]`; empty when its control plane gives routes no names. */
  readonly name: string;
  /** The object it was made of, as its metadata say; Contour writes them too. */
  readonly object?: string;
  readonly conditions: readonly string[];
}

/** What client and upstream see. */
export type EnvoyOutcome =
  | {
    readonly kind: "forward";
    readonly clusters: readonly EnvoyCluster[];
    /** With query string, as the upstream sees it. */
    readonly path: string;
    readonly host: string;
    /** As Envoy writes it: `15s`; `0s` for none. */
    readonly timeout: string;
  }
  | { readonly kind: "redirect"; readonly statusCode: number; readonly location: string }
  | { readonly kind: "direct-response"; readonly statusCode: number; readonly body: string }
  | { readonly kind: "tcp-proxy"; readonly clusters: readonly EnvoyCluster[] }
  | {
    readonly kind: "none";
    readonly why: "no-listener" | "no-filter-chain" | "no-host" | "no-route";
  };

/** A cluster that gets a share of the requests. */
export interface EnvoyCluster {
  readonly name: string;
  /** Of 100, rounded to a hundredth. */
  readonly percent: number;
  /** Whether Envoy knows it; requests to others are answered 503. */
  readonly isThere: boolean;
  /** Absent when it asks DNS, or was told of none yet. */
  readonly endpoints?: { readonly ready: number; readonly total: number };
}

function routed(
  envoy: EnvoySnapshot,
  { host, route, asked }: {
    readonly host: VirtualHostJson;
    readonly route: RouteJson;
    readonly asked: AskedRequest;
  },
): Pick<EnvoyAnswer, "route" | "outcome"> {
  const object = objectOf(route);
  return {
    route: {
      name: route.name ?? "",
      ...(object === undefined ? {} : { object }),
      conditions: matchText(route.match),
    },
    outcome: outcomeOf(envoy, host, route, asked),
  };
}

function outcomeOf(
  envoy: EnvoySnapshot,
  host: VirtualHostJson,
  route: RouteJson,
  asked: AskedRequest,
): EnvoyOutcome {
  if (!asked.tls && host.require_tls !== undefined && host.require_tls !== "NONE") {
    return {
      kind: "redirect",
      statusCode: 301,
      location: locationOf({ https_redirect: true }, route.match, asked),
    };
  }
  const { redirect, direct_response, route: action } = route;
  if (redirect !== undefined) {
    return {
      kind: "redirect",
      statusCode: redirectCodes[redirect.response_code ?? "MOVED_PERMANENTLY"],
      location: locationOf(redirect, route.match, asked),
    };
  }
  if (direct_response !== undefined) {
    const { status, body } = direct_response;
    return { kind: "direct-response", statusCode: status, body: body?.inline_string ?? "" };
  }
  const [only, second] = action?.weighted_clusters?.clusters ?? [];
  const header = action?.host_rewrite_header?.toLowerCase();
  const literal = second === undefined ? only?.host_rewrite_literal : undefined;
  return {
    kind: "forward",
    clusters: clustersOf(envoy, action ?? {}),
    path: action === undefined ? asked.path : rewritten(action, route.match, asked),
    host: literal ?? action?.host_rewrite_literal ??
      (header === undefined ? undefined : asked.headers[header]) ?? asked.authority,
    timeout: action?.timeout ?? "15s",
  };
}

function clustersOf(
  { clusters, endpoints }: EnvoySnapshot,
  { cluster, weighted_clusters }: ClustersJson,
): readonly EnvoyCluster[] {
  const all = weighted_clusters?.clusters ?? [{ name: cluster ?? "", weight: 1 }];
  const total = all.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return all.map(({ name, weight = 0 }) => {
    const known = clusters.get(name);
    const wanted = known?.eds_cluster_config?.service_name || name;
    const assignment = known?.load_assignment ?? endpoints.get(wanted);
    const all = assignment?.endpoints?.flatMap(({ lb_endpoints = [] }) => lb_endpoints) ?? [];
    const ready = all.filter(({ health_status = "UNKNOWN" }) => isUsable(health_status)).length;
    const percent = total === 0 ? 100 / weightCount(weighted_clusters) : weight / total * 100;
    return {
      name,
      percent: Math.round(percent * 100) / 100,
      isThere: known !== undefined,
      ...(assignment === undefined ? {} : { endpoints: { ready, total: all.length } }),
    };
  });
}

function weightCount(weighted: ClustersJson["weighted_clusters"]): number {
  return weighted?.clusters.length ?? 1;
}

function isUsable(status: string): boolean {
  return status === "UNKNOWN" || status === "HEALTHY" || status === "DEGRADED";
}

function seenOf(asked: AskedRequest): SeenRequest {
  const { headers } = requestOf(asked);
  const query = asked.path.split("?").slice(1).join("?");
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    const [name = "", ...value] = part.split("=");
    if (part !== "" && !parameters.has(name)) parameters.set(name, value.join("="));
  }
  return {
    path: comparedPath(asked),
    headers: new Map([
      ...headers,
      [":method", asked.method],
      [":authority", asked.authority],
      [":path", asked.path],
    ]),
    parameters,
  };
}

/** Whether a filter turns away what asks for another host than the connection was opened for. */
function isMisdirected(
  { http_filters = [] }: HttpConnectionManagerJson,
  { authority, url }: AskedRequest,
): boolean {
  const asks = http_filters.some(({ typed_config }) =>
    JSON.stringify(typed_config ?? {}).includes("421")
  );
  return asks && authority.replace(/:\d+$/, "").toLowerCase() !== new URL(url).hostname;
}

/** Whether no other scope is looked at, though no route of this host takes the request. */
function isFinal({ metadata }: VirtualHostJson): boolean {
  return Object.values(metadata?.filter_metadata ?? {}).some(({ known }) => known === true);
}

const [kindKey, namespaceKey, nameKey] = ["kind", "namespace", "name"].map((field) =>
  `io.projectcontour.${field}`
) as [string, string, string];

function objectOf({ metadata }: RouteJson): string | undefined {
  for (const fields of Object.values(metadata?.filter_metadata ?? {})) {
    const { [kindKey]: kind, [namespaceKey]: namespace, [nameKey]: name } = fields;
    if (kind !== undefined && name !== undefined) return `${kind}/${namespace ?? ""}/${name}`;
  }
  return undefined;
}
