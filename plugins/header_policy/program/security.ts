import { quoteRegex } from "../../../controller/plugin/mod.ts";
import { off, type Security } from "../settings/security.ts";
import { celText } from "./cel_text.ts";
import { conditionExpression } from "./condition_expression.ts";
import type { Mutation } from "./program.ts";
import {
  fingerprints,
  presetHeaders,
  type SecurityField,
  securityHeaders,
} from "./security_presets.ts";

/** The security headers of all policies together. */
export interface SecurityHeaders {
  /** By field; none of them is off. */
  readonly headers: ReadonlyMap<SecurityField, string>;
  /** Fields whose headers the Service may set by itself. */
  readonly existing: "replace" | "keep";
  readonly fingerprints: "remove" | "keep";
}

/** The widest first. A preset makes a new start, what stands beside it has the last word. */
export function securityHeadersOf(all: readonly Security[]): SecurityHeaders {
  const headers = new Map<SecurityField, string>();
  let existing: SecurityHeaders["existing"] = "replace";
  let prints: SecurityHeaders["fingerprints"] = "keep";
  for (const security of all) {
    if (security.preset !== undefined) {
      headers.clear();
      for (const field of fields) setField(headers, field, presetHeaders[security.preset][field]);
      existing = "replace";
      prints = "remove";
    }
    for (const field of fields) setField(headers, field, security[field]);
    const { contentSecurityPolicyDirectives: directives = {} } = security;
    if (Object.keys(directives).length > 0) {
      const policy = withDirectives(headers.get("contentSecurityPolicy") ?? "", directives);
      setField(headers, "contentSecurityPolicy", policy === "" ? off : policy);
    }
    existing = security.existing ?? existing;
    prints = security.fingerprints ?? prints;
  }
  return { headers, existing, fingerprints: prints };
}

/** What sets them. */
export function securityMutations(security: SecurityHeaders): readonly Mutation[] {
  const onto = security.existing === "keep" ? "ADD_IF_ABSENT" : "OVERWRITE_IF_EXISTS_OR_ADD";
  const removal: Mutation = {
    kind: "remove-matching",
    match: { kind: "pattern", text: fingerprints.map(quoteRegex).join("|") },
  };
  return [
    ...(security.fingerprints === "remove" ? [removal] : []),
    ...fields.flatMap((field): readonly Mutation[] => {
      const text = security.headers.get(field);
      if (text === undefined) return [];
      // Browsers pass over it on plain connections, and it must not be sent there.
      const format = field === "strictTransportSecurity"
        ? `%CEL(${byTls} ? ${celText(text)} : '')%`
        : text.replaceAll("%", "%%");
      return [{ kind: "put", name: securityHeaders[field], format, onto }];
    }),
  ];
}

const byTls = conditionExpression({ scheme: "https" }, undefined, "response") ?? "true";

const fields = Object.keys(securityHeaders) as readonly SecurityField[];

function setField(
  headers: Map<SecurityField, string>,
  field: SecurityField,
  value: string | undefined,
): void {
  if (value === off) headers.delete(field);
  else if (value !== undefined) headers.set(field, value);
}

/** A policy with single directives in place of its own; new ones come last. */
function withDirectives(policy: string, changes: Readonly<Record<string, string>>): string {
  const directives = new Map<string, string>();
  for (const directive of policy.split(";").map((text) => text.trim())) {
    const [name = ""] = directive.split(" ");
    if (name !== "") directives.set(name, directive.slice(name.length).trim());
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value === off) directives.delete(name);
    else directives.set(name, value);
  }
  return [...directives].map(([name, value]) => value === "" ? name : `${name} ${value}`).join(
    "; ",
  );
}
