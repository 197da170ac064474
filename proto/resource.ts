/**
 * One thing an Envoy subscribes to, encoded: what translation makes and xDS serves.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 */
export interface Resource extends ResourceRef {
  /** Content hash of `body`: equal versions mean equal bytes, on any replica. */
  readonly version: string;
  /** The encoded message: the `value` of the `Any`, without envelope. */
  readonly body: Uint8Array;
  /** Must be active in an Envoy before this one is sent there: a route's clusters. */
  readonly needs?: readonly ResourceRef[];
  /** This one is active only when these were answered too: a cluster's endpoints. */
  readonly warms?: readonly ResourceRef[];
}

/** A resource by type and name, whether it exists or not. */
export interface ResourceRef {
  /** `type.googleapis.com/` and the full name of the message. */
  readonly typeUrl: string;
  /** Unique among the resources of the type. */
  readonly name: string;
}

/** A step from one set of resources to the next. A name is in one list or the other, not both. */
export interface ResourceDelta {
  /** New resources, and new forms of known ones. */
  readonly changed: readonly Resource[];
  /** Resources that are no longer served. */
  readonly removed: readonly ResourceRef[];
}

/** The key of a resource in maps. */
export function refId({ typeUrl, name }: ResourceRef): string {
  return `${typeUrl} ${name}`;
}
