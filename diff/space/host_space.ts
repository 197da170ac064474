import type { RouteMatch } from "../../controller/graph/mod.ts";
import { UnsupportedRegex } from "../strings/regex_syntax.ts";
import {
  headerValuePattern,
  labelPattern,
  methods,
  pathPattern,
  portPattern,
  queryValuePattern,
} from "./alphabets.ts";
import { headerCondition, type PartName, pathTest, queryCondition } from "./condition.ts";
import type { Domain } from "./part.ts";
import type { SpaceRule } from "./regions.ts";

/** What the conditions of a rule say of the parts of a request. */
export function spaceRule({ path, headers, query }: RouteMatch): SpaceRule {
  return {
    path: pathTest(path),
    conditions: [...headers.map(headerCondition), ...query.map(queryCondition)],
  };
}

/** The paths that requests have. */
export const pathDomain: Domain = { kind: "texts", pattern: pathPattern, optional: false };

/** What the parts of requests for a host can be. */
export function partDomains(
  { authority, tls }: { readonly authority: () => Domain; readonly tls: boolean },
): (part: PartName) => Domain {
  return (part) => {
    if (part.startsWith("query ")) {
      const isPossible = /^[A-Za-z0-9._~!$'()*+,;:@/?%-]+$/.test(part.slice("query ".length));
      return isPossible
        ? { kind: "texts", pattern: queryValuePattern, optional: true }
        : neverThere;
    }
    const header = part.slice("header ".length);
    switch (header) {
      case ":method":
        return { kind: "listed", values: methods };
      case ":authority":
        return authority();
      case ":scheme":
      case "x-forwarded-proto":
        // Whatever a client says, this is what Envoy sees.
        return { kind: "listed", values: [tls ? "https" : "http"] };
      case ":path":
        throw new UnsupportedRegex(
          "Cannot tell conditions on the header :path from those on paths",
        );
      case "x-request-id":
      case "x-forwarded-for":
        return { kind: "texts", pattern: headerValuePattern, optional: false };
      default:
        return { kind: "texts", pattern: headerValuePattern, optional: true };
    }
  };
}

const neverThere: Domain = { kind: "texts", pattern: "[^ -~]", optional: true };

/** A name that stands for all that a host takes: itself, or one that no other host covers. */
export function exampleName(fqdn: string, taken: ReadonlySet<string>): string {
  if (!fqdn.startsWith("*")) return fqdn;
  const suffix = fqdn === "*" ? ".example" : fqdn.slice(1);
  for (let i = 0;; i++) {
    const label = i === 0 ? "any" : `any${i}`;
    const name = `${label}${suffix}`;
    if (![name, `*.${name}`].some((one) => taken.has(one))) return name;
  }
}

/** Names that requests are for, wildcards among them, with a port or without, in any case of letters. */
export function authorityDomain(
  names: readonly string[],
  without: readonly string[] = [],
): Domain {
  const pattern = (names: readonly string[]) =>
    `(?i)(?:${names.map(namePattern).join("|")})${portPattern}`;
  return {
    kind: "texts",
    pattern: pattern(names),
    ...(without.length === 0 ? {} : { without: pattern(without) }),
    optional: false,
  };
}

function namePattern(fqdn: string): string {
  const labels = `${labelPattern}(?:\\.${labelPattern})*`;
  if (fqdn === "*") return labels;
  const quoted = fqdn.replace(/^\*/, "").replace(/[.]/g, "\\.");
  return fqdn.startsWith("*") ? `${labels}${quoted}` : quoted;
}
