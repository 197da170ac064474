import type { CircuitBreakers, Cluster, ClusterSpec, SlowStart } from "../graph/mod.ts";
import { check, duration, type Message, typeUrl, type Violation } from "../../proto/mod.ts";
import { type Checked, refusalDiagnostic } from "./checked.ts";
import { ads } from "./config_source.ts";
import { healthCheck } from "./health_check.ts";
import { socketEndpoint } from "./load_assignment.ts";
import { altStatName, dnsAssignmentName } from "./names.ts";
import { encodedResource, type Resource, types } from "./resource.ts";
import { timeoutDuration } from "./timeout.ts";
import { upstreamTls } from "./tls_context.ts";

/**
 * The Envoy cluster for one use of a Service. Routes wait for their clusters, so there always is
 * one: a cluster that Envoy would refuse is served without endpoints, and answers 503.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
export function clusterResource(cluster: Cluster): Checked<Resource> {
  const { spec, discovery } = cluster;
  const message = clusterMessage(cluster);
  const violations = check(types.cluster, message);
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
  const warms = discovery.kind === "eds"
    ? [{ typeUrl: typeUrl(types.clusterLoadAssignment), name: discovery.assignment.name }]
    : [];
  return {
    value: encodedResource({ type: types.cluster, name: spec.name, message, warms }),
    diagnostics: [],
  };
}

/** What Envoy would refuse of a cluster, as far as the objects that ask for it decide. */
export function clusterSpecViolations(spec: ClusterSpec): readonly Violation[] {
  return check(types.cluster, specFields(spec));
}

function clusterMessage(cluster: Cluster): Message {
  const { spec, connectTimeoutMs, circuitBreakers, caBundle } = cluster;
  const breakers = circuitBreakersField(circuitBreakers);
  return {
    ...specFields(spec, caBundle),
    ...discoveryFields(cluster),
    connectTimeout: duration(connectTimeoutMs),
    ...(breakers === undefined ? {} : { circuitBreakers: breakers }),
  };
}

/** Everything that follows from the use alone, and the validation of the upstream's certificate. */
function specFields(spec: ClusterSpec, caBundle?: string): Message {
  const { healthCheck: probe, protocol, sni, validation, slowStart } = spec;
  const transportSocket = upstreamTls({
    protocol,
    sni,
    ...(caBundle === undefined || validation === undefined
      ? {}
      : { validation: { caBundle, subjectNames: validation.subjectNames } }),
  });
  const httpOptions = httpProtocolOptions(spec);
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

function discoveryFields({ spec, discovery }: Cluster): Message {
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
        type: "STRICT_DNS",
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

const lbPolicies = {
  RoundRobin: "ROUND_ROBIN",
  WeightedLeastRequest: "LEAST_REQUEST",
  Random: "RANDOM",
  RingHash: "RING_HASH",
} as const;

function circuitBreakersField(limits: CircuitBreakers): Message | undefined {
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

function httpProtocolOptions(
  { protocol, idleConnectionTimeout }: ClusterSpec,
): Message | undefined {
  const http2 = protocol === "h2" || protocol === "h2c";
  const idleTimeout = timeoutDuration(idleConnectionTimeout);
  if (!http2 && idleTimeout === undefined) return undefined;
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      ...(idleTimeout === undefined ? {} : { commonHttpProtocolOptions: { idleTimeout } }),
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
