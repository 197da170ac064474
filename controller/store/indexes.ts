import { type Ingress, isPolicy, type KubeObject, parseFqdn } from "../api/mod.ts";

/** The declared indexes: everything translation looks up other than by name. */
export type IndexName = keyof typeof indexes;

/**
 * Each index is a pure function of one object: the buckets it belongs in. A query reads one bucket,
 * so it reruns only when the members of that bucket change.
 */
export const indexes = {
  /** Root HTTPProxies by the name they claim, lower case. */
  "root-by-fqdn": (object) =>
    object.kind === "HTTPProxy" && object.spec.virtualhost !== undefined
      ? [object.spec.virtualhost.fqdn.toLowerCase()]
      : [],

  /** HTTPProxies by `namespace/name` of those they include, for HTTP or TCP. */
  "httpproxy-by-include": (object) => {
    if (object.kind !== "HTTPProxy") return [];
    const { includes = [], tcpproxy } = object.spec;
    const tcp = tcpproxy?.include ?? tcpproxy?.includes;
    return [...includes, ...(tcp === undefined ? [] : [tcp])]
      .map(({ namespace, name }) => `${namespace || object.metadata.namespace}/${name}`);
  },

  /** Ingresses by the hosts they speak of; `*` for what no other host takes. */
  "ingress-by-host": (object) => object.kind === "Ingress" ? ingressHosts(object) : [],

  /** EndpointSlices by `namespace/name` of their Service. */
  "endpointslice-by-service": (object) => {
    if (object.kind !== "EndpointSlice") return [];
    const service = object.metadata.labels?.["kubernetes.io/service-name"];
    return service === undefined ? [] : [`${object.metadata.namespace}/${service}`];
  },

  /** TLSCertificateDelegations by `namespace/name` of the Secrets they speak of. */
  "delegation-by-secret": (object) =>
    object.kind === "TLSCertificateDelegation"
      ? object.spec.delegations.map(({ secretName }) =>
        `${object.metadata.namespace}/${secretName}`
      )
      : [],

  /** Policies of plugins by `kind/namespace/name` of what they are for, in their own namespace. */
  "policy-by-target": (object) => {
    if (!isPolicy(object)) return [];
    const { namespace } = object.metadata;
    const targets = object.spec.targets.filter(({ kind, name }) =>
      kind !== "Namespace" || name === namespace
    );
    return [...new Set(targets.map(({ kind, name }) => `${kind}/${namespace}/${name}`))];
  },
} satisfies Record<string, (object: KubeObject) => readonly string[]>;

/**
 * The hosts an Ingress has rules or certificates for, lower case, each once; those that are no host
 * names are left out. `*` stands for rules without a host, and for the default backend.
 */
export function ingressHosts(
  { spec: { rules = [], tls = [], defaultBackend } }: Ingress,
): string[] {
  const hosts = [
    ...(defaultBackend === undefined ? [] : ["*"]),
    ...rules.flatMap(({ host, http }) => http === undefined ? [] : [ingressHost(host)]),
    ...tls.flatMap(({ hosts = [] }) => hosts.filter((host) => host !== "").map(ingressHost)),
  ];
  return [...new Set(hosts.filter((host) => host !== undefined))];
}

/** The name of the virtual host that the `host` of a rule means; `undefined` when it is none. */
export function ingressHost(host: string | undefined): string | undefined {
  if (host === undefined || host === "") return "*";
  const parsed = parseFqdn(host);
  return parsed.ok ? parsed.fqdn.host : undefined;
}
