import { defined } from "./defined.ts";
import type { ConfigurationFile } from "./configuration_file.ts";
import type { ContourConfigurationSpec } from "./contour_configuration.ts";

type File = ConfigurationFile;
type Spec = ContourConfigurationSpec;
type Envoy = NonNullable<Spec["envoy"]>;

/** What a file says, as a ContourConfiguration would say it. */
export function specOfFile(file: File): Spec {
  return defined<Spec>({
    ingress: file["ingress-status-address"]
      ? { statusAddress: file["ingress-status-address"] }
      : undefined,
    envoy: envoyOf(file),
    gateway: file.gateway,
    httpproxy: defined<NonNullable<Spec["httpproxy"]>>({
      disablePermitInsecure: file.disablePermitInsecure,
      maxRoutesPerHost: file["max-routes-per-host"],
      fallbackCertificate: file.tls?.["fallback-certificate"],
    }),
    enableExternalNameService: file.enableExternalNameService,
    globalExtAuth: globalAuthorizationOf(file),
    rateLimitService: rateLimitServiceOf(file),
    policy: policyOf(file),
    metrics: metricsOf(file.metrics?.contour),
    tracing: tracingOf(file),
    featureFlags: file.featureFlags,
  });
}

function envoyOf(file: File): Envoy {
  const { listener = {}, cluster = {}, network = {}, timeouts = {}, tls = {} } = file;
  const service = defined<NonNullable<Envoy["service"]>>({
    name: file["envoy-service-name"],
    namespace: file["envoy-service-namespace"],
  });
  return defined<Envoy>({
    listener: defined<NonNullable<Envoy["listener"]>>({
      disableAllowChunkedLength: file.disableAllowChunkedLength,
      disableMergeSlashes: file.disableMergeSlashes,
      serverHeaderTransformation: file.serverHeaderTransformation,
      compression: file.compression,
      connectionBalancer: listener["connection-balancer"],
      maxRequestsPerConnection: listener["max-requests-per-connection"],
      "per-connection-buffer-limit-bytes": listener["per-connection-buffer-limit-bytes"],
      maxRequestsPerIOCycle: listener["max-requests-per-io-cycle"],
      httpMaxConcurrentStreams: listener["http2-max-concurrent-streams"],
      maxConnectionsPerListener: listener["max-connections-per-listener"],
      maxConnectionsToAcceptPerSocketEvent: listener["max-connections-to-accept-per-socket-event"],
      socketOptions: defined({
        tos: listener["socket-options"]?.tos,
        trafficClass: listener["socket-options"]?.["traffic-class"],
      }),
      tls: defined({ ...tlsParametersOf(tls), fingerprint: tls.fingerprint }),
    }),
    service: Object.keys(service).length === 0 ? undefined : service,
    metrics: metricsOf(file.metrics?.envoy),
    omEnforcedHealth: file.omEnforcedHealthListener,
    clientCertificate: tls["envoy-client-certificate"],
    logging: defined<NonNullable<Envoy["logging"]>>({
      accessLogFormat: file["accesslog-format"],
      accessLogFormatString: file["accesslog-format-string"],
      accessLogJSONFields: file["json-fields"],
      accessLogLevel: file["accesslog-level"],
    }),
    defaultHTTPVersions: file["default-http-versions"]?.map((version) =>
      version.toLowerCase() === "http/2" ? "HTTP/2" as const : "HTTP/1.1" as const
    ),
    timeouts: defined<NonNullable<Envoy["timeouts"]>>({
      requestTimeout: timeouts["request-timeout"],
      // Only the resource leaves this one to Envoy.
      connectionIdleTimeout: timeouts["connection-idle-timeout"] ?? "60s",
      streamIdleTimeout: timeouts["stream-idle-timeout"],
      maxConnectionDuration: timeouts["max-connection-duration"],
      delayedCloseTimeout: timeouts["delayed-close-timeout"],
      connectionShutdownGracePeriod: timeouts["connection-shutdown-grace-period"],
      connectTimeout: timeouts["connect-timeout"],
    }),
    cluster: defined<NonNullable<Envoy["cluster"]>>({
      dnsLookupFamily: cluster["dns-lookup-family"],
      maxRequestsPerConnection: cluster["max-requests-per-connection"],
      "per-connection-buffer-limit-bytes": cluster["per-connection-buffer-limit-bytes"],
      circuitBreakers: circuitBreakersOf(cluster["circuit-breakers"]),
      upstreamTLS: defined(tlsParametersOf(cluster["upstream-tls"] ?? {})),
    }),
    network: defined<NonNullable<Envoy["network"]>>({
      numTrustedHops: network["num-trusted-hops"],
      adminPort: network["admin-port"],
      stripTrailingHostDot: network["strip-trailing-host-dot"],
    }),
    runtimeSettings: file["runtime-settings"],
  });
}

type TlsParameters = Pick<
  NonNullable<File["tls"]>,
  "minimum-protocol-version" | "maximum-protocol-version" | "cipher-suites" | "ecdh-curves"
>;

function tlsParametersOf(tls: TlsParameters) {
  return defined<NonNullable<NonNullable<Envoy["cluster"]>["upstreamTLS"]>>({
    minimumProtocolVersion: tls["minimum-protocol-version"],
    maximumProtocolVersion: tls["maximum-protocol-version"],
    cipherSuites: tls["cipher-suites"],
    ecdhCurves: tls["ecdh-curves"],
  });
}

function circuitBreakersOf(limits: NonNullable<File["cluster"]>["circuit-breakers"]) {
  if (limits === undefined) return undefined;
  return defined({
    maxConnections: limits["max-connections"],
    maxPendingRequests: limits["max-pending-requests"],
    maxRequests: limits["max-requests"],
    maxRetries: limits["max-retries"],
    perHostMaxConnections: limits["per-host-max-connections"],
  });
}

function metricsOf(metrics: NonNullable<File["metrics"]>["contour"]): Spec["metrics"] {
  if (metrics === undefined) return undefined;
  const tls = defined({
    caFile: metrics["ca-certificate-path"],
    certFile: metrics["server-certificate-path"],
    keyFile: metrics["server-key-path"],
  });
  return defined<NonNullable<Spec["metrics"]>>({
    address: metrics.address,
    port: metrics.port,
    tls: Object.keys(tls).length === 0 ? undefined : tls,
  });
}

function policyOf({ policy }: File): Spec["policy"] {
  if (policy === undefined) return undefined;
  return defined<NonNullable<Spec["policy"]>>({
    requestHeaders: policy["request-headers"],
    responseHeaders: policy["response-headers"],
    applyToIngress: policy.applyToIngress,
  });
}

/** `namespace/name`, or a name in the namespace `default`. */
function extension(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name] = text.split("/");
  return name === undefined ? { namespace: "default", name: namespace } : { namespace, name };
}

function rateLimitServiceOf({ rateLimitService: service }: File): Spec["rateLimitService"] {
  if (!service?.extensionService) return undefined;
  const { extensionService, defaultGlobalRateLimitPolicy: policy, ...rest } = service;
  const descriptors = policy?.descriptors?.map(({ entries }) => ({
    entries: entries.map(({ requestHeaderValueMatch: match, ...entry }) => ({
      ...entry,
      ...(match === undefined ? {} : {
        requestHeaderValueMatch: defined({
          ...match,
          headers: match.headers?.map(({ ignorecase, treatmissingasempty, ...condition }) =>
            defined({
              ...condition,
              ignoreCase: ignorecase,
              treatMissingAsEmpty: treatmissingasempty,
            })
          ),
        }),
      }),
    })),
  }));
  return defined<NonNullable<Spec["rateLimitService"]>>({
    ...rest,
    extensionService: extension(extensionService),
    defaultGlobalRateLimitPolicy: policy && defined({ ...policy, descriptors }),
  });
}

function globalAuthorizationOf({ globalExtAuth: auth }: File): Spec["globalExtAuth"] {
  if (!auth?.extensionService) return undefined;
  const { extensionService, httpSettings: http, serviceType, withRequestBody: body, ...rest } =
    auth;
  type Header = NonNullable<NonNullable<typeof http>["allowedupstreamheaders"]>[number];
  const headers = (list: readonly Header[] | undefined) =>
    list?.map(({ ignorecase, ...match }) => defined({ ...match, ignoreCase: ignorecase }));
  return defined<NonNullable<Spec["globalExtAuth"]>>({
    ...rest,
    extensionRef: extension(extensionService),
    serviceType: serviceType ?? "grpc",
    httpSettings: http && defined({
      pathPrefix: http.pathprefix,
      allowedAuthorizationHeaders: headers(http.allowedauthorizationheaders),
      allowedUpstreamHeaders: headers(http.allowedupstreamheaders),
    }),
    withRequestBody: body && { ...body, maxRequestBytes: body.maxRequestBytes ?? 1024 },
  });
}

function tracingOf({ tracing }: File): Spec["tracing"] {
  if (tracing === undefined) return undefined;
  const { extensionService, ...rest } = tracing;
  return { ...rest, extensionService: extension(extensionService) };
}
