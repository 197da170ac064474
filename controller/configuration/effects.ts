import type {
  AccessLogOptions,
  ConnectionManagerOptions,
  ConnectionOptions,
  EnvoyOptions,
  RuntimeOptions,
  TlsOptions,
  UpstreamOptions,
  WatchOptions,
} from "../envoy/mod.ts";
import {
  defaultSettings,
  type RateLimitServiceSettings,
  type Settings,
  type TracingSettings,
} from "../store/mod.ts";
import { jsonFormat } from "./access_log_format.ts";
import type {
  Configuration,
  EnvoyConfiguration,
  ListenerConfiguration,
  LoggingConfiguration,
  TlsParameters,
} from "./configuration.ts";
import { defined } from "./defined.ts";

/** What translation depends on. The time is for the caller to add. */
export function settingsOf(configuration: Configuration): Settings {
  return {
    ...defaultSettings,
    ingressClassNames: configuration.ingressClassNames,
    rootNamespaces: configuration.rootNamespaces,
    enableExternalNameService: configuration.enableExternalNameService,
    disablePermitInsecure: configuration.disablePermitInsecure,
    maxRoutesPerHost: configuration.maxRoutesPerHost ?? defaultSettings.maxRoutesPerHost,
    fallbackCertificate: configuration.fallbackCertificate,
    connectTimeoutMs: configuration.envoy.timeouts.connectMs,
    clientCertificate: configuration.envoy.clientCertificate,
    globalAuthorization: configuration.globalExtAuth,
    rateLimitService: rateLimitServiceOf(configuration),
    tracing: tracingOf(configuration),
    defaultHeaders: {
      request: configuration.policy.requestHeaders,
      response: configuration.policy.responseHeaders,
      applyToIngress: configuration.policy.applyToIngress,
    },
  };
}

function rateLimitServiceOf(
  { rateLimitService: service }: Configuration,
): RateLimitServiceSettings | undefined {
  const { namespace, name } = service?.extensionService ?? {};
  if (service === undefined || !namespace || !name) return undefined;
  const { defaultGlobalRateLimitPolicy: defaultPolicy } = service;
  return {
    extensionService: { namespace, name },
    // Contour sends the empty text on, which Envoy refuses; its documentation promises this one.
    domain: service.domain || "contour",
    failOpen: service.failOpen ?? false,
    enableXRateLimitHeaders: service.enableXRateLimitHeaders ?? false,
    enableResourceExhaustedCode: service.enableResourceExhaustedCode ?? false,
    ...(defaultPolicy === undefined ? {} : { defaultPolicy }),
  };
}

function tracingOf({ tracing }: Configuration): TracingSettings | undefined {
  if (tracing === undefined) return undefined;
  const { customTags, ...settings } = tracing;
  return {
    ...settings,
    customTags: customTags.map(({ tagName: tag, literal, requestHeaderName = "" }) =>
      literal
        ? { kind: "literal", tag, text: literal }
        : { kind: "request-header", tag, header: requestHeaderName }
    ),
  };
}

/** What Envoys are told of all hosts. A default that is Envoy's own is left out. */
export function envoyOptionsOf({ envoy }: Configuration): EnvoyOptions {
  const listener = (at: ListenerConfiguration) => {
    const accessLog = accessLogOf(at, envoy.logging);
    const { address, port } = at;
    return { address, port, ...(accessLog === undefined ? {} : { accessLog }) };
  };
  return {
    http: listener(envoy.http),
    https: listener(envoy.https),
    connectionIdleTimeout: envoy.timeouts.connectionIdle,
    connectionManager: connectionManager(envoy),
    connections: defined<ConnectionOptions>({
      useProxyProtocol: envoy.listener.useProxyProtocol,
      exactBalance: envoy.listener.exactBalance,
      bufferLimitBytes: envoy.listener.bufferLimitBytes,
      maxAcceptsPerEvent: envoy.listener.maxAcceptsPerEvent,
      typeOfService: envoy.listener.typeOfService,
      trafficClass: envoy.listener.trafficClass,
    }),
    tls: {
      ...tlsOptions(envoy.tls),
      takesFingerprints: envoy.tls.ja3,
      takesJa4Fingerprints: envoy.tls.ja4,
    },
    upstream: defined<UpstreamOptions>({
      tls: tlsOptions(envoy.upstreamTls),
      dnsLookupFamily: envoy.cluster.dnsLookupFamily,
      maxRequestsPerConnection: envoy.cluster.maxRequestsPerConnection,
      bufferLimitBytes: envoy.cluster.bufferLimitBytes,
      circuitBreakers: envoy.cluster.circuitBreakers,
    }),
    watch: defined<WatchOptions>({
      metrics: {
        ...placeOf(envoy.metrics),
        ...(envoy.metrics.tls ? { tls: envoy.metrics.tls } : {}),
      },
      health: placeOf(envoy.health),
      healthWithinLimits: envoy.omEnforcedHealth,
      adminPort: envoy.adminPort,
    }),
    runtime: defined<RuntimeOptions>({
      settings: envoy.runtimeSettings,
      maxRequestsPerIoCycle: envoy.listener.maxRequestsPerIoCycle,
      maxConnectionsPerListener: envoy.listener.maxConnections,
    }),
  };
}

function connectionManager(envoy: EnvoyConfiguration): ConnectionManagerOptions {
  const { listener, timeouts } = envoy;
  return defined<ConnectionManagerOptions>({
    requestTimeout: timeouts.request,
    streamIdleTimeout: timeouts.streamIdle,
    maxConnectionDuration: timeouts.maxConnectionDuration,
    delayedCloseTimeout: timeouts.delayedClose,
    drainTimeout: timeouts.connectionShutdownGracePeriod,
    maxRequestsPerConnection: listener.maxRequestsPerConnection,
    http2MaxConcurrentStreams: listener.http2MaxConcurrentStreams,
    trustedHops: envoy.trustedHops,
    stripTrailingHostDot: envoy.stripTrailingHostDot,
    mergeSlashes: listener.mergeSlashes,
    allowChunkedLength: listener.allowChunkedLength,
    serverHeader: serverHeaders[listener.serverHeaderTransformation],
    httpVersions: envoy.httpVersions,
    compression: listener.compression === "disabled" ? "none" : listener.compression,
  });
}

const serverHeaders = {
  overwrite: "overwrite",
  append_if_absent: "append-if-absent",
  pass_through: "pass-through",
} as const;

/** The lowest status that is logged. */
const leastStatus = { error: 300, critical: 500 } as const;

function accessLogOf(
  { accessLog: path }: ListenerConfiguration,
  { format, formatString, jsonFields, level }: LoggingConfiguration,
): AccessLogOptions | undefined {
  if (level === "disabled") return undefined;
  return {
    path,
    ...(level === "info" ? {} : { leastStatus: leastStatus[level] }),
    ...(format === "json"
      ? { jsonFormat: jsonFormat(jsonFields) }
      : formatString === ""
      ? {}
      : { format: formatString }),
  };
}

function tlsOptions(
  { minimumVersion, maximumVersion, cipherSuites, curves }: TlsParameters,
): TlsOptions {
  return {
    minimumVersion,
    maximumVersion,
    ...(cipherSuites.length === 0 ? {} : { cipherSuites }),
    ...(curves.length === 0 ? {} : { curves }),
  };
}

function placeOf({ address, port }: { readonly address: string; readonly port: number }) {
  return { address, port };
}
