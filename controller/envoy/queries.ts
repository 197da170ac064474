import type { Diagnostic } from "../api/mod.ts";
import {
  cluster,
  type ClusterSpec,
  extensionAssignment,
  extensionCluster,
  type ExtensionRef,
  type GlobalServices,
  globalServices,
  type KeyServer,
  keyServerCluster,
  loadAssignment,
  type LoadAssignmentRef,
  type SecretRef,
  servingCertificate,
  type VirtualHost,
  virtualHost,
} from "../graph/mod.ts";
import { hostPlugins } from "../plugin/mod.ts";
import { type Db, input, query } from "../query/mod.ts";
import { setting } from "../store/mod.ts";
import { clusterResource } from "./cluster.ts";
import {
  emptyExtensionCluster,
  extensionAssignmentResource,
  extensionClusterResource,
} from "./extension_service.ts";
import { globalExtensions } from "./global_services.ts";
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
    if (host === undefined) return undefined;
    const envoy = options(db);
    return hostFragment(host, envoy, {
      ...(envoy.plugins === undefined && !asksPlugins(host)
        ? {}
        : { plugins: hostPlugins(db, fqdn) }),
      // A host that ends no TLS shares a listener with others, so the services are not its concern.
      services: host.secure?.kind === "http" ? globalServices(db, "all") : {},
      asksOfPlainRequests: setting(db, "globalAuthorization") !== undefined,
    });
  },
);

/** Whether an object has fields for plugins, which are worth a word where there is no plugin. */
function asksPlugins({ policies, routes }: VirtualHost): boolean {
  return policies?.plugins !== undefined || routes.some(({ plugins }) => plugins !== undefined);
}

/** What is asked about the requests of all hosts, for the listeners that they share. */
export const globalServicesOutput = query(
  "global-services-output",
  (db, all: "all"): GlobalServicesOutput => {
    const services = globalServices(db, all);
    return { services, extensions: globalExtensions(services) };
  },
);

/** See {@link globalServicesOutput}. */
export interface GlobalServicesOutput {
  readonly services: GlobalServices;
  /** Who answers, each once. */
  readonly extensions: readonly ExtensionRef[];
}

/** A cluster's resource, the endpoints it wants, and what is wrong with its Service. */
export interface ClusterOutput {
  readonly resource: Resource;
  readonly diagnostics: readonly Diagnostic[];
  readonly assignment?: LoadAssignmentRef;
  /** The Secret that it shows to its Service. */
  readonly clientCertificate?: SecretRef;
}

/** The cluster for one use of a Service; `undefined` while the Service is gone. */
export const clusterOutput = query(
  "cluster-resource",
  (db, spec: ClusterSpec): ClusterOutput | undefined => {
    const found = cluster(db, spec);
    if (found === undefined) return undefined;
    const { value: resource, diagnostics } = clusterResource(found, options(db).upstream);
    const { discovery, clientCertificate } = found;
    return {
      resource,
      diagnostics,
      ...(discovery.kind === "eds" ? { assignment: discovery.assignment } : {}),
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    };
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

/**
 * The cluster of an ExtensionService and the endpoints it wants. While it is unusable there are none,
 * and whoever asks it all the same is told that it fails.
 */
export const extensionOutput = query(
  "extension-resource",
  (db, ref: ExtensionRef): ExtensionOutput => {
    const found = extensionCluster(db, ref);
    if (found === undefined) return { resource: emptyExtensionCluster(ref), diagnostics: [] };
    const { value: resource, diagnostics } = extensionClusterResource(found, options(db).upstream);
    const { extension, clientCertificate } = found;
    return {
      resource,
      diagnostics,
      extension,
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    };
  },
);

/** See {@link extensionOutput}. The diagnostics are part of the status of the ExtensionService. */
export interface ExtensionOutput {
  readonly resource: Resource;
  readonly diagnostics: readonly Diagnostic[];
  /** Whose endpoints it wants; absent: none. */
  readonly extension?: ExtensionRef;
  /** The Secret that it shows to its Services. */
  readonly clientCertificate?: SecretRef;
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
    if (output.extension === undefined) return [];
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
