/** The way to readiness and statistics without the rest of the admin interface. */
import { duration, type Message } from "../../proto/mod.ts";
import { type Address, addressMessage } from "./address.ts";

const paths = ["/ready", "/stats", "/stats/prometheus"];

/** Answers GET on `/ready`, `/stats` and `/stats/prometheus`, and 404 on all else. */
export function statsListener(at: { readonly address: string; readonly port: number }): Message {
  return {
    name: "stats-health",
    address: addressMessage(at),
    socketOptions: keepAlive(),
    // Health must be seen when clients have used up all connections.
    ignoreGlobalConnLimit: true,
    filterChains: [{
      filters: [{
        name: "envoy.filters.network.http_connection_manager",
        typedConfig: connectionManager(),
      }],
    }],
  };
}

/** The admin interface as a cluster, for the listener above. */
export function adminCluster({ admin, adminStatPort, namespace }: {
  readonly admin: Address;
  readonly adminStatPort: number | undefined;
  readonly namespace: string;
}): Message {
  const port = adminStatPort ?? ("port" in admin ? admin.port : 9001);
  return {
    name: "envoy-admin",
    altStatName: `${namespace}_envoy-admin_${port}`,
    type: "STATIC",
    connectTimeout: duration(250),
    lbPolicy: "ROUND_ROBIN",
    loadAssignment: {
      clusterName: "envoy-admin",
      endpoints: [{ lbEndpoints: [{ endpoint: { address: addressMessage(admin) } }] }],
    },
  };
}

function connectionManager(): Message {
  return {
    "@type": "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    statPrefix: "stats",
    routeConfig: {
      virtualHosts: [{ name: "backend", domains: ["*"], routes: paths.map(routeTo) }],
    },
    httpFilters: [{
      name: "envoy.filters.http.router",
      typedConfig: { "@type": "envoy.extensions.filters.http.router.v3.Router" },
    }],
    normalizePath: { value: true },
  };
}

function routeTo(path: string): Message {
  const method = { name: ":method", stringMatch: { exact: "GET", ignoreCase: true } };
  return { match: { path, headers: [method] }, route: { cluster: "envoy-admin" } };
}

/** Numbers of Linux: SOL_SOCKET 1, IPPROTO_TCP 6. */
function keepAlive(): Message[] {
  const options: readonly (readonly [string, number, number, number])[] = [
    ["Enable TCP keep-alive", 1, 9, 1],
    ["TCP keep-alive initial idle time", 6, 4, 45],
    ["TCP keep-alive time between probes", 6, 5, 5],
    ["TCP keep-alive probe count", 6, 6, 9],
  ];
  return options.map(([description, level, name, intValue]) => ({
    description,
    level,
    name,
    intValue,
    state: "STATE_LISTENING",
  }));
}
