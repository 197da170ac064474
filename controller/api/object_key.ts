/** The kinds of Kubernetes object this program reads. */
export const kinds = [
  "HTTPProxy",
  "TLSCertificateDelegation",
  "ExtensionService",
  "Service",
  "EndpointSlice",
  "Secret",
  "Namespace",
  "ConfigMap",
  "Ingress",
] as const;

/** One of {@link kinds}. */
export type Kind = (typeof kinds)[number];

/** A kind that a plugin adds, with its group: `RateLimit.policy.projectcontour.io`. */
export type PolicyKind = `${string}.${string}`;

/** What identifies an object: two objects with equal keys are versions of one object. */
export interface ObjectKey {
  readonly kind: Kind | PolicyKind;
  /** Empty for a Namespace, which is in no namespace itself. */
  readonly namespace: string;
  readonly name: string;
}

/** The key as one string, for maps and messages: `HTTPProxy/default/shop`. */
export function keyId(key: ObjectKey): string {
  return `${key.kind}/${key.namespace}/${key.name}`;
}

/** The key that {@link keyId} made this string of. Throws a `RangeError` for any other string. */
export function keyFromId(id: string): ObjectKey {
  const [kind = "", namespace, name] = id.split("/");
  if ((isKind(kind) || isPolicyKind(kind)) && namespace !== undefined && name !== undefined) {
    return { kind, namespace, name };
  }
  throw new RangeError(`"${id}" names no object`);
}

/** Whether this is the name of a kind we read. */
export function isKind(name: string): name is Kind {
  return (kinds as readonly string[]).includes(name);
}

/** Whether this is the name of a kind that a plugin may add. */
export function isPolicyKind(name: string): name is PolicyKind {
  return name.includes(".");
}
