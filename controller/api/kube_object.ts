import {
  ConfigMap,
  EndpointSlice,
  ExtensionService,
  HTTPProxy,
  Ingress,
  Namespace,
  Secret,
  Service,
  TLSCertificateDelegation,
} from "./kinds/mod.ts";
import type { Kind, ObjectKey } from "./object_key.ts";
import type { PolicyObject } from "./policy_object.ts";

/** Any object we read, told apart by `kind`. */
export type KubeObject =
  | HTTPProxy
  | TLSCertificateDelegation
  | ExtensionService
  | Service
  | EndpointSlice
  | Secret
  | Namespace
  | ConfigMap
  | Ingress
  | PolicyObject;

/** The object of one kind: `ObjectOf<"Service">` is {@link Service}. */
export type ObjectOf<K extends Kind> = Extract<KubeObject, { readonly kind: K }>;

/** The schema of every kind but those that plugins add. */
export const schemas = {
  HTTPProxy,
  TLSCertificateDelegation,
  ExtensionService,
  Service,
  EndpointSlice,
  Secret,
  Namespace,
  ConfigMap,
  Ingress,
} as const;

/** The key of an object. */
export function keyOf(object: KubeObject): ObjectKey {
  return {
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
  };
}
