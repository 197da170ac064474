import { createHash } from "node:crypto";
import type { ClusterSpec, ExtensionRef, SecretRef } from "../graph/mod.ts";

/** Names of the two listeners; also their prefix in Envoy's statistics. */
export const listenerNames = { http: "ingress_http", https: "ingress_https" } as const;

/** The RouteConfiguration with all plain hosts, in the flat layout. */
export const plainRouteConfiguration = "ingress_http";

/** The RouteConfiguration of one host on the TLS listener. */
export function secureRouteConfiguration(fqdn: string): string {
  return `https/${fqdn}`;
}

/** The scope of one host on the plain listener, in the scoped layout. */
export function scopeName(fqdn: string): string {
  return `http/${fqdn}`;
}

/** What the private header has to hold, up to the first colon, for the scope of a host. */
export function scopeKey(fqdn: string): string {
  return `http||${fqdn}`;
}

/** Stands for a host in the name and key of the scope with all wildcard hosts. No host is named so. */
export const wildcardScope = "~";

/** The header the connection manager writes to choose the scope. It never reaches a backend. */
export const scopeHeader = "x-contour-scope";

/**
 * The name of a virtual host: Envoy's statistics limit it, so a host of 60 bytes or more is
 * replaced by the start of its hash, as in Contour.
 */
export function virtualHostName(fqdn: string): string {
  if (new TextEncoder().encode(fqdn).length < 60) return fqdn;
  return createHash("sha256").update(fqdn).digest("hex").slice(0, 60);
}

/** The name under which a cluster's statistics are kept; several clusters of a Service share it. */
export function altStatName({ namespace, service, port }: ClusterSpec): string {
  return `${namespace}_${service}_${port}`;
}

/** The endpoints of a cluster that is resolved by DNS: they bear the name the others have in EDS. */
export function dnsAssignmentName({ namespace, service, portName }: ClusterSpec): string {
  return [namespace, service, ...(portName === "" ? [] : [portName])].join("/");
}

/** The name of the cluster of an ExtensionService, and of its endpoints. */
export function extensionName({ namespace, name }: ExtensionRef): string {
  return `extension/${namespace}/${name}`;
}

/** The RouteConfiguration with the hosts that are served to clients who name none. */
export const fallbackRouteConfiguration = "ingress_fallbackcert";

/**
 * The name of a Secret in SDS. Contour adds a hash of the certificate, so that a rotation changes
 * the listener too; here it costs one update of the secret and leaves all connections alone.
 */
export function secretName({ namespace, name }: SecretRef): string {
  return `${namespace}/${name}`;
}

/** Names of HTTP filters. Two filters of one kind need two names, or routes cannot tell them apart. */
export const filterNames = {
  compressor: "envoy.filters.http.compressor",
  cookieRewrite: "envoy.filters.http.lua.cookie_rewrite",
  cors: "envoy.filters.http.cors",
  externalAuthorization: "envoy.filters.http.ext_authz",
  grpcStats: "envoy.filters.http.grpc_stats",
  grpcWeb: "envoy.filters.http.grpc_web",
  jwtAuthentication: "envoy.filters.http.jwt_authn",
  localRateLimit: "envoy.filters.http.local_ratelimit",
  rateLimit: "envoy.filters.http.ratelimit",
  misdirectedRequest: "envoy.filters.http.lua.misdirected_request",
  rbac: "envoy.filters.http.rbac",
  router: "router",
  scopeMiss: "envoy.filters.http.lua.scope_miss",
  websocketRoutes: "envoy.filters.http.lua.websocket_routes",
} as const;

/** Where the access log looks for the object behind a route. */
export const accessLogName = "envoy.access_loggers.file";
