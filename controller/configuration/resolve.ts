import { parseDuration, parseTimeout, type Timeout } from "../api/mod.ts";
import { defaultJsonFields } from "./access_log_format.ts";
import type {
  Configuration,
  Endpoint,
  EnvoyConfiguration,
  HeadersConfiguration,
  ListenerConfiguration,
  MetricsEndpoint,
  NamespacedName,
  TlsFiles,
  TlsParameters,
  TracingConfiguration,
} from "./configuration.ts";
import type { ContourConfigurationSpec } from "./contour_configuration.ts";
import { defined } from "./defined.ts";

type Spec = ContourConfigurationSpec;
type EnvoySpec = NonNullable<Spec["envoy"]>;

/**
 * What a spec amounts to. Empty texts and lists, 0 and false never take the place of a default, as
 * in Contour.
 */
export function resolve(spec: Spec, options: ResolveOptions): Configuration {
  const { xdsServer, ingress, httpproxy } = spec;
  const certificates = "/certs";
  return {
    xds: {
      ...endpoint(xdsServer, options.source === "resource" ? "0.0.0.0" : "127.0.0.1", 8001),
      insecure: xdsServer?.tls?.insecure ?? false,
      tls: {
        caFile: xdsServer?.tls?.caFile || `${certificates}/ca.crt`,
        certFile: xdsServer?.tls?.certFile || `${certificates}/tls.crt`,
        keyFile: xdsServer?.tls?.keyFile || `${certificates}/tls.key`,
      },
    },
    debug: endpoint(spec.debug, "127.0.0.1", 6060),
    health: endpoint(spec.health, "0.0.0.0", 8000),
    metrics: metrics(spec.metrics, 8000),
    ingressClassNames: ingress?.classNames ?? [],
    statusAddresses: (ingress?.statusAddress ?? "").split(",").map((text) => text.trim())
      .filter((text) => text !== ""),
    gateway: spec.gateway?.gatewayRef,
    rootNamespaces: httpproxy?.rootNamespaces ?? [],
    fallbackCertificate: reference(httpproxy?.fallbackCertificate),
    disablePermitInsecure: httpproxy?.disablePermitInsecure ?? false,
    maxRoutesPerHost: httpproxy?.maxRoutesPerHost,
    enableExternalNameService: spec.enableExternalNameService ?? false,
    featureFlags: spec.featureFlags ?? [],
    envoy: envoy(spec.envoy ?? {}, options),
    globalExtAuth: spec.globalExtAuth,
    rateLimitService: spec.rateLimitService,
    tracing: tracing(spec.tracing),
    policy: {
      requestHeaders: headers(spec.policy?.requestHeaders),
      responseHeaders: headers(spec.policy?.responseHeaders),
      applyToIngress: spec.policy?.applyToIngress ?? false,
    },
  };
}

/** Where a spec came from, which a few defaults depend on. */
export interface ResolveOptions {
  /** A ContourConfiguration, or flags and a file. */
  readonly source: "resource" | "flags";
  /** Where the controller runs. */
  readonly namespace: string;
}

function envoy(spec: EnvoySpec, { namespace }: ResolveOptions): EnvoyConfiguration {
  const { listener = {}, cluster = {}, network = {}, timeouts = {}, logging = {} } = spec;
  return {
    service: {
      name: spec.service?.name || "envoy",
      namespace: spec.service?.namespace || namespace,
    },
    http: listenerAt(spec.http, 8080),
    https: listenerAt(spec.https, 8443),
    health: endpoint(spec.health, "0.0.0.0", 8002),
    metrics: metrics(spec.metrics, 8002),
    omEnforcedHealth: spec.omEnforcedHealth?.port
      ? endpoint(spec.omEnforcedHealth, "0.0.0.0", 0)
      : undefined,
    clientCertificate: reference(spec.clientCertificate),
    listener: {
      useProxyProtocol: listener.useProxyProtocol ?? false,
      allowChunkedLength: !listener.disableAllowChunkedLength,
      mergeSlashes: !listener.disableMergeSlashes,
      serverHeaderTransformation: listener.serverHeaderTransformation ?? "overwrite",
      compression: listener.compression?.algorithm ?? "gzip",
      exactBalance: listener.connectionBalancer === "exact",
      maxRequestsPerConnection: listener.maxRequestsPerConnection,
      bufferLimitBytes: listener["per-connection-buffer-limit-bytes"],
      maxRequestsPerIoCycle: listener.maxRequestsPerIOCycle,
      http2MaxConcurrentStreams: listener.httpMaxConcurrentStreams,
      maxConnections: listener.maxConnectionsPerListener,
      maxAcceptsPerEvent: listener.maxConnectionsToAcceptPerSocketEvent,
      typeOfService: listener.socketOptions?.tos ?? 0,
      trafficClass: listener.socketOptions?.trafficClass ?? 0,
    },
    tls: {
      ...tlsParameters(listener.tls),
      ja3: listener.tls?.fingerprint?.ja3 ?? false,
      ja4: listener.tls?.fingerprint?.ja4 ?? false,
    },
    upstreamTls: tlsParameters(cluster.upstreamTLS),
    httpVersions: httpVersions(spec.defaultHTTPVersions ?? []),
    logging: {
      format: logging.accessLogFormat ?? "envoy",
      formatString: logging.accessLogFormatString ?? "",
      jsonFields: filled(logging.accessLogJSONFields) ?? defaultJsonFields,
      level: logging.accessLogLevel ?? "info",
    },
    timeouts: {
      request: timeout(timeouts.requestTimeout),
      connectionIdle: timeout(timeouts.connectionIdleTimeout),
      streamIdle: timeout(timeouts.streamIdleTimeout),
      maxConnectionDuration: timeout(timeouts.maxConnectionDuration),
      delayedClose: timeout(timeouts.delayedCloseTimeout),
      connectionShutdownGracePeriod: timeout(timeouts.connectionShutdownGracePeriod),
      connectMs: connectMs(timeouts.connectTimeout),
    },
    cluster: {
      dnsLookupFamily: cluster.dnsLookupFamily ?? "auto",
      maxRequestsPerConnection: cluster.maxRequestsPerConnection,
      bufferLimitBytes: cluster["per-connection-buffer-limit-bytes"],
      circuitBreakers: defined({
        maxConnections: cluster.circuitBreakers?.maxConnections || undefined,
        maxPendingRequests: cluster.circuitBreakers?.maxPendingRequests || undefined,
        maxRequests: cluster.circuitBreakers?.maxRequests || undefined,
        maxRetries: cluster.circuitBreakers?.maxRetries || undefined,
        perHostMaxConnections: cluster.circuitBreakers?.perHostMaxConnections || undefined,
      }),
    },
    trustedHops: network.numTrustedHops ?? 0,
    adminPort: network.adminPort || 9001,
    stripTrailingHostDot: network.stripTrailingHostDot ?? false,
    runtimeSettings: spec.runtimeSettings ?? {},
  };
}

interface EndpointSpec {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

function endpoint(spec: EndpointSpec | undefined, address: string, port: number): Endpoint {
  return { address: spec?.address || address, port: spec?.port || port };
}

function listenerAt(spec: EnvoySpec["http"], port: number): ListenerConfiguration {
  return { ...endpoint(spec, "0.0.0.0", port), accessLog: spec?.accessLog || "/dev/stdout" };
}

function metrics(spec: Spec["metrics"], port: number): MetricsEndpoint {
  const { certFile, keyFile, caFile } = spec?.tls ?? {};
  const tls: TlsFiles | undefined = certFile && keyFile
    ? { certFile, keyFile, ...(caFile ? { caFile } : {}) }
    : undefined;
  return { ...endpoint(spec, "0.0.0.0", port), tls };
}

interface ReferenceSpec {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

function reference(spec: ReferenceSpec | undefined): NamespacedName | undefined {
  const { namespace, name } = spec ?? {};
  return namespace && name ? { namespace, name } : undefined;
}

function tlsParameters(spec: NonNullable<EnvoySpec["cluster"]>["upstreamTLS"]): TlsParameters {
  return {
    minimumVersion: spec?.minimumProtocolVersion ?? "1.2",
    maximumVersion: spec?.maximumProtocolVersion ?? "1.3",
    cipherSuites: [...new Set(spec?.cipherSuites ?? [])],
    // Envoy refuses a curve that is named twice.
    curves: [...new Set(spec?.ecdhCurves ?? [])],
  };
}

function httpVersions(
  versions: readonly ("HTTP/1.1" | "HTTP/2")[],
): EnvoyConfiguration["httpVersions"] {
  const [first] = new Set(versions);
  if (new Set(versions).size !== 1) return "both";
  return first === "HTTP/2" ? "http/2" : "http/1.1";
}

/** The schemas let no other texts through. */
function timeout(text: string | undefined): Timeout {
  const result = parseTimeout(text);
  return result.ok ? result.timeout : { kind: "default" };
}

function connectMs(text: string | undefined): number {
  const result = parseDuration(text ?? "");
  return result.ok && result.ms > 0 ? result.ms : 2_000;
}

function tracing(spec: Spec["tracing"]): TracingConfiguration | undefined {
  const extensionService = reference(spec?.extensionService);
  if (spec === undefined || extensionService === undefined) return undefined;
  const share = (text: string | undefined) => Number(text ?? "") || 100;
  return {
    extensionService,
    serviceName: spec.serviceName || "contour",
    overallSampling: share(spec.overallSampling),
    clientSampling: share(spec.clientSampling),
    randomSampling: share(spec.randomSampling),
    maxPathTagLength: spec.maxPathTagLength || 256,
    includePodDetail: spec.includePodDetail ?? true,
    customTags: spec.customTags ?? [],
  };
}

type HeadersSpec = NonNullable<Spec["policy"]>["requestHeaders"];

function headers(spec: HeadersSpec): HeadersConfiguration {
  return { set: spec?.set ?? {}, remove: spec?.remove ?? [] };
}

function filled<Item>(list: readonly Item[] | undefined): readonly Item[] | undefined {
  return list?.length ? list : undefined;
}
