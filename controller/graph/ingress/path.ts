import type { Ingress } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { PathMatch } from "../model.ts";
import { regexProblem } from "../regex.ts";

/** One path of a rule. */
export type HTTPIngressPath = NonNullable<
  NonNullable<NonNullable<Ingress["spec"]["rules"]>[number]["http"]>["paths"]
>[number];

/**
 * How the path of a rule is matched, or why it cannot be.
 * See https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
 */
export function ingressPathMatch(
  { path = "", pathType }: Pick<HTTPIngressPath, "path" | "pathType">,
): PathMatch | Fault {
  const text = path === "" ? "/" : path;
  switch (pathType) {
    case "Exact":
      return textFault(text) ?? { kind: "exact", path: text };
    case "Prefix":
      return textFault(text) ?? segmentPrefix(text);
    case "ImplementationSpecific":
      return looksLikeRegex.test(text)
        ? regexMatch(text)
        : textFault(text) ?? { kind: "prefix", prefix: text };
  }
}

// Contour's rule for what is meant as a regular expression.
const looksLikeRegex = /[\^+*[\]%]/;

function segmentPrefix(text: string): PathMatch {
  const prefix = text.replace(/\/+$/, "");
  return prefix === "" ? { kind: "prefix", prefix: "/" } : { kind: "segment-prefix", prefix };
}

function regexMatch(regex: string): PathMatch | Fault {
  const problem = regexProblem(`^${regex}`);
  return problem === undefined ? { kind: "regex", regex } : fault(problem);
}

/** Envoy compares paths without query and fragment, and refuses some that hold one. */
function textFault(text: string): Fault | undefined {
  if (!text.startsWith("/")) return fault(`path "${text}" does not begin with "/"`);
  const mark = /[?#]/.exec(text)?.[0];
  if (mark !== undefined) return fault(`path "${text}" holds a "${mark}", which no path can have`);
  return undefined;
}

function fault(message: string): Fault {
  return new Fault("IngressPathNotValid", message, "path");
}
