import type { z } from "zod";
import type {
  ExtensionService,
  HTTPProxy,
  MatchCondition,
  Route,
  RouteService,
  TLSCertificateDelegation,
  VirtualHost,
} from "../controller/api/mod.ts";

/** A route as it is written, without defaults. */
export type RouteDraft = z.input<typeof Route>;
/** A Service of a route as it is written. */
export type RouteServiceDraft = z.input<typeof RouteService>;
/** A condition as it is written. */
export type ConditionDraft = z.input<typeof MatchCondition>;
/** A virtual host as it is written. */
export type VirtualHostDraft = z.input<typeof VirtualHost>;

/** An object that is made, before it is written. */
export type OutputObject =
  | z.input<typeof HTTPProxy>
  | z.input<typeof TLSCertificateDelegation>
  | z.input<typeof ExtensionService>;

/** An object and where its parts come from. */
export interface Made {
  readonly object: OutputObject;
  readonly namespace: string;
  readonly name: string;
  /** The file of the input it belongs with. */
  readonly file: string;
  /** The objects it is made from, as {@link NoteDraft.object} has them. */
  readonly sources: readonly string[];
  /** The host it is for; empty for what serves several. */
  readonly host: string;
  /** What each route comes from, by index. */
  readonly origins: readonly RouteOrigin[];
  /** Whether no cluster would take it, in whatever form. */
  readonly isLeftOut?: boolean;
}

/** A policy of a plugin, before it is written. */
export interface PolicyDraft {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What is written: what is made, and policies of plugins for that. */
export interface Written extends Omit<Made, "object"> {
  readonly object: OutputObject | PolicyDraft;
}

/** Where a route comes from. */
export interface RouteOrigin {
  /** `Ingress/web/shop` */
  readonly source: string;
  /** `spec.rules[0].http.paths[1]` */
  readonly path: string;
}

/** `HTTPProxy/web/shop` */
export function madeId({ object: { kind }, namespace, name }: Written): string {
  return `${kind}/${namespace}/${name}`;
}

/** The fields of a route in the order in which they are read best. */
export function orderedRoute(route: RouteDraft): RouteDraft {
  return ordered(route, routeOrder);
}

const routeOrder: readonly (keyof RouteDraft)[] = [
  "conditions",
  "services",
  "requestRedirectPolicy",
  "directResponsePolicy",
  "pathRewritePolicy",
  "permitInsecure",
  "enableWebsockets",
  "authPolicy",
  "ipAllowPolicy",
  "ipDenyPolicy",
  "timeoutPolicy",
  "retryPolicy",
  "healthCheckPolicy",
  "loadBalancerPolicy",
  "rateLimitPolicy",
  "requestHeadersPolicy",
  "responseHeadersPolicy",
  "cookieRewritePolicies",
];

/** A copy with fields in an order; those that are not named come last, undefined ones not at all. */
export function ordered<Value extends object>(
  value: Value,
  names: readonly (keyof Value)[],
): Value {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  const rank = new Map(names.map((name, index) => [String(name), index]));
  entries.sort(([a], [b]) => (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size));
  return Object.fromEntries(entries) as Value;
}
