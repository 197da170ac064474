import { z } from "zod";
import { GlobalRateLimitPolicy, type Immutable } from "../api/mod.ts";
import { fieldProblem, formatProblem } from "./access_log_format.ts";
import {
  anyText,
  choice,
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
  timeout,
  type TlsVersion,
  tlsVersions,
} from "./values.ts";

/** An ExtensionService as `namespace/name`; without a slash it is in the namespace `default`. */
const extensionService = () =>
  z.string().regex(/^(([^/]+\/)?[^/]+)?$/, { error: 'must be of the form "namespace/name"' });

const tlsParameters = {
  "minimum-protocol-version": choice(tlsVersions),
  "maximum-protocol-version": choice(tlsVersions),
  "cipher-suites": z.array(cipherSuite()).optional(),
  "ecdh-curves": z.array(curve()).optional(),
};

interface VersionRange {
  readonly "minimum-protocol-version"?: TlsVersion | undefined;
  readonly "maximum-protocol-version"?: TlsVersion | undefined;
}

const ordered = (range: VersionRange) =>
  range["minimum-protocol-version"] !== "1.3" || range["maximum-protocol-version"] !== "1.2";

const notOrdered = { error: "must have a lowest version that is not above the highest" };

const headers = () =>
  z.object({
    set: headerValues(anyText()).optional(),
    remove: z.array(headerName()).optional(),
  });

const metrics = () =>
  z.object({
    address: z.string().optional(),
    port: port().optional(),
    "server-certificate-path": z.string().optional(),
    "server-key-path": z.string().optional(),
    "ca-certificate-path": z.string().optional(),
  }).refine((tls) => !tls["server-certificate-path"] === !tls["server-key-path"], {
    error: "must have server-certificate-path and server-key-path, or neither",
  }).refine((tls) => !tls["ca-certificate-path"] || tls["server-certificate-path"], {
    error: "must have server-certificate-path and server-key-path beside ca-certificate-path",
  });

/** The names of these are spelled in lower case throughout. */
const allowedHeader = () =>
  z.object({
    exact: z.string().optional(),
    prefix: z.string().optional(),
    suffix: z.string().optional(),
    contains: z.string().optional(),
    ignorecase: z.boolean().optional(),
  }).refine(
    ({ exact, prefix, suffix, contains }) =>
      [exact, prefix, suffix, contains].filter((value) => value !== undefined).length === 1,
    { error: "must have exactly one of exact, prefix, suffix and contains" },
  );

const { entries } = GlobalRateLimitPolicy.shape.descriptors.unwrap().element.shape;

const rateLimitPolicy = z.object({
  disabled: z.boolean().optional(),
  descriptors: z.array(z.object({
    entries: z.array(z.object({
      ...entries.element.shape,
      requestHeaderValueMatch: z.object({
        headers: z.array(z.object({
          name: z.string().min(1),
          present: z.boolean().optional(),
          notpresent: z.boolean().optional(),
          contains: z.string().optional(),
          notcontains: z.string().optional(),
          ignorecase: z.boolean().optional(),
          exact: z.string().optional(),
          notexact: z.string().optional(),
          regex: z.string().optional(),
          treatmissingasempty: z.boolean().optional(),
        })).min(1).optional(),
        // True in ContourConfiguration.
        expectMatch: z.boolean().default(false),
        value: z.string().min(1),
      }).optional(),
    })).min(1),
  })).min(1).optional(),
});

/** The file that `contour serve -c` reads. */
export const ConfigurationFile = z.object({
  debug: z.boolean().optional(),
  incluster: z.boolean().optional(),
  kubeconfig: z.string().optional(),
  kubernetesClientQPS: z.number().min(0).optional(),
  kubernetesClientBurst: z.int().min(0).optional(),
  server: z.object({}).optional(),
  "ingress-status-address": z.string().optional(),
  gateway: z.object({
    gatewayRef: z.object({ namespace: z.string().min(1), name: z.string().min(1) }),
  }).optional(),
  disablePermitInsecure: z.boolean().optional(),
  "max-routes-per-host": z.int().min(1).max(100_000).optional(),
  enableExternalNameService: z.boolean().optional(),
  "envoy-service-name": z.string().optional(),
  "envoy-service-namespace": z.string().optional(),
  featureFlags: z.array(z.string()).optional(),
  plugins: z.array(
    z.object({
      name: z.string().min(1).optional(),
      from: z.string().min(1).optional(),
      disabled: z.boolean().optional(),
      settings: z.looseObject({}).optional(),
    }).refine(({ name, from }) => name !== undefined || from !== undefined, {
      error: "must have a name, or from where it is read",
    }),
  ).optional(),
  disableAllowChunkedLength: z.boolean().optional(),
  disableMergeSlashes: z.boolean().optional(),
  serverHeaderTransformation: choice(["overwrite", "append_if_absent", "pass_through"]),
  compression: z.object({
    algorithm: choice(["gzip", "brotli", "zstd", "disabled"]),
  }).optional(),
  "default-http-versions": z.array(
    z.string().refine((text) => ["http/1.1", "http/2"].includes(text.toLowerCase()), {
      error: "must be HTTP/1.1 or HTTP/2",
    }),
  ).optional(),
  listener: z.object({
    "connection-balancer": choice(["exact"]),
    "max-requests-per-connection": positive().optional(),
    "per-connection-buffer-limit-bytes": positive().optional(),
    "max-requests-per-io-cycle": positive().optional(),
    "http2-max-concurrent-streams": positive().optional(),
    "max-connections-per-listener": positive().optional(),
    "max-connections-to-accept-per-socket-event": positive().optional(),
    "socket-options": z.object({
      tos: z.int().min(0).max(255).optional(),
      "traffic-class": z.int().min(0).max(255).optional(),
    }).optional(),
  }).optional(),
  tls: z.object({
    ...tlsParameters,
    fingerprint: z.object({
      ja3: z.boolean().optional(),
      ja4: z.boolean().optional(),
    }).optional(),
    "fallback-certificate": objectReference().optional(),
    "envoy-client-certificate": objectReference().optional(),
  }).refine(ordered, notOrdered).optional(),
  timeouts: z.object({
    "request-timeout": timeout().optional(),
    "connection-idle-timeout": timeout().optional(),
    "stream-idle-timeout": timeout().optional(),
    "max-connection-duration": timeout().optional(),
    "delayed-close-timeout": timeout().optional(),
    "connection-shutdown-grace-period": timeout().optional(),
    "connect-timeout": duration().optional(),
  }).optional(),
  cluster: z.object({
    "dns-lookup-family": choice(["auto", "v4", "v6", "all"]),
    "max-requests-per-connection": positive().optional(),
    "per-connection-buffer-limit-bytes": positive().optional(),
    "circuit-breakers": z.object({
      "max-connections": count().optional(),
      "max-pending-requests": count().optional(),
      "max-requests": count().optional(),
      "max-retries": count().optional(),
      "per-host-max-connections": count().optional(),
    }).optional(),
    "upstream-tls": z.object(tlsParameters).refine(ordered, notOrdered).optional(),
  }).optional(),
  network: z.object({
    "num-trusted-hops": count().optional(),
    "admin-port": port().optional(),
    "strip-trailing-host-dot": z.boolean().optional(),
  }).optional(),
  "runtime-settings": z.record(z.string(), anyText()).optional(),
  "accesslog-format": choice(["envoy", "json"]),
  "accesslog-format-string": z.string().superRefine((format, context) => {
    const problem = format === "" || format.endsWith("\n")
      ? formatProblem(format)
      : "has to end in a line break";
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }).optional(),
  "json-fields": z.array(
    z.string().superRefine((field, context) => {
      const problem = fieldProblem(field);
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    }),
  ).optional(),
  "accesslog-level": choice(["info", "error", "critical", "disabled"]),
  policy: z.object({
    "request-headers": headers().optional(),
    "response-headers": headers().optional(),
    applyToIngress: z.boolean().optional(),
  }).optional(),
  rateLimitService: z.object({
    extensionService: extensionService().optional(),
    domain: z.string().optional(),
    failOpen: z.boolean().optional(),
    enableXRateLimitHeaders: z.boolean().optional(),
    enableResourceExhaustedCode: z.boolean().optional(),
    defaultGlobalRateLimitPolicy: rateLimitPolicy.optional(),
  }).optional(),
  globalExtAuth: z.object({
    extensionService: extensionService().optional(),
    serviceType: choice(["http", "grpc"]),
    httpSettings: z.object({
      pathprefix: z.string().optional(),
      allowedauthorizationheaders: z.array(allowedHeader()).optional(),
      allowedupstreamheaders: z.array(allowedHeader()).optional(),
    }).optional(),
    authPolicy: z.object({
      disabled: z.boolean().optional(),
      context: z.record(z.string(), anyText()).optional(),
    }).optional(),
    responseTimeout: timeout().optional(),
    failOpen: z.boolean().optional(),
    withRequestBody: z.object({
      maxRequestBytes: positive().optional(),
      allowPartialMessage: z.boolean().optional(),
      packAsBytes: z.boolean().optional(),
    }).optional(),
  }).refine(({ httpSettings, serviceType }) => !httpSettings || serviceType === "http", {
    error: "must have serviceType http where it has httpSettings",
  }).optional(),
  tracing: z.object({
    extensionService: extensionService().min(1),
    serviceName: z.string().optional(),
    overallSampling: z.preprocess(
      (value) => typeof value === "number" ? String(value) : value,
      percentage(),
    ).optional(),
    clientSampling: z.preprocess(
      (value) => typeof value === "number" ? String(value) : value,
      percentage(),
    ).optional(),
    randomSampling: z.preprocess(
      (value) => typeof value === "number" ? String(value) : value,
      percentage(),
    ).optional(),
    maxPathTagLength: count().optional(),
    includePodDetail: z.boolean().optional(),
    customTags: z.array(
      z.object({
        tagName: z.string().min(1),
        literal: anyText().optional(),
        requestHeaderName: z.string().optional(),
      }).refine(({ literal, requestHeaderName }) => !literal !== !requestHeaderName, {
        error: "must have either literal or requestHeaderName",
      }),
    ).refine((tags) => new Set(tags.map(({ tagName }) => tagName)).size === tags.length, {
      error: "must not give a tagName twice",
    }).optional(),
  }).optional(),
  metrics: z.object({
    contour: metrics().optional(),
    envoy: metrics().optional(),
  }).optional(),
  omEnforcedHealthListener: z.object({
    address: z.string().optional(),
    port: port().optional(),
  }).optional(),
});
/** See {@link ConfigurationFile}. */
export type ConfigurationFile = Immutable<z.infer<typeof ConfigurationFile>>;
