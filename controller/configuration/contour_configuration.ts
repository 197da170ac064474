import { z } from "zod";
import { AuthorizationServer, GlobalRateLimitPolicy, type Immutable } from "../api/mod.ts";
import { fieldProblem, formatProblem } from "./access_log_format.ts";
import {
  cipherSuite,
  count,
  curve,
  duration,
  headerName,
  headerValues,
  objectReference,
  percentage,
  port,
  positive,
  texts,
  timeout,
  type TlsVersion,
  tlsVersions,
} from "./values.ts";

/** An address to listen on; what is empty or 0 is left at its default. */
const endpoint = () => z.object({ address: z.string().optional(), port: port().optional() });

const tlsFiles = () =>
  z.object({
    caFile: z.string().optional(),
    certFile: z.string().optional(),
    keyFile: z.string().optional(),
  }).refine(({ certFile, keyFile }) => !certFile === !keyFile, {
    error: "must have certFile and keyFile, or neither",
  }).refine(({ caFile, certFile }) => !caFile || certFile, {
    error: "must have certFile and keyFile beside caFile",
  });

const metrics = () => endpoint().extend({ tls: tlsFiles().optional() });

const listener = () => endpoint().extend({ accessLog: z.string().optional() });

const tlsParameters = {
  minimumProtocolVersion: z.enum(tlsVersions).optional(),
  maximumProtocolVersion: z.enum(tlsVersions).optional(),
  cipherSuites: z.array(cipherSuite()).optional(),
  ecdhCurves: z.array(curve()).optional(),
};

interface VersionRange {
  readonly minimumProtocolVersion?: TlsVersion | undefined;
  readonly maximumProtocolVersion?: TlsVersion | undefined;
}

/** The lowest version does not lie above the highest. */
const ordered = ({ minimumProtocolVersion, maximumProtocolVersion }: VersionRange) =>
  minimumProtocolVersion !== "1.3" || maximumProtocolVersion !== "1.2";

const notOrdered = { error: "must have a lowest version that is not above the highest" };

const headers = () =>
  z.object({
    set: headerValues(z.string()).optional(),
    remove: z.array(headerName()).optional(),
  });

const envoy = z.object({
  listener: z.object({
    useProxyProtocol: z.boolean().optional(),
    disableAllowChunkedLength: z.boolean().optional(),
    disableMergeSlashes: z.boolean().optional(),
    serverHeaderTransformation: z.enum(["overwrite", "append_if_absent", "pass_through"])
      .optional(),
    compression: z.object({
      algorithm: z.enum(["gzip", "brotli", "zstd", "disabled"]).optional(),
    }).optional(),
    connectionBalancer: z.enum(["", "exact"]).optional(),
    maxRequestsPerConnection: positive().optional(),
    "per-connection-buffer-limit-bytes": positive().optional(),
    maxRequestsPerIOCycle: positive().optional(),
    httpMaxConcurrentStreams: positive().optional(),
    maxConnectionsPerListener: positive().optional(),
    maxConnectionsToAcceptPerSocketEvent: positive().optional(),
    socketOptions: z.object({
      tos: z.int().min(0).max(255).optional(),
      trafficClass: z.int().min(0).max(255).optional(),
    }).optional(),
    tls: z.object({
      ...tlsParameters,
      fingerprint: z.object({
        ja3: z.boolean().optional(),
        ja4: z.boolean().optional(),
      }).optional(),
    }).refine(ordered, notOrdered).optional(),
  }).optional(),
  service: objectReference().optional(),
  http: listener().optional(),
  https: listener().optional(),
  health: endpoint().optional(),
  metrics: metrics().optional(),
  omEnforcedHealth: endpoint().optional(),
  clientCertificate: objectReference().optional(),
  logging: z.object({
    accessLogFormat: z.enum(["envoy", "json"]).optional(),
    accessLogFormatString: z.string().superRefine((format, context) => {
      const problem = format === "" || format.endsWith("\n")
        ? formatProblem(format)
        : "has to end in a line break";
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    }).optional(),
    accessLogJSONFields: z.array(
      z.string().superRefine((field, context) => {
        const problem = fieldProblem(field);
        if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
      }),
    ).optional(),
    accessLogLevel: z.enum(["info", "error", "critical", "disabled"]).optional(),
  }).optional(),
  defaultHTTPVersions: z.array(z.enum(["HTTP/1.1", "HTTP/2"])).optional(),
  timeouts: z.object({
    requestTimeout: timeout().optional(),
    connectionIdleTimeout: timeout().optional(),
    streamIdleTimeout: timeout().optional(),
    maxConnectionDuration: timeout().optional(),
    delayedCloseTimeout: timeout().optional(),
    connectionShutdownGracePeriod: timeout().optional(),
    connectTimeout: duration().optional(),
  }).optional(),
  cluster: z.object({
    dnsLookupFamily: z.enum(["auto", "v4", "v6", "all"]).optional(),
    maxRequestsPerConnection: positive().optional(),
    "per-connection-buffer-limit-bytes": positive().optional(),
    circuitBreakers: z.object({
      maxConnections: count().optional(),
      maxPendingRequests: count().optional(),
      maxRequests: count().optional(),
      maxRetries: count().optional(),
      perHostMaxConnections: count().optional(),
    }).optional(),
    upstreamTLS: z.object(tlsParameters).refine(ordered, notOrdered).optional(),
  }).optional(),
  network: z.object({
    numTrustedHops: count().optional(),
    adminPort: port().optional(),
    stripTrailingHostDot: z.boolean().optional(),
  }).optional(),
  runtimeSettings: texts().optional(),
});

/** The part of a ContourConfiguration that configures; also the form all other sources are put in. */
export const ContourConfigurationSpec = z.object({
  xdsServer: endpoint().extend({
    tls: z.object({
      caFile: z.string().optional(),
      certFile: z.string().optional(),
      keyFile: z.string().optional(),
      insecure: z.boolean().optional(),
    }).optional(),
  }).optional(),
  ingress: z.object({
    classNames: z.array(z.string()).optional(),
    statusAddress: z.string().optional(),
  }).optional(),
  debug: endpoint().optional(),
  health: endpoint().optional(),
  envoy: envoy.optional(),
  gateway: z.object({
    gatewayRef: z.object({ namespace: z.string().min(1), name: z.string().min(1) }),
  }).optional(),
  httpproxy: z.object({
    disablePermitInsecure: z.boolean().optional(),
    maxRoutesPerHost: z.int().min(1).max(100_000).optional(),
    rootNamespaces: z.array(z.string()).optional(),
    fallbackCertificate: objectReference().optional(),
  }).optional(),
  enableExternalNameService: z.boolean().optional(),
  globalExtAuth: AuthorizationServer.optional(),
  rateLimitService: z.object({
    extensionService: objectReference(),
    domain: z.string().optional(),
    failOpen: z.boolean().optional(),
    enableXRateLimitHeaders: z.boolean().optional(),
    enableResourceExhaustedCode: z.boolean().optional(),
    defaultGlobalRateLimitPolicy: GlobalRateLimitPolicy.optional(),
  }).optional(),
  policy: z.object({
    requestHeaders: headers().optional(),
    responseHeaders: headers().optional(),
    applyToIngress: z.boolean().optional(),
  }).optional(),
  metrics: metrics().optional(),
  tracing: z.object({
    extensionService: objectReference(),
    serviceName: z.string().optional(),
    overallSampling: percentage().optional(),
    clientSampling: percentage().optional(),
    randomSampling: percentage().optional(),
    maxPathTagLength: count().optional(),
    includePodDetail: z.boolean().optional(),
    customTags: z.array(
      z.object({
        tagName: z.string().min(1),
        literal: z.string().optional(),
        requestHeaderName: z.string().optional(),
      }).refine(({ literal, requestHeaderName }) => !literal !== !requestHeaderName, {
        error: "must have either literal or requestHeaderName",
      }),
    ).refine((tags) => new Set(tags.map(({ tagName }) => tagName)).size === tags.length, {
      error: "must not give a tagName twice",
    }).optional(),
  }).optional(),
  featureFlags: z.array(z.string()).optional(),
});
/** See {@link ContourConfigurationSpec}. */
export type ContourConfigurationSpec = Immutable<z.infer<typeof ContourConfigurationSpec>>;

/** The resource. Its status is never written. */
export const ContourConfiguration = z.object({
  apiVersion: z.literal("projectcontour.io/v1alpha1"),
  kind: z.literal("ContourConfiguration"),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() }),
  spec: ContourConfigurationSpec,
  status: z.looseObject({}).optional(),
});
/** See {@link ContourConfiguration}. */
export type ContourConfiguration = Immutable<z.infer<typeof ContourConfiguration>>;
