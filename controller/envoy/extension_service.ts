import type { ExtensionCluster, ExtensionRef, WeightedAssignment } from "../graph/mod.ts";
import { duration, type Message, typeUrl } from "../../proto/mod.ts";
import { type Checked, refusalDiagnostic } from "./checked.ts";
import { circuitBreakersField, httpProtocolOptions, lbPolicies, secretsOf } from "./cluster.ts";
import { ads } from "./config_source.ts";
import { socketEndpoint } from "./load_assignment.ts";
import { envoyViolations } from "./message_rules.ts";
import { extensionName } from "./names.ts";
import type { UpstreamOptions } from "./options.ts";
import { encodedResource, type Resource, types } from "./resource.ts";
import { upstreamTls } from "./tls_context.ts";
import { isUsableEndpoint, unusableEndpoint } from "./usable_endpoint.ts";
import { fittingWeights } from "./weights.ts";

/** The Envoy cluster of an ExtensionService. One that Envoy would refuse has no endpoints. */
export function extensionClusterResource(
  cluster: ExtensionCluster,
  options: UpstreamOptions = {},
): Checked<Resource> {
  const { namespace, name: objectName } = cluster.extension;
  const name = extensionName(cluster.extension);
  const message = clusterMessage(name, cluster, options);
  const violations = envoyViolations(types.cluster, message);
  if (violations.length === 0) {
    const warms = [
      { typeUrl: typeUrl(types.clusterLoadAssignment), name },
      ...secretsOf(cluster),
    ];
    return {
      value: encodedResource({ type: types.cluster, name, message, warms }),
      diagnostics: [],
    };
  }
  return {
    value: emptyExtensionCluster(cluster.extension),
    diagnostics: [refusalDiagnostic({
      object: { kind: "ExtensionService", namespace, name: objectName },
      path: "spec",
      type: "SpecError",
      what: "cluster",
      violations,
      instead: "it is served without endpoints",
    })],
  };
}

/** The cluster of an ExtensionService that cannot be used: whoever asks it is told that it fails. */
export function emptyExtensionCluster(extension: ExtensionRef): Resource {
  const name = extensionName(extension);
  const message = { name, type: "STATIC", loadAssignment: { clusterName: name } };
  return encodedResource({ type: types.cluster, name, message });
}

/**
 * The endpoints of an ExtensionService: a locality for each of its Services. Contour leaves out
 * what makes their weights count.
 * See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight
 */
export function extensionAssignmentResource(
  { extension, services }: WeightedAssignment,
): Checked<Resource> {
  const name = extensionName(extension);
  const usable = services.map((service) => ({
    ...service,
    endpoints: service.endpoints.filter(isUsableEndpoint),
  })).filter(({ endpoints }) => endpoints.length > 0);
  const wrong = services.flatMap(({ endpoints }) => endpoints).filter((one) =>
    !isUsableEndpoint(one)
  );
  const weights = fittingWeights(usable.map(({ weight }) => weight));
  return {
    value: encodedResource({
      type: types.clusterLoadAssignment,
      name,
      message: {
        clusterName: name,
        ...(usable.length === 0 ? {} : {
          endpoints: usable.map(({ name, endpoints }, i): Message => ({
            locality: { subZone: name },
            lbEndpoints: endpoints.map(socketEndpoint),
            loadBalancingWeight: { value: weights[i] ?? 1 },
          })),
        }),
      },
    }),
    diagnostics: wrong.length === 0 ? [] : [refusalDiagnostic({
      object: { kind: "ExtensionService", namespace: extension.namespace, name: extension.name },
      path: "spec.services",
      type: "ServiceError",
      what: "ExtensionService's endpoints",
      violations: wrong.map(unusableEndpoint),
      instead: "these are left out",
    })],
  };
}

function clusterMessage(
  name: string,
  cluster: ExtensionCluster,
  options: UpstreamOptions,
): Message {
  const { extension, protocol, sni, validation, clientCertificate } = cluster;
  const { circuitBreakers, connectTimeoutMs } = cluster;
  const breakers = circuitBreakersField(circuitBreakers ?? options.circuitBreakers ?? {});
  const transportSocket = upstreamTls({
    protocol,
    sni,
    ...(validation === undefined ? {} : { validation }),
    clientCertificate,
  }, options.tls);
  const httpOptions = httpProtocolOptions(cluster, {});
  return {
    name,
    altStatName: `extension_${extension.namespace}_${extension.name}`,
    type: "EDS",
    edsClusterConfig: { edsConfig: ads, serviceName: name },
    connectTimeout: duration(connectTimeoutMs),
    lbPolicy: lbPolicies[cluster.loadBalancing],
    commonLbConfig: { healthyPanicThreshold: { value: 0 }, localityWeightedLbConfig: {} },
    ...(breakers === undefined ? {} : { circuitBreakers: breakers }),
    ...(transportSocket === undefined ? {} : { transportSocket }),
    ...(httpOptions === undefined ? {} : { typedExtensionProtocolOptions: httpOptions }),
  };
}
