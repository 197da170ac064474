import { encode, type Message } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { keepAlive } from "./listener.ts";
import type { WatchEndpoint, WatchOptions } from "./options.ts";
import { encodedResource, type Resource, resourceOf, types } from "./resource.ts";

/**
 * The listeners, and their certificates, through which Envoy tells how it is. They forward to
 * `envoy-admin`, a cluster of the bootstrap, and let read only. Always served, hosts or none.
 */
export function watchResources(options: WatchOptions = {}): readonly Resource[] {
  const { metrics, health, healthWithinLimits, adminPort } = options;
  const together = metrics !== undefined && metrics.tls === undefined && health !== undefined &&
    metrics.address === health.address && metrics.port === health.port;
  const listeners: Resource[] = [];
  if (together) {
    listeners.push(listener("stats-health", health, ["/ready", ...statistics]));
  } else {
    if (health !== undefined) listeners.push(listener("health", health, ["/ready"]));
    if (metrics !== undefined) {
      const { tls } = metrics;
      const transportSocket = tls === undefined ? undefined : metricsTls(tls.caFile !== undefined);
      listeners.push(listener("stats", metrics, statistics, { transportSocket }));
    }
  }
  if (healthWithinLimits !== undefined) {
    const name = "health-om-enforced";
    listeners.push(listener(name, healthWithinLimits, ["/ready"], { isLimited: true }));
  }
  if (adminPort !== undefined) {
    const at = { address: "127.0.0.1", port: adminPort };
    listeners.push(listener("envoy-admin", at, adminPaths, { statPrefix: "envoy-admin" }));
  }
  return [...secrets(metrics?.tls), ...listeners];
}

const statistics = ["/stats", "/stats/prometheus"];

const adminPaths = [
  "/certs",
  "/clusters",
  "/listeners",
  "/config_dump",
  "/memory",
  "/ready",
  "/runtime",
  "/server_info",
  "/stats",
  "/stats/prometheus",
  "/stats/recentlookups",
];

function listener(
  name: string,
  { address, port }: WatchEndpoint,
  paths: readonly string[],
  { statPrefix = "stats", isLimited = false, transportSocket }: {
    readonly statPrefix?: string;
    /** Whether it counts against the limit of connections. */
    readonly isLimited?: boolean;
    readonly transportSocket?: Message | undefined;
  } = {},
): Resource {
  const body = encode(types.listener, {
    name,
    address: {
      socketAddress: {
        address,
        portValue: port,
        ...(address === "::" ? { ipv4Compat: true } : {}),
      },
    },
    socketOptions: keepAlive,
    // Health must be seen when clients have used up all connections.
    ...(isLimited ? {} : { ignoreGlobalConnLimit: true }),
    filterChains: [{
      filters: [{
        name: "envoy.filters.network.http_connection_manager",
        typedConfig: connectionManager(statPrefix, paths),
      }],
      ...(transportSocket === undefined ? {} : { transportSocket }),
    }],
  });
  return resourceOf({ type: types.listener, name, body });
}

function connectionManager(statPrefix: string, paths: readonly string[]): Message {
  return {
    "@type": "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    statPrefix,
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

const certificateName = "metrics-tls-certificate";
const caName = "metrics-ca-certificate";

function metricsTls(asksForCertificate: boolean): Message {
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: {
      "@type": "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      commonTlsContext: {
        tlsParams: {
          tlsMinimumProtocolVersion: "TLSv1_3",
          tlsMaximumProtocolVersion: "TLSv1_3",
        },
        tlsCertificateSdsSecretConfigs: [{ name: certificateName, sdsConfig: ads }],
        ...(asksForCertificate
          ? { validationContextSdsSecretConfig: { name: caName, sdsConfig: ads } }
          : {}),
      },
      ...(asksForCertificate ? { requireClientCertificate: { value: true } } : {}),
    },
  };
}

/** Named files, which Envoy reads, and reads again when they are replaced. */
function secrets(tls: NonNullable<WatchOptions["metrics"]>["tls"]): readonly Resource[] {
  if (tls === undefined) return [];
  const { certFile, keyFile, caFile } = tls;
  const secret = (name: string, content: Message) =>
    encodedResource({ type: types.secret, name, message: { name, ...content } });
  return [
    ...(caFile === undefined
      ? []
      : [secret(caName, { validationContext: { trustedCa: { filename: caFile } } })]),
    secret(certificateName, {
      tlsCertificate: {
        certificateChain: { filename: certFile },
        privateKey: { filename: keyFile },
      },
    }),
  ];
}
