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
 * Whether the host asks for protection that cannot be given yet. It must not be served open
 * instead.
 */
export function unprotectedHost({ virtualhost }: HTTPProxy["spec"]): boolean {
  return protections.some((field) => isSet(virtualhost?.[field]));
}

const protections = ["authorization", "jwtProviders"] as const;
const routeFields = ["authPolicy", "jwtVerificationPolicy"] as const;

function unsupportedFields({ virtualhost, routes = [] }: HTTPProxy["spec"]): string[] {
  return [
    ...protections.filter((field) => isSet(virtualhost?.[field])).map((field) =>
      `spec.virtualhost.${field}`
    ),
    ...(isSet(virtualhost?.tls?.enableFallbackCertificate)
      ? ["spec.virtualhost.tls.enableFallbackCertificate"]
      : []),
    ...routes.flatMap((route, i) =>
      routeFields.filter((field) => isSet(route[field])).map((field) =>
        `spec.routes[${i}].${field}`
      )
    ),
  ];
}

function isProtection(field: string): boolean {
  return /\.(authorization|jwtProviders)$/.test(field);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
