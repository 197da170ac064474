import { type CookieRewritePolicy, goQuoted } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { CookieRewrite } from "../model.ts";

/** What is wrong with a list of cookie rewrites: a name twice, or nothing to rewrite. */
export function cookieRewriteFault(
  policies: readonly CookieRewritePolicy[] | undefined,
  of: "route" | "service",
): Fault | undefined {
  const seen = new Set<string>();
  for (
    const [i, { name, pathRewrite, domainRewrite, secure, sameSite }] of (policies ?? []).entries()
  ) {
    const fault = (message: string) =>
      new Fault(
        "RouteError/CookieRewritePoliciesInvalid",
        `${message} on ${of} cookie rewrite rules`,
        `[${i}]`,
      );
    if (seen.has(name)) return fault(`duplicate cookie rewrite rule for cookie ${goQuoted(name)}`);
    seen.add(name);
    if ([pathRewrite, domainRewrite, secure, sameSite].every((part) => part === undefined)) {
      return fault(`no attributes rewritten for cookie ${goQuoted(name)}`);
    }
  }
  return undefined;
}

/** The rules of a route and of one of its services as one, by cookie name; the service wins. */
export function cookieRewrites(
  route: readonly CookieRewritePolicy[] = [],
  service: readonly CookieRewritePolicy[] = [],
): CookieRewrite[] {
  const rules = new Map<string, CookieRewrite>();
  for (const { name, pathRewrite, domainRewrite, secure, sameSite } of [...route, ...service]) {
    rules.set(name, {
      ...rules.get(name),
      name,
      ...(pathRewrite === undefined ? {} : { path: pathRewrite.value }),
      ...(domainRewrite === undefined ? {} : { domain: domainRewrite.value }),
      ...(secure === undefined ? {} : { secure }),
      ...(sameSite === undefined ? {} : { sameSite }),
    });
  }
  return [...rules.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}
