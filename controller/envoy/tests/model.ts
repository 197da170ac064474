/** Small models for tests: what a test leaves out is as plain as can be. */
import type { ObjectKey } from "../../api/mod.ts";
import type {
  ClusterSpec,
  ForwardAction,
  HeaderMutation,
  PathMatch,
  Route,
  RouteMatch,
  VirtualHost,
  WeightedCluster,
} from "../../graph/mod.ts";

/** The HTTPProxy `default/<name>`. */
export function proxy(name: string): ObjectKey {
  return { kind: "HTTPProxy", namespace: "default", name };
}

/** A cluster of the Service `default/<service>`, port 80. */
export function clusterSpec(service: string, more: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    name: `default/${service}/80/da39a3ee5e`,
    namespace: "default",
    service,
    port: 80,
    portName: "http",
    protocol: "http/1.1",
    sni: "",
    loadBalancing: "RoundRobin",
    idleConnectionTimeout: { kind: "default" },
    ...more,
  };
}

/** No header is changed. */
export const untouched: HeaderMutation = { set: [], remove: [] };

/** One target of a route. */
export function target(service: string, more: Partial<WeightedCluster> = {}): WeightedCluster {
  return {
    cluster: clusterSpec(service),
    weight: 1,
    requestHeaders: untouched,
    responseHeaders: untouched,
    ...more,
  };
}

/** Forwarding, to the Service `echo` unless told otherwise. */
export function forward(more: Partial<Omit<ForwardAction, "kind">> = {}): ForwardAction {
  return {
    kind: "forward",
    clusters: [target("echo")],
    mirrors: [],
    timeout: { kind: "default" },
    idleTimeout: { kind: "default" },
    hashPolicies: [],
    websockets: false,
    requestHeaders: untouched,
    responseHeaders: untouched,
    ...more,
  };
}

/** A match by prefix, or by another kind of path. */
export function match(path: string | PathMatch, more: Partial<RouteMatch> = {}): RouteMatch {
  return {
    path: typeof path === "string" ? { kind: "prefix", prefix: path } : path,
    headers: [],
    query: [],
    ...more,
  };
}

/** A route that answers by itself with a text. */
export function answer(path: string, body: string, more: Partial<Route> = {}): Route {
  return route({
    match: match(path),
    action: { kind: "direct-response", statusCode: 200, body },
    ...more,
  });
}

/** A route, of all paths to `echo` unless told otherwise. */
export function route(more: Partial<Route> = {}): Route {
  return {
    match: match("/"),
    action: forward(),
    plain: "serve",
    origin: { object: proxy("shop"), path: "spec.routes[0]" },
    ...more,
  };
}

/** A host whose routes are named by their place in it. */
export function host(
  fqdn: string,
  routes: readonly Route[] = [route()],
  more: Partial<VirtualHost> = {},
): VirtualHost {
  const owner = proxy(fqdn.replace("*", "wildcard"));
  return {
    fqdn,
    owner,
    routes: routes.map((route, i) => ({
      ...route,
      origin: { object: owner, path: `spec.routes[${i}]` },
    })),
    ...more,
  };
}

/** The host with its TLS terminated, by the Secret `default/tls`. */
export function overTls(plain: VirtualHost): VirtualHost {
  const certificate = { namespace: "default", name: "tls" };
  return {
    ...plain,
    secure: {
      kind: "http",
      tls: { certificate, minimumVersion: "1.2", maximumVersion: "1.3" },
    },
  };
}
