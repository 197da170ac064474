import { type ClusterSpec, loadAssignment, loadAssignmentRef } from "../controller/graph/mod.ts";
import type { Db } from "../controller/query/mod.ts";
import { bucket, object } from "../controller/store/mod.ts";
import type { Target, TargetEndpoints } from "./explanation.ts";

/** The Service ports that requests are shared among, each with its part of all weights. */
export function targetsOf(
  db: Db,
  clusters: readonly { readonly cluster: ClusterSpec; readonly weight: number }[],
): readonly Target[] {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return clusters.map(({ cluster, weight }) =>
    target(db, cluster, total === 0 ? 100 / clusters.length : weight / total * 100)
  );
}

/** A Service port with its share in percent. */
export function target(db: Db, cluster: ClusterSpec, percent: number): Target {
  const { namespace, service, port, protocol } = cluster;
  return {
    namespace,
    service,
    port,
    percent: Math.round(percent * 100) / 100,
    protocol,
    endpoints: endpointsOf(db, cluster),
  };
}

function endpointsOf(db: Db, cluster: ClusterSpec): TargetEndpoints {
  const { namespace, service } = cluster;
  const spec = object(db, "Service", { namespace, name: service })?.spec;
  if (spec?.type === "ExternalName" && spec.externalName !== undefined) {
    return { kind: "dns", name: spec.externalName };
  }
  const slices = bucket(db, "endpointslice-by-service", `${namespace}/${service}`)
    .flatMap((key) => object(db, "EndpointSlice", key) ?? []);
  if (slices.length === 0) return { kind: "unknown" };
  const ready = loadAssignment(db, loadAssignmentRef(cluster)).endpoints.length;
  const unready = new Set(
    slices.flatMap(({ endpoints }) => endpoints)
      .filter(({ conditions }) => conditions?.ready === false)
      .flatMap(({ addresses: [address] }) => address ?? []),
  ).size;
  return { kind: "known", ready, total: ready + unready };
}
