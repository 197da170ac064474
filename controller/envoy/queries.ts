import type { Diagnostic } from "../api/mod.ts";
import {
  cluster,
  type ClusterSpec,
  extensionAssignment,
  extensionCluster,
  type ExtensionRef,
  type KeyServer,
  keyServerCluster,
  loadAssignment,
  type LoadAssignmentRef,
  type SecretRef,
  servingCertificate,
  virtualHost,
} from "../graph/mod.ts";
import { type Db, input, query } from "../query/mod.ts";
import { clusterResource } from "./cluster.ts";
import { extensionAssignmentResource, extensionClusterResource } from "./extension_service.ts";
import { type HostFragment, hostFragment } from "./host_fragment.ts";
import { keyServerResource } from "./key_server.ts";
import { loadAssignmentResource } from "./load_assignment.ts";
import { defaultEnvoyOptions, type EnvoyOptions } from "./options.ts";
import type { Resource } from "./resource.ts";
import { secretResource } from "./secret.ts";

/** What the administrator decides about all hosts. */
export const envoyOptionsInput = input<"options", EnvoyOptions>("envoy-options");

/** The parts of Envoy's configuration that come of one host name; `undefined` when nothing does. */
export const hostFragmentOf = query(
  "host-fragment",
  (db, fqdn: string): HostFragment | undefined => {
    const host = virtualHost(db, fqdn);
    return host === undefined ? undefined : hostFragment(host, options(db));
  },
);

/** A cluster's resource, the endpoints it wants, and what is wrong with its Service. */
export interface ClusterOutput {
  readonly resource: Resource;
  readonly diagnostics: readonly Diagnostic[];
  readonly assignment?: LoadAssignmentRef;
}

/** The cluster for one use of a Service; `undefined` while the Service is gone. */
export const clusterOutput = query(
  "cluster-resource",
  (db, spec: ClusterSpec): ClusterOutput | undefined => {
    const found = cluster(db, spec);
    if (found === undefined) return undefined;
    const { value: resource, diagnostics } = clusterResource(found, options(db).upstream);
    const { discovery } = found;
    return discovery.kind === "eds"
      ? { resource, diagnostics, assignment: discovery.assignment }
      : { resource, diagnostics };
  },
);

/** The endpoints of a Service port. Never absent: Envoy waits until it is told there are none. */
export const assignmentOutput = query(
  "assignment-resource",
  (db, ref: LoadAssignmentRef): AssignmentOutput => {
    const { value: resource, diagnostics } = loadAssignmentResource(ref, loadAssignment(db, ref));
    return { resource, diagnostics };
  },
);

/** The resource with endpoints, and what is wrong with some of them. */
export interface AssignmentOutput {
  readonly resource: Resource;
  readonly diagnostics: readonly Diagnostic[];
}

/** The cluster of an ExtensionService and the endpoints it wants; `undefined` while it is unusable. */
export const extensionOutput = query(
  "extension-resource",
  (db, ref: ExtensionRef): ExtensionOutput | undefined => {
    const found = extensionCluster(db, ref);
    if (found === undefined) return undefined;
    const { value: resource, diagnostics } = extensionClusterResource(found, options(db).upstream);
    return { resource, diagnostics, extension: found.extension };
  },
);

/** See {@link extensionOutput}. The diagnostics are part of the status of the ExtensionService. */
export interface ExtensionOutput {
  readonly resource: Resource;
  readonly diagnostics: readonly Diagnostic[];
  readonly extension: ExtensionRef;
}

/** The endpoints of an ExtensionService. */
export const extensionAssignmentOutput = query(
  "extension-assignment-resource",
  (db, ref: ExtensionRef): AssignmentOutput => {
    const found = extensionAssignmentResource(extensionAssignment(db, ref));
    return { resource: found.value, diagnostics: found.diagnostics };
  },
);

/** What Envoy would refuse of an ExtensionService. */
export const extensionViolations = query(
  "extension-violations",
  (db, ref: ExtensionRef): readonly Diagnostic[] => {
    const output = extensionOutput(db, ref);
    if (output === undefined) return [];
    return [...output.diagnostics, ...extensionAssignmentOutput(db, ref).diagnostics];
  },
);

/** The cluster of a server of keys; `undefined` while it cannot be checked as it has to be. */
export const keyServerOutput = query(
  "key-server-resource",
  (db, server: KeyServer): Resource | undefined => {
    const found = keyServerCluster(db, server);
    return found === undefined ? undefined : keyServerResource(found, options(db).upstream);
  },
);

/** A certificate with its key. */
export const certificateResource = query(
  "certificate-resource",
  (db, ref: SecretRef): Resource | undefined => {
    const certificate = servingCertificate(db, ref);
    return certificate === undefined ? undefined : secretResource(ref, certificate);
  },
);

function options(db: Db): EnvoyOptions {
  return db.get(envoyOptionsInput, "options") ?? defaultEnvoyOptions;
}
