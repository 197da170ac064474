/**
 * Every key of the configuration file and of ContourConfiguration: what it means, what holds
 * without it, and whether it has an effect yet. docs/configuration.md is made of this, and a test
 * holds it against the schemas.
 */

/** One thing that can be configured. A key stands for all keys beneath it that have no row. */
export interface KeyRow {
  readonly topic: Topic;
  /** Path in the file; absent: the file cannot say it. */
  readonly file?: string;
  /** Path in the spec of a ContourConfiguration; absent: it cannot say it. */
  readonly resource?: string;
  /** Flags of `contour serve` that say the same. */
  readonly flags?: readonly string[];
  readonly meaning: string;
  /** In words; that of the file where the two differ. */
  readonly default: string;
  /** Absent: it has one. `false`: it is read and checked, and then only named in a warning. */
  readonly hasEffect?: false;
}

/** Headings of the table, in order. */
export const topics = [
  "Controller",
  "Hosts and routes",
  "Listeners for clients",
  "TLS with clients",
  "Timeouts",
  "Services",
  "Network and runtime",
  "Access logs",
  "Metrics and health",
  "Headers, authorization, limits and tracing",
] as const;

/** See {@link topics}. */
export type Topic = (typeof topics)[number];

type Row = Omit<KeyRow, "topic">;

const rows: Readonly<Record<Topic, readonly Row[]>> = {
  "Controller": [
    { file: "debug", flags: ["--debug"], meaning: "Log more.", default: "false" },
    {
      file: "incluster",
      flags: ["--incluster"],
      meaning: "Use the credentials of the pod.",
      default: "false",
    },
    {
      file: "kubeconfig",
      flags: ["--kubeconfig"],
      meaning: "How to reach the API server.",
      default: "$HOME/.kube/config",
    },
    {
      file: "kubernetesClientQPS",
      flags: ["--kubernetes-client-qps"],
      meaning: "Requests a second to the API server.",
      default: "the client's",
    },
    {
      file: "kubernetesClientBurst",
      flags: ["--kubernetes-client-burst"],
      meaning: "Requests beyond that for a short while.",
      default: "the client's",
    },
    {
      file: "server",
      meaning: "Nothing; kept so that old files can be read.",
      default: "{}",
    },
    {
      resource: "xdsServer",
      flags: [
        "--xds-address",
        "--xds-port",
        "--contour-cafile",
        "--contour-cert-file",
        "--contour-key-file",
        "--insecure",
      ],
      meaning: "Where Envoys ask for their configuration, and by which certificates.",
      default: "127.0.0.1:8001 (resource: 0.0.0.0:8001), files in /certs",
    },
    {
      resource: "debug",
      flags: ["--debug-http-address", "--debug-http-port"],
      meaning: "Where the controller can be looked into.",
      default: "127.0.0.1:6060",
    },
    {
      resource: "featureFlags",
      file: "featureFlags",
      meaning: "Names of features. There are none, so all are passed over.",
      default: "none",
    },
    {
      file: "plugins",
      flags: ["--plugin"],
      meaning:
        "Plugins: those in the box by their name, others from a file or a package, with their settings.",
      default: "those in the box",
    },
  ],
  "Hosts and routes": [
    {
      resource: "ingress.classNames",
      flags: ["--ingress-class-name"],
      meaning: "Classes of objects that are ours.",
      default: "contour, and objects without a class",
    },
    {
      file: "ingress-status-address",
      resource: "ingress.statusAddress",
      flags: ["--ingress-status-address"],
      meaning: "Addresses for the status of objects, between commas.",
      default: "those of Envoy's Service",
    },
    {
      file: "envoy-service-name",
      resource: "envoy.service.name",
      flags: ["--envoy-service-name"],
      meaning: "Service whose addresses go into the status of objects.",
      default: "envoy",
    },
    {
      file: "envoy-service-namespace",
      resource: "envoy.service.namespace",
      flags: ["--envoy-service-namespace"],
      meaning: "Its namespace.",
      default: "that of the controller",
    },
    {
      file: "gateway",
      resource: "gateway",
      meaning: "The Gateway to serve.",
      default: "none",
      hasEffect: false,
    },
    {
      file: "disablePermitInsecure",
      resource: "httpproxy.disablePermitInsecure",
      meaning: "Pass over `permitInsecure` of routes.",
      default: "false",
    },
    {
      file: "max-routes-per-host",
      resource: "httpproxy.maxRoutesPerHost",
      flags: ["--max-routes-per-host"],
      meaning: "Routes that the includes of one host may come to; what is beyond is left out.",
      default: "2500",
    },
    {
      resource: "httpproxy.rootNamespaces",
      flags: ["--root-namespaces"],
      meaning: "Namespaces whose HTTPProxies may be roots.",
      default: "all",
    },
    {
      file: "tls.fallback-certificate",
      resource: "httpproxy.fallbackCertificate",
      meaning: "Secret shown to clients that name no host we know.",
      default: "none",
    },
    {
      file: "enableExternalNameService",
      resource: "enableExternalNameService",
      meaning: "Let routes go to Services of type ExternalName.",
      default: "false",
    },
  ],
  "Listeners for clients": [
    {
      resource: "envoy.http",
      flags: [
        "--envoy-service-http-address",
        "--envoy-service-http-port",
        "--envoy-http-access-log",
      ],
      meaning: "Where Envoy takes HTTP, and the file it logs to.",
      default: "0.0.0.0:8080, /dev/stdout",
    },
    {
      resource: "envoy.https",
      flags: [
        "--envoy-service-https-address",
        "--envoy-service-https-port",
        "--envoy-https-access-log",
      ],
      meaning: "Where Envoy takes HTTPS, and the file it logs to.",
      default: "0.0.0.0:8443, /dev/stdout",
    },
    {
      resource: "envoy.listener.useProxyProtocol",
      flags: ["--use-proxy-protocol"],
      meaning: "Each connection begins with a PROXY header.",
      default: "false",
    },
    {
      file: "disableAllowChunkedLength",
      resource: "envoy.listener.disableAllowChunkedLength",
      meaning: "Refuse requests with Content-Length beside chunked encoding.",
      default: "false",
    },
    {
      file: "disableMergeSlashes",
      resource: "envoy.listener.disableMergeSlashes",
      meaning: "Leave `//` in paths as it is.",
      default: "false",
    },
    {
      file: "serverHeaderTransformation",
      resource: "envoy.listener.serverHeaderTransformation",
      meaning:
        "What becomes of the `Server` header: `overwrite`, `append_if_absent` or `pass_through`.",
      default: "overwrite",
    },
    {
      file: "compression.algorithm",
      resource: "envoy.listener.compression.algorithm",
      meaning: "How answers are compressed: `gzip`, `brotli`, `zstd` or `disabled`.",
      default: "gzip",
    },
    {
      file: "default-http-versions",
      resource: "envoy.defaultHTTPVersions",
      meaning: "Versions of HTTP that are spoken: `HTTP/1.1`, `HTTP/2`.",
      default: "both",
    },
    {
      file: "listener.connection-balancer",
      resource: "envoy.listener.connectionBalancer",
      meaning: "`exact`: Envoy's threads get equally many connections.",
      default: "whoever is first",
    },
    {
      file: "listener.max-requests-per-connection",
      resource: "envoy.listener.maxRequestsPerConnection",
      meaning: "Requests after which a connection is ended.",
      default: "no limit",
    },
    {
      file: "listener.per-connection-buffer-limit-bytes",
      resource: "envoy.listener.per-connection-buffer-limit-bytes",
      meaning: "Bytes of a connection that are held.",
      default: "Envoy's, 1 MiB",
    },
    {
      file: "listener.max-requests-per-io-cycle",
      resource: "envoy.listener.maxRequestsPerIOCycle",
      meaning: "Requests of one connection before others have their turn.",
      default: "no limit",
    },
    {
      file: "listener.http2-max-concurrent-streams",
      resource: "envoy.listener.httpMaxConcurrentStreams",
      meaning: "Requests at once on an HTTP/2 connection.",
      default: "Envoy's",
    },
    {
      file: "listener.max-connections-per-listener",
      resource: "envoy.listener.maxConnectionsPerListener",
      meaning: "Connections that a listener holds at once.",
      default: "no limit",
    },
    {
      file: "listener.max-connections-to-accept-per-socket-event",
      resource: "envoy.listener.maxConnectionsToAcceptPerSocketEvent",
      meaning: "Connections to take at once.",
      default: "all that wait",
    },
    {
      file: "listener.socket-options.tos",
      resource: "envoy.listener.socketOptions.tos",
      meaning: "Type of service of IPv4 packets, 0 to 255.",
      default: "the system's",
    },
    {
      file: "listener.socket-options.traffic-class",
      resource: "envoy.listener.socketOptions.trafficClass",
      meaning: "Traffic class of IPv6 packets, 0 to 255.",
      default: "the system's",
    },
  ],
  "TLS with clients": [
    {
      file: "tls.minimum-protocol-version",
      resource: "envoy.listener.tls.minimumProtocolVersion",
      meaning: "Lowest version: `1.2` or `1.3`. Hosts may ask for more.",
      default: "1.2",
    },
    {
      file: "tls.maximum-protocol-version",
      resource: "envoy.listener.tls.maximumProtocolVersion",
      meaning: "Highest version: `1.2` or `1.3`.",
      default: "1.3",
    },
    {
      file: "tls.cipher-suites",
      resource: "envoy.listener.tls.cipherSuites",
      meaning: "Ciphers up to TLS 1.2; `[A|B]` are of equal preference.",
      default: "GCM and ChaCha20 with ECDHE",
    },
    {
      file: "tls.ecdh-curves",
      resource: "envoy.listener.tls.ecdhCurves",
      meaning: "Curves for key agreement.",
      default: "Envoy's: X25519, P-256",
    },
    {
      file: "tls.fingerprint.ja3",
      resource: "envoy.listener.tls.fingerprint.ja3",
      meaning: "Take JA3 fingerprints of clients, for access logs.",
      default: "false",
    },
    {
      file: "tls.fingerprint.ja4",
      resource: "envoy.listener.tls.fingerprint.ja4",
      meaning: "The same with JA4.",
      default: "false",
    },
  ],
  "Timeouts": [
    {
      file: "timeouts.request-timeout",
      resource: "envoy.timeouts.requestTimeout",
      meaning: "For a request to arrive as a whole.",
      default: "none",
    },
    {
      file: "timeouts.connection-idle-timeout",
      resource: "envoy.timeouts.connectionIdleTimeout",
      meaning: "A client's connection without requests ends then.",
      default: "60s (resource: Envoy's, 1h)",
    },
    {
      file: "timeouts.stream-idle-timeout",
      resource: "envoy.timeouts.streamIdleTimeout",
      meaning: "A request or answer without a byte ends then.",
      default: "Envoy's, 5m",
    },
    {
      file: "timeouts.max-connection-duration",
      resource: "envoy.timeouts.maxConnectionDuration",
      meaning: "Age at which a client's connection is ended.",
      default: "none",
    },
    {
      file: "timeouts.delayed-close-timeout",
      resource: "envoy.timeouts.delayedCloseTimeout",
      meaning: "For a client to end its side of a connection.",
      default: "Envoy's, 1s",
    },
    {
      file: "timeouts.connection-shutdown-grace-period",
      resource: "envoy.timeouts.connectionShutdownGracePeriod",
      meaning: "From telling a client that its connection ends to its end.",
      default: "Envoy's, 5s",
    },
    {
      file: "timeouts.connect-timeout",
      resource: "envoy.timeouts.connectTimeout",
      meaning: "For a connection to a Service to be made.",
      default: "2s",
    },
  ],
  "Services": [
    {
      file: "cluster.dns-lookup-family",
      resource: "envoy.cluster.dnsLookupFamily",
      meaning: "Addresses of names in DNS: `auto`, `v4`, `v6` or `all`.",
      default: "auto",
    },
    {
      file: "cluster.max-requests-per-connection",
      resource: "envoy.cluster.maxRequestsPerConnection",
      meaning: "Requests after which a connection is ended.",
      default: "no limit",
    },
    {
      file: "cluster.per-connection-buffer-limit-bytes",
      resource: "envoy.cluster.per-connection-buffer-limit-bytes",
      meaning: "Bytes of a connection that are held.",
      default: "Envoy's, 1 MiB",
    },
    {
      file: "cluster.circuit-breakers",
      resource: "envoy.cluster.circuitBreakers",
      meaning: "Limits of Services that have none of their own by annotation.",
      default: "Envoy's",
    },
    {
      file: "cluster.upstream-tls",
      resource: "envoy.cluster.upstreamTLS",
      meaning: "Versions, ciphers and curves of TLS with Services.",
      default: "as with clients",
    },
    {
      file: "tls.envoy-client-certificate",
      resource: "envoy.clientCertificate",
      meaning: "Secret shown to Services that ask for a certificate.",
      default: "none",
    },
  ],
  "Network and runtime": [
    {
      file: "network.num-trusted-hops",
      resource: "envoy.network.numTrustedHops",
      meaning: "Proxies before Envoy whose `X-Forwarded-For` is believed.",
      default: "0",
    },
    {
      file: "network.admin-port",
      resource: "envoy.network.adminPort",
      meaning: "Port at 127.0.0.1 of Envoy's admin interface, to read only.",
      default: "9001",
    },
    {
      file: "network.strip-trailing-host-dot",
      resource: "envoy.network.stripTrailingHostDot",
      meaning: "Take `shop.example.` as `shop.example`.",
      default: "false",
    },
    {
      file: "runtime-settings",
      resource: "envoy.runtimeSettings",
      meaning: "Envoy's runtime settings by key.",
      default: "none",
    },
  ],
  "Access logs": [
    {
      file: "accesslog-format",
      resource: "envoy.logging.accessLogFormat",
      flags: ["--accesslog-format"],
      meaning: "`envoy`: lines of text; `json`: an object a line.",
      default: "envoy",
    },
    {
      file: "accesslog-format-string",
      resource: "envoy.logging.accessLogFormatString",
      meaning: "What a line of text holds; ends in a line break.",
      default: "Envoy's own",
    },
    {
      file: "json-fields",
      resource: "envoy.logging.accessLogJSONFields",
      meaning: "What a JSON object holds: names, or `name=format`.",
      default: "23 fields",
    },
    {
      file: "accesslog-level",
      resource: "envoy.logging.accessLogLevel",
      meaning:
        "`info`: everything; `error`: from status 300; `critical`: from 500; `disabled`: nothing.",
      default: "info",
    },
  ],
  "Metrics and health": [
    {
      file: "metrics.contour.address",
      resource: "metrics.address",
      flags: ["--http-address"],
      meaning: "Where the controller's metrics are.",
      default: "0.0.0.0",
    },
    {
      file: "metrics.contour.port",
      resource: "metrics.port",
      flags: ["--http-port"],
      meaning: "The same.",
      default: "8000",
    },
    {
      file: "metrics.contour",
      resource: "metrics.tls",
      meaning: "Certificate, key and CA of the controller's metrics over HTTPS.",
      default: "plain HTTP",
    },
    {
      resource: "health",
      flags: ["--health-address", "--health-port"],
      meaning: "Where the controller's health is.",
      default: "0.0.0.0:8000",
    },
    {
      file: "metrics.envoy",
      resource: "envoy.metrics",
      flags: ["--stats-address", "--stats-port"],
      meaning: "Where Envoy's metrics are, and by which certificates.",
      default: "0.0.0.0:8002, plain HTTP",
    },
    {
      resource: "envoy.health",
      flags: ["--stats-address", "--stats-port"],
      meaning: "Where Envoy's readiness is.",
      default: "0.0.0.0:8002",
    },
    {
      file: "omEnforcedHealthListener",
      resource: "envoy.omEnforcedHealth",
      meaning: "Where Envoy's readiness is as long as it has room for connections.",
      default: "nowhere",
    },
  ],
  "Headers, authorization, limits and tracing": [
    {
      file: "policy.request-headers",
      resource: "policy.requestHeaders",
      meaning: "Headers to set and to remove on all requests.",
      default: "none",
    },
    {
      file: "policy.response-headers",
      resource: "policy.responseHeaders",
      meaning: "Headers to set and to remove on all answers.",
      default: "none",
    },
    {
      file: "policy.applyToIngress",
      resource: "policy.applyToIngress",
      meaning: "The same for routes of Ingress.",
      default: "false",
    },
    {
      file: "rateLimitService",
      resource: "rateLimitService",
      meaning: "The service that keeps limits for all Envoys together.",
      default: "none",
    },
    {
      file: "globalExtAuth",
      resource: "globalExtAuth",
      meaning: "The service that authorizes requests to all hosts.",
      default: "none",
    },
    {
      file: "tracing",
      resource: "tracing",
      meaning: "The collector of traces, and what is traced.",
      default: "none",
    },
  ],
};

/** Every row, topic by topic. */
export const keys: readonly KeyRow[] = topics.flatMap((topic) =>
  rows[topic].map((row) => ({ topic, ...row }))
);

/** Which of the two sources of keys a path is of. */
export type KeySource = "file" | "resource";

/** The row of a path such as `timeouts.connect-timeout`: the one that names most of it. */
export function rowOf(source: KeySource, path: string): KeyRow | undefined {
  return keys.filter((row) => {
    const key = row[source];
    return key !== undefined && (path === key || path.startsWith(`${key}.`));
  }).sort((a, b) => (b[source] ?? "").length - (a[source] ?? "").length)[0];
}

/** Keys that say something but have no effect yet, each once, in the order of the rows. */
export function withoutEffect(source: KeySource, value: unknown): readonly string[] {
  const said = pathsOf(value).map((path) => rowOf(source, path));
  return keys.filter((row) => row.hasEffect === false && said.includes(row))
    .flatMap((row) => row[source] ?? []);
}

/** Paths of the values that differ from nothing: no empty text, no 0, no false. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly string[] {
  if (!value) return [];
  if (typeof value !== "object" || Array.isArray(value)) {
    return Array.isArray(value) && value.length === 0 ? [] : [path.join(".")];
  }
  return Object.entries(value).flatMap(([name, field]) => pathsOf(field, [...path, name]));
}
