import type { KubeObject } from "../api/mod.ts";
import {
  type AssignmentOutput,
  assignmentOutput,
  certificateResource,
  type ClusterOutput,
  clusterOutput,
  extensionAssignmentOutput,
  type ExtensionOutput,
  extensionOutput,
  type GlobalServicesOutput,
  globalServicesOutput,
  type HostFragment,
  hostFragmentOf,
  keyServerOutput,
  type Resource,
} from "../envoy/mod.ts";
import { type AnyFamily, type Demand, family } from "../query/mod.ts";
import { ingressHosts } from "../store/mod.ts";
import { hasStatus, type ObjectStatus, objectStatus } from "../status/mod.ts";

/** Everything we owe to the outside, by family: the value of each output. */
export interface FamilyValues {
  /** Once: who is asked about the requests of all hosts. */
  readonly globalServices: GlobalServicesOutput;
  /** By host name: what goes into listeners and route tables. */
  readonly hosts: HostFragment | undefined;
  /** By cluster, as long as a host asks for it. */
  readonly clusters: ClusterOutput | undefined;
  /** By Service port, as long as a cluster asks for it. */
  readonly assignments: AssignmentOutput;
  /** By ExtensionService, as long as a host asks it, or all do. */
  readonly extensions: ExtensionOutput;
  /** By ExtensionService, as long as its cluster asks for them. */
  readonly extensionAssignments: AssignmentOutput;
  /** By server of keys, as long as a host checks tokens with them. */
  readonly keyServers: Resource | undefined;
  /** By Secret, as long as a host serves with it, or a cluster shows it. */
  readonly certificates: Resource | undefined;
  /** By object. */
  readonly statuses: ObjectStatus | undefined;
}

/** In the order of settling: what demands comes before what is demanded. */
export const families: readonly AnyFamily[] = [
  family({ name: "globalServices", query: globalServicesOutput, demands: globalDemands }),
  family({ name: "hosts", query: hostFragmentOf, demands: hostDemands }),
  family({ name: "clusters", query: clusterOutput, demands: clusterDemands }),
  family({ name: "assignments", query: assignmentOutput }),
  family({ name: "extensions", query: extensionOutput, demands: extensionDemands }),
  family({ name: "extensionAssignments", query: extensionAssignmentOutput }),
  family({ name: "keyServers", query: keyServerOutput }),
  family({ name: "certificates", query: certificateResource }),
  family({ name: "statuses", query: objectStatus }),
];

/** The outputs that exist whatever the objects are. */
export const standing: readonly Demand[] = [{ family: "globalServices", key: "all" }];

/** The outputs that exist because an object does. */
export function sources(object: KubeObject): readonly Demand[] {
  const { namespace, name } = object.metadata;
  const status = hasStatus(object)
    ? [{ family: "statuses", key: { kind: object.kind, namespace, name } }]
    : [];
  return [...status, ...hostsOf(object).map((key) => ({ family: "hosts", key }))];
}

/** The hosts an object speaks of, whoever they are given to. */
function hostsOf(object: KubeObject): readonly string[] {
  switch (object.kind) {
    case "HTTPProxy": {
      const fqdn = object.spec.virtualhost?.fqdn.toLowerCase();
      return fqdn === undefined ? [] : [fqdn];
    }
    case "Ingress":
      return ingressHosts(object);
    default:
      return [];
  }
}

function globalDemands({ extensions }: GlobalServicesOutput): readonly Demand[] {
  return extensions.map((key) => ({ family: "extensions", key }));
}

function hostDemands(fragment: HostFragment | undefined): readonly Demand[] {
  if (fragment === undefined) return [];
  const { clusters, secrets, extensions = [], keyServers = [] } = fragment;
  return [
    ...clusters.map((key) => ({ family: "clusters", key })),
    ...extensions.map((key) => ({ family: "extensions", key })),
    ...keyServers.map((key) => ({ family: "keyServers", key })),
    ...secrets.map((key) => ({ family: "certificates", key })),
  ];
}

function extensionDemands(output: ExtensionOutput): readonly Demand[] {
  const { extension } = output;
  return [
    ...(extension === undefined ? [] : [{ family: "extensionAssignments", key: extension }]),
    ...certificateDemands(output),
  ];
}

function clusterDemands(output: ClusterOutput | undefined): readonly Demand[] {
  if (output === undefined) return [];
  const { assignment } = output;
  return [
    ...(assignment === undefined ? [] : [{ family: "assignments", key: assignment }]),
    ...certificateDemands(output),
  ];
}

function certificateDemands(
  { clientCertificate }: Pick<ClusterOutput, "clientCertificate">,
): readonly Demand[] {
  return clientCertificate === undefined
    ? []
    : [{ family: "certificates", key: clientCertificate }];
}
