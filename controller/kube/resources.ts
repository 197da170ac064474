import { apiVersionOf, type Kind } from "../api/mod.ts";

/** How an API server serves a kind. */
export interface Resource {
  readonly kind: Kind;
  /** The name in paths: `httpproxies`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Keeps objects away that we never use. */
  readonly fieldSelector?: string;
  /** The status is written by us, and no part of what the object asks for. */
  readonly ownStatus: boolean;
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

/** The path of a list: in one namespace, or in all when none is given. */
export function listPath({ kind, plural, namespaced }: Resource, namespace?: string): string {
  const version = apiVersionOf(kind);
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
  other: Partial<Omit<Resource, "kind" | "plural">> = {},
): Resource {
  return { kind, plural, namespaced: true, ownStatus: false, ...other };
}
