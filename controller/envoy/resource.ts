import { createHash } from "node:crypto";
import {
  encode,
  type Message,
  refId,
  type Resource,
  type ResourceDelta,
  type ResourceRef,
  typeUrl,
} from "../../proto/mod.ts";

export { refId };
export type { Resource, ResourceDelta, ResourceRef };

/** What a resource is made of. */
export interface ResourceParts {
  /** Full name of the message: `envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  readonly name: string;
  readonly body: Uint8Array;
  /** Names of the clusters it sends traffic to. */
  readonly clusters?: readonly string[];
  readonly warms?: readonly ResourceRef[];
}

/** Puts a resource together: its version is derived from the body. */
export function resourceOf({ type, name, body, clusters, warms }: ResourceParts): Resource {
  return {
    typeUrl: typeUrl(type),
    name,
    version: contentVersion(body),
    body,
    ...(clusters === undefined || clusters.length === 0 ? {} : { needs: clusters.map(clusterRef) }),
    ...(warms === undefined || warms.length === 0 ? {} : { warms }),
  };
}

/** Like {@link resourceOf}, for a message that is not encoded yet. */
export function encodedResource(
  { message, ...parts }: Omit<ResourceParts, "body"> & { readonly message: Message },
): Resource {
  return resourceOf({ ...parts, body: encode(parts.type, message) });
}

/** 16 hexadecimal digits that stand for the bytes. */
export function contentVersion(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 16);
}

/** A cluster by name. */
export function clusterRef(name: string): ResourceRef {
  return { typeUrl: typeUrl(types.cluster), name };
}

/** By type, then name. */
export function compareRefs(a: ResourceRef, b: ResourceRef): number {
  return compareText(a.typeUrl, b.typeUrl) || compareText(a.name, b.name);
}

/** By UTF-16 units, which for the names we sort is byte order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Full names of the messages that are resources. */
export const types = {
  cluster: "envoy.config.cluster.v3.Cluster",
  clusterLoadAssignment: "envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "envoy.config.listener.v3.Listener",
  routeConfiguration: "envoy.config.route.v3.RouteConfiguration",
  runtime: "envoy.service.runtime.v3.Runtime",
  scopedRouteConfiguration: "envoy.config.route.v3.ScopedRouteConfiguration",
  secret: "envoy.extensions.transport_sockets.tls.v3.Secret",
  typedExtensionConfig: "envoy.config.core.v3.TypedExtensionConfig",
} as const;
