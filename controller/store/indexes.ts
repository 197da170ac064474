import type { KubeObject } from "../api/mod.ts";

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
} satisfies Record<string, (object: KubeObject) => readonly string[]>;
