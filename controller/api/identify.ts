import { schemas } from "./kube_object.ts";
import { nearest } from "./nearest.ts";
import { isKind, type Kind, kinds } from "./object_key.ts";
import { noPolicyKinds, type PolicyKindEntry, type PolicyKinds } from "./policy_object.ts";
import type { Problem } from "./problem.ts";

/** What a document says it is, by its `apiVersion` and `kind`. */
export function identify(value: unknown, policyKinds: PolicyKinds = noPolicyKinds): Identity {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refused("CTR007", [], "a document has to be an object with apiVersion and kind");
  }
  const { apiVersion, kind, items } = value as Record<string, unknown>;
  for (const [field, text] of Object.entries({ apiVersion, kind })) {
    if (text === undefined || text === null || text === "") {
      return refused("CTR007", [], `the object has no "${field}"`);
    }
    if (typeof text !== "string") return refused("CTR007", [field], `"${field}" must be text`);
  }
  const version = String(apiVersion);
  const name = String(kind);
  if (name.endsWith("List") && (Array.isArray(items) || name === "List")) {
    if (items === undefined || items === null) return { kind: "list", items: [] };
    if (!Array.isArray(items)) return refused("CTR004", ["items"], `"items" must be a list`);
    return { kind: "list", items };
  }
  if (isKind(name)) return ofKind(name, version);
  const policy = policyKinds.get(`${version} ${name}`);
  if (policy !== undefined) return { kind: "policy", of: policy };
  if (isComing(name, version)) {
    return passedOver("CTR302", "warning", `${version} ${name} is not carried out yet`);
  }
  const near = versions.has(version) && !neighbours.has(name) ? nearest(name, kinds) : undefined;
  if (near !== undefined) {
    return refused("CTR009", ["kind"], `unknown kind "${name}", did you mean "${near}"?`, near);
  }
  return passedOver("CTR010", "info", `${version} ${name} plays no part in routing`);
}

/** See {@link identify}. */
export type Identity =
  | { readonly kind: "object"; readonly of: Kind }
  | { readonly kind: "list"; readonly items: readonly unknown[] }
  /** An object of a kind that a plugin adds. */
  | { readonly kind: "policy"; readonly of: PolicyKindEntry }
  /** A kind that we need not understand. */
  | { readonly kind: "passed over"; readonly problem: Problem }
  /** Something that should have been an object; `of` is set when its kind is known. */
  | { readonly kind: "refused"; readonly problem: Problem; readonly of?: Kind };

/** The one version of each kind that is understood. */
export function apiVersionOf(kind: Kind): string {
  return schemas[kind].shape.apiVersion.value;
}

const versions = new Set(kinds.map(apiVersionOf));

/** Real kinds of the same groups whose names resemble ours. */
const neighbours = new Set(["Endpoints", "IngressClass", "ServiceAccount", "ServiceCIDR"]);

const ourGroup = "projectcontour.io";

function ofKind(kind: Kind, version: string): Identity {
  const expected = apiVersionOf(kind);
  if (version === expected) return { kind: "object", of: kind };
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  // Others have kinds of the same names, such as the Service of Knative.
  const isOurs = expected.startsWith(ourGroup) || group === ourGroup || !group.includes(".") ||
    group.endsWith(".k8s.io");
  if (!isOurs) {
    return passedOver("CTR010", "info", `${version} ${kind} plays no part in routing`);
  }
  const message = `unknown apiVersion "${version}" of ${kind}, use "${expected}"`;
  return { ...refused("CTR008", ["apiVersion"], message, expected), of: kind };
}

function isComing(name: string, version: string): boolean {
  return version.startsWith("gateway.networking.k8s.io/") ||
    (version.startsWith(`${ourGroup}/`) &&
      (name === "ContourConfiguration" || name === "ContourDeployment"));
}

function refused(
  code: Problem["code"],
  path: Problem["path"],
  message: string,
  meant?: string,
) {
  return {
    kind: "refused" as const,
    problem: {
      code,
      severity: "error" as const,
      path,
      at: "value" as const,
      message,
      ...(meant === undefined ? {} : { meant }),
    },
  };
}

function passedOver(code: Problem["code"], severity: "info" | "warning", message: string) {
  return {
    kind: "passed over" as const,
    problem: { code, severity, path: ["kind"], at: "value" as const, message },
  };
}
