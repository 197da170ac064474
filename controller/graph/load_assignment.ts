import { isIP } from "node:net";
import type { EndpointSlice } from "../api/mod.ts";
import { query } from "../query/mod.ts";
import { bucket, object } from "../store/mod.ts";
import type { ClusterSpec, Endpoint, LoadAssignment, LoadAssignmentRef } from "./model.ts";

/** The endpoints a cluster gets its traffic to. Clusters that ask for the same ones share them. */
export function loadAssignmentRef(
  spec: Pick<ClusterSpec, "namespace" | "service" | "portName" | "healthPort">,
): LoadAssignmentRef {
  const { namespace, service, portName, healthPort } = spec;
  // A namespace of that name must not get at the endpoints of an ExtensionService.
  const first = namespace === "extension" ? "extension~" : namespace;
  const name = [first, service, ...(portName === "" ? [] : [portName])].join("/");
  if (healthPort === undefined || healthPort.portName === portName) {
    return { name, namespace, service, portName };
  }
  // Contour gives all users of a port the health port of whichever came first.
  const suffix = `health:${healthPort.portName}`;
  return {
    name: `${name}/${suffix}`,
    namespace,
    service,
    portName,
    healthPortName: healthPort.portName,
  };
}

/** The endpoints behind a Service port that are ready, by address and port, each once. */
export const loadAssignment = query(
  "load-assignment",
  (db, ref: LoadAssignmentRef): LoadAssignment => {
    const endpoints = new Map<string, Endpoint>();
    for (const key of bucket(db, "endpointslice-by-service", `${ref.namespace}/${ref.service}`)) {
      const slice = object(db, "EndpointSlice", key);
      if (slice === undefined) continue;
      for (const endpoint of readyEndpoints(slice, ref)) {
        // Names are no endpoints, which is told where they are left out; addresses among them are
        // passed over, as in Contour.
        if (slice.addressType === "FQDN" && isIP(endpoint.address) !== 0) continue;
        endpoints.set(`${endpoint.address} ${endpoint.port}`, endpoint);
      }
    }
    return { name: ref.name, endpoints: [...endpoints.values()].sort(byAddress) };
  },
);

function* readyEndpoints(slice: EndpointSlice, ref: LoadAssignmentRef): Iterable<Endpoint> {
  const tcp = slice.ports.filter(({ protocol }) => protocol === "TCP");
  const ports = tcp.filter(({ name }) => ref.portName === "" || name === ref.portName);
  const healthPort = ref.healthPortName === undefined
    ? undefined
    : tcp.find(({ name }) => name === ref.healthPortName)?.port;
  for (const { addresses, conditions } of slice.endpoints) {
    const [address] = addresses;
    if (conditions?.ready === false || address === undefined) continue;
    for (const { port } of ports) {
      if (port === undefined) continue;
      yield { address, port, ...(healthPort === undefined ? {} : { healthPort }) };
    }
  }
}

function byAddress(a: Endpoint, b: Endpoint): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.port - b.port;
}
