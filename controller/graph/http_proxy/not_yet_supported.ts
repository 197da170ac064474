import type { HTTPProxy } from "../../api/mod.ts";
import { Fault } from "../fault.ts";

/**
 * One warning that names every field of the object which this version reads and does not carry out
 * yet; `undefined` when there is none.
 */
export function notYetSupported(spec: HTTPProxy["spec"]): Fault | undefined {
  const fields = unsupportedFields(spec);
  const [first] = fields;
  if (first === undefined) return undefined;
  const closed = fields.some(isProtection)
    ? "; what they would protect is answered with 503 until then"
    : "";
  const message = `not carried out by this version: ${fields.join(", ")}${closed}`;
  return new Fault("NotYetSupported", message, first);
}

/**
 * Whether the host as a whole asks for protection that cannot be given yet. It must not be served
 * open instead.
 */
export function unprotectedHost({ virtualhost }: HTTPProxy["spec"]): boolean {
  return hostProtections.some((field) => isSet(virtualhost?.[field])) ||
    virtualhost?.tls?.clientValidation !== undefined;
}

/** The same for one route. */
export function unprotectedRoute(route: RouteSpec): boolean {
  return routeProtections.some((field) => isSet(route[field]));
}

type RouteSpec = NonNullable<HTTPProxy["spec"]["routes"]>[number];

const hostProtections = ["authorization", "jwtProviders", "ipAllowPolicy", "ipDenyPolicy"] as const;
const hostFields = [...hostProtections, "corsPolicy", "rateLimitPolicy"] as const;
const tlsFields = ["clientValidation", "enableFallbackCertificate"] as const;
const routeProtections = ["ipAllowPolicy", "ipDenyPolicy"] as const;
const routeFields = [
  ...routeProtections,
  "authPolicy",
  "cookieRewritePolicies",
  "rateLimitPolicy",
  "internalRedirectPolicy",
  "jwtVerificationPolicy",
] as const;

function unsupportedFields({ virtualhost, routes = [] }: HTTPProxy["spec"]): string[] {
  const tls = virtualhost?.tls;
  return [
    ...hostFields.filter((field) => isSet(virtualhost?.[field])).map((field) =>
      `spec.virtualhost.${field}`
    ),
    ...tlsFields.filter((field) => isSet(tls?.[field])).map((field) =>
      `spec.virtualhost.tls.${field}`
    ),
    ...routes.flatMap((route, i) => [
      ...routeFields.filter((field) => isSet(route[field])).map((field) =>
        `spec.routes[${i}].${field}`
      ),
      ...(route.services ?? []).flatMap((service, j) =>
        isSet(service.cookieRewritePolicies)
          ? [`spec.routes[${i}].services[${j}].cookieRewritePolicies`]
          : []
      ),
    ]),
  ];
}

function isProtection(field: string): boolean {
  return /\.(authorization|jwtProviders|ip(Allow|Deny)Policy|clientValidation)$/.test(field);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
