import type { KubeObject } from "../api/mod.ts";
import {
  type AssignmentOutput,
  assignmentOutput,
  certificateResource,
  type ClusterOutput,
  clusterOutput,
  type HostFragment,
  hostFragmentOf,
  type Resource,
} from "../envoy/mod.ts";
import { type AnyFamily, type Demand, family } from "../query/mod.ts";
import { hasStatus, type ObjectStatus, objectStatus } from "../status/mod.ts";

/** Everything we owe to the outside, by family: the value of each output. */
export interface FamilyValues {
  /** By host name: what goes into listeners and route tables. */
  readonly hosts: HostFragment | undefined;
  /** By cluster, as long as a host asks for it. */
  readonly clusters: ClusterOutput | undefined;
  /** By Service port, as long as a cluster asks for it. */
  readonly assignments: AssignmentOutput;
  /** By Secret, as long as a host serves with it. */
  readonly certificates: Resource | undefined;
  /** By object. */
  readonly statuses: ObjectStatus | undefined;
}

/** In the order of settling: what demands comes before what is demanded. */
export const families: readonly AnyFamily[] = [
  family({ name: "hosts", query: hostFragmentOf, demands: hostDemands }),
  family({ name: "clusters", query: clusterOutput, demands: clusterDemands }),
  family({ name: "assignments", query: assignmentOutput }),
  family({ name: "certificates", query: certificateResource }),
  family({ name: "statuses", query: objectStatus }),
];

/** The outputs that exist because an object does. */
export function sources(object: KubeObject): readonly Demand[] {
  const { namespace, name } = object.metadata;
  const status = hasStatus(object)
    ? [{ family: "statuses", key: { kind: object.kind, namespace, name } }]
    : [];
  const host = object.kind === "HTTPProxy" && object.spec.virtualhost !== undefined
    ? [{ family: "hosts", key: object.spec.virtualhost.fqdn.toLowerCase() }]
    : [];
  return [...status, ...host];
}

function hostDemands(fragment: HostFragment | undefined): readonly Demand[] {
  if (fragment === undefined) return [];
  return [
    ...fragment.clusters.map((key) => ({ family: "clusters", key })),
    ...fragment.secrets.map((key) => ({ family: "certificates", key })),
  ];
}

function clusterDemands(output: ClusterOutput | undefined): readonly Demand[] {
  return output?.assignment === undefined
    ? []
    : [{ family: "assignments", key: output.assignment }];
}
