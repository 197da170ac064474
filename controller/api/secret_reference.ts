/**
 * The Secret a field such as `tls.secretName` names: `name` in the namespace of the object that
 * holds the field, or `namespace/name`, split at the first slash.
 */
export function parseSecretReference(reference: string, namespace: string): SecretReference {
  const slash = reference.indexOf("/");
  return slash < 0
    ? { namespace, name: reference }
    : { namespace: reference.slice(0, slash), name: reference.slice(slash + 1) };
}

/** A Secret by namespace and name. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}
