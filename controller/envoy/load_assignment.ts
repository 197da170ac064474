import type { Diagnostic } from "../api/mod.ts";
import type { Endpoint, LoadAssignment, LoadAssignmentRef } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { type Checked, refusalDiagnostic } from "./checked.ts";
import { encodedResource, type Resource, types } from "./resource.ts";
import { isUsableEndpoint, unusableEndpoint } from "./usable_endpoint.ts";

/**
 * The endpoints of a Service port. Without endpoints it is served all the same, so that clusters
 * need not wait for it. Endpoints that Envoy would refuse are left out.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto
 */
export function loadAssignmentResource(
  ref: LoadAssignmentRef,
  { name, endpoints }: LoadAssignment,
): Checked<Resource> {
  const usable = endpoints.filter(isUsableEndpoint);
  return {
    value: encodedResource({
      type: types.clusterLoadAssignment,
      name,
      message: {
        clusterName: name,
        ...(usable.length === 0 ? {} : {
          endpoints: [{
            lbEndpoints: usable.map(socketEndpoint),
            loadBalancingWeight: { value: 1 },
          }],
        }),
      },
    }),
    diagnostics: usable.length === endpoints.length ? [] : unusable(ref, endpoints),
  };
}

/** An endpoint in a list of them. */
export function socketEndpoint({ address, port, healthPort }: Endpoint): Message {
  return {
    endpoint: {
      address: { socketAddress: { address, portValue: port } },
      ...(healthPort === undefined ? {} : { healthCheckConfig: { portValue: healthPort } }),
    },
  };
}

function unusable(ref: LoadAssignmentRef, endpoints: readonly Endpoint[]): readonly Diagnostic[] {
  const wrong = endpoints.filter((endpoint) => !isUsableEndpoint(endpoint));
  return [refusalDiagnostic({
    object: { kind: "Service", namespace: ref.namespace, name: ref.service },
    path: "",
    type: "ServiceError",
    what: "Service's endpoints",
    violations: wrong.map(unusableEndpoint),
    instead: "these are left out",
  })];
}
