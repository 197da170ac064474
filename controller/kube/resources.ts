import {
  apiVersionOf,
  type Kind,
  type ObjectKey,
  type PolicyKindEntry,
  type PolicyKinds,
} from "../api/mod.ts";

/** How an API server serves a kind. */
export interface Resource {
  readonly kind: ObjectKey["kind"];
  /** What the API server calls the kind: `RateLimit`, without the group. */
  readonly name: string;
  readonly apiVersion: string;
  /** The name in paths: `httpproxies`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Keeps objects away that we never use. */
  readonly fieldSelector?: string;
  /** The status is written by us, and no part of what the object asks for. */
  readonly ownStatus: boolean;
  /** Whether all else goes on without it: its definition need not be there, nor the right to see it. */
  readonly optional?: boolean;
}

/** Every kind we read. */
export const resources: Readonly<Record<Kind, Resource>> = {
  HTTPProxy: resource("HTTPProxy", "httpproxies", { ownStatus: true }),
  TLSCertificateDelegation: resource("TLSCertificateDelegation", "tlscertificatedelegations", {
    ownStatus: true,
  }),
  ExtensionService: resource("ExtensionService", "extensionservices", { ownStatus: true }),
  Service: resource("Service", "services"),
  EndpointSlice: resource("EndpointSlice", "endpointslices"),
  Secret: resource("Secret", "secrets", {
    fieldSelector: "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token",
  }),
  Namespace: resource("Namespace", "namespaces", { namespaced: false }),
  ConfigMap: resource("ConfigMap", "configmaps"),
  Ingress: resource("Ingress", "ingresses", { ownStatus: true }),
};

/** The resource of a kind, of those that plugins add too. Throws for a kind that nobody adds. */
export function resourceOf(kind: ObjectKey["kind"], policyKinds: PolicyKinds): Resource {
  const known = Object.hasOwn(resources, kind) ? resources[kind as Kind] : undefined;
  if (known !== undefined) return known;
  const entry = policyKinds.values().find((entry) => entry.kind === kind);
  if (entry === undefined) throw new Error(`No plugin adds the kind "${kind}"`);
  return policyResource(entry);
}

/** How an API server serves a kind that a plugin adds. */
export function policyResource({ kind, name, apiVersion, plural }: PolicyKindEntry): Resource {
  return { kind, name, apiVersion, plural, namespaced: true, ownStatus: true, optional: true };
}

/** The path of a list: in one namespace, or in all when none is given. */
export function listPath(
  { apiVersion: version, plural, namespaced }: Resource,
  namespace?: string,
): string {
  const root = `${version.includes("/") ? "/apis" : "/api"}/${version}`;
  return namespaced && namespace !== undefined
    ? `${root}/namespaces/${namespace}/${plural}`
    : `${root}/${plural}`;
}

/** The path of one object. */
export function objectPath(resource: Resource, namespace: string, name: string): string {
  return `${listPath(resource, namespace)}/${name}`;
}

function resource(
  kind: Kind,
  plural: string,
  other: Partial<Omit<Resource, "kind" | "name" | "apiVersion" | "plural">> = {},
): Resource {
  return {
    kind,
    name: kind,
    apiVersion: apiVersionOf(kind),
    plural,
    namespaced: true,
    ownStatus: false,
    ...other,
  };
}
