import type { CircuitBreakers, Cluster, ClusterSpec, SlowStart } from "../graph/mod.ts";
import { duration, type Message, typeUrl, type Violation } from "../../proto/mod.ts";
import { type Checked, refusalDiagnostic } from "./checked.ts";
import { ads } from "./config_source.ts";
import { healthCheck } from "./health_check.ts";
import { socketEndpoint } from "./load_assignment.ts";
import { envoyViolations } from "./message_rules.ts";
import { altStatName, dnsAssignmentName, secretName } from "./names.ts";
import type { UpstreamOptions } from "./options.ts";
import { encodedResource, type Resource, type ResourceRef, types } from "./resource.ts";
import { timeoutDuration } from "./timeout.ts";
import { upstreamTls } from "./tls_context.ts";

/**
 * The Envoy cluster for one use of a Service. Routes wait for their clusters, so there always is
 * one: a cluster that Envoy would refuse is served without endpoints, and answers 503.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
export function clusterResource(
  cluster: Cluster,
  options: UpstreamOptions = {},
): Checked<Resource> {
  const { spec, discovery } = cluster;
  const message = clusterMessage(cluster, options);
  const violations = envoyViolations(types.cluster, message);
  if (violations.length > 0) {
    const { name, namespace, service } = spec;
    return {
      value: encodedResource({ type: types.cluster, name, message: emptyCluster(spec) }),
      diagnostics: [refusalDiagnostic({
        object: { kind: "Service", namespace, name: service },
        path: "",
        type: "ServiceError",
        what: "cluster",
        violations,
        instead: "it is served without endpoints and answers 503",
      })],
    };
  }
  const warms = [
    ...(discovery.kind === "eds"
      ? [{ typeUrl: typeUrl(types.clusterLoadAssignment), name: discovery.assignment.name }]
      : []),
    ...secretsOf(cluster),
  ];
  return {
    value: encodedResource({ type: types.cluster, name: spec.name, message, warms }),
    diagnostics: [],
  };
}

/** What Envoy waits for before it uses a cluster, beside the endpoints. */
export function secretsOf(
  { clientCertificate }: Pick<Cluster, "clientCertificate">,
): readonly ResourceRef[] {
  return clientCertificate === undefined
    ? []
    : [{ typeUrl: typeUrl(types.secret), name: secretName(clientCertificate) }];
}

/** What Envoy would refuse of a cluster, as far as the objects that ask for it decide. */
export function clusterSpecViolations(spec: ClusterSpec): readonly Violation[] {
  // Whose certificates are taken is the business of a Secret; what they have to say is not.
  const certificates = spec.validation === undefined ? {} : { caBundle: "authority" };
  return envoyViolations(types.cluster, specFields(spec, {}, certificates));
}

function clusterMessage(cluster: Cluster, options: UpstreamOptions): Message {
  const { spec, connectTimeoutMs, circuitBreakers } = cluster;
  const { bufferLimitBytes, dnsLookupFamily = "auto" } = options;
  const breakers = circuitBreakersField({ ...options.circuitBreakers, ...circuitBreakers });
  return {
    ...specFields(spec, options, cluster),
    ...discoveryFields(cluster, dnsLookupFamily),
    ...(dnsLookupFamily === "auto" ? {} : { dnsLookupFamily: dnsFamilies[dnsLookupFamily] }),
    ...(bufferLimitBytes === undefined
      ? {}
      : { perConnectionBufferLimitBytes: { value: bufferLimitBytes } }),
    connectTimeout: duration(connectTimeoutMs),
    ...(breakers === undefined ? {} : { circuitBreakers: breakers }),
  };
}

/** Everything that follows from the use alone, and the certificates of both sides. */
function specFields(
  spec: ClusterSpec,
  options: UpstreamOptions,
  { caBundle, clientCertificate }: Pick<Cluster, "caBundle" | "clientCertificate"> = {},
): Message {
  const { healthCheck: probe, protocol, sni, validation, slowStart } = spec;
  const transportSocket = upstreamTls({
    protocol,
    sni,
    ...(caBundle === undefined || validation === undefined
      ? {}
      : { validation: { caBundle, subjectNames: validation.subjectNames } }),
    clientCertificate,
  }, options.tls);
  const httpOptions = httpProtocolOptions(spec, options);
  return {
    name: spec.name,
    altStatName: altStatName(spec),
    lbPolicy: lbPolicies[spec.loadBalancing],
    // With a share of the endpoints unhealthy Envoy would by default turn to the unhealthy ones.
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    ...(probe === undefined ? {} : {
      healthChecks: [healthCheck(probe, protocol)],
      ignoreHealthOnHostRemoval: true,
    }),
    ...(transportSocket === undefined ? {} : { transportSocket }),
    ...(httpOptions === undefined ? {} : { typedExtensionProtocolOptions: httpOptions }),
    ...(slowStart === undefined ? {} : slowStartField(spec, slowStart)),
  };
}

/** Envoy's names of the addresses that are asked of DNS. */
export const dnsFamilies = { auto: "AUTO", v4: "V4_ONLY", v6: "V6_ONLY", all: "ALL" } as const;

function discoveryFields(
  { spec, discovery }: Cluster,
  family: keyof typeof dnsFamilies,
): Message {
  switch (discovery.kind) {
    case "eds":
      return {
        type: "EDS",
        edsClusterConfig: { edsConfig: ads, serviceName: discovery.assignment.name },
      };
    case "dns": {
      const { address, port, healthPort } = discovery;
      const endpoint = { address, port, ...(healthPort === undefined ? {} : { healthPort }) };
      return {
        // With addresses of both families Envoy races them, one connection at a time.
        type: family === "all" ? "LOGICAL_DNS" : "STRICT_DNS",
        loadAssignment: {
          clusterName: dnsAssignmentName(spec),
          endpoints: [{ lbEndpoints: [socketEndpoint(endpoint)] }],
        },
      };
    }
  }
}

function emptyCluster(spec: ClusterSpec): Message {
  return {
    name: spec.name,
    altStatName: altStatName(spec),
    type: "STATIC",
    loadAssignment: { clusterName: spec.name },
  };
}

/** Envoy's names of the ways to pick an endpoint. */
export const lbPolicies = {
  RoundRobin: "ROUND_ROBIN",
  WeightedLeastRequest: "LEAST_REQUEST",
  Random: "RANDOM",
  RingHash: "RING_HASH",
} as const;

/** Limits towards a cluster; `undefined` where Envoy's defaults hold. */
export function circuitBreakersField(limits: CircuitBreakers): Message | undefined {
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries } = limits;
  const all = { maxConnections, maxPendingRequests, maxRequests, maxRetries };
  const perHost = { maxConnections: limits.perHostMaxConnections };
  if ([...Object.values(all), ...Object.values(perHost)].every((limit) => !limit)) return undefined;
  const threshold = (values: Readonly<Record<string, number | undefined>>): Message => ({
    ...Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => value ? [[name, { value }]] : []),
    ),
    trackRemaining: true,
  });
  return { thresholds: [threshold(all)], perHostThresholds: [threshold(perHost)] };
}

/** How HTTP is spoken with a cluster; `undefined` for HTTP/1.1 with Envoy's defaults. */
export function httpProtocolOptions(
  { protocol, idleConnectionTimeout }: Pick<ClusterSpec, "protocol" | "idleConnectionTimeout">,
  { maxRequestsPerConnection: most }: UpstreamOptions,
): Message | undefined {
  const http2 = protocol === "h2" || protocol === "h2c";
  const idleTimeout = timeoutDuration(idleConnectionTimeout);
  if (!http2 && idleTimeout === undefined && most === undefined) return undefined;
  const common = {
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(most === undefined ? {} : { maxRequestsPerConnection: { value: most } }),
  };
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      ...(Object.keys(common).length === 0 ? {} : { commonHttpProtocolOptions: common }),
      explicitHttpConfig: http2 ? { http2ProtocolOptions: {} } : { httpProtocolOptions: {} },
    },
  };
}

/** Envoy warms endpoints up for these two policies only; the graph reports the others. */
function slowStartField(
  { loadBalancing }: ClusterSpec,
  { windowMs, aggression, minimumWeightPercent }: SlowStart,
): Message {
  const slowStartConfig = {
    slowStartWindow: duration(windowMs),
    aggression: { defaultValue: aggression, runtimeKey: "contour.slowstart.aggression" },
    minWeightPercent: { value: minimumWeightPercent },
  };
  switch (loadBalancing) {
    case "RoundRobin":
      return { roundRobinLbConfig: { slowStartConfig } };
    case "WeightedLeastRequest":
      return { leastRequestLbConfig: { slowStartConfig } };
    case "Random":
    case "RingHash":
      return {};
  }
}
