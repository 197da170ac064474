import { regexProblem } from "../controller/graph/mod.ts";
import type { PathType } from "./ingress_source.ts";
import { type LocationMatches, neverTaken, type PathMatch } from "./nginx_paths.ts";

/** The routes of a path as Contour itself understands it in an Ingress. */
export function plainMatch(
  { path, pathType }: { readonly path: string; readonly pathType: PathType },
  others: readonly { readonly path: string; readonly pathType: PathType }[],
): LocationMatches {
  const isRegex = pathType === "ImplementationSpecific" && looksLikeRegex.test(path);
  if (!isRegex && /[?#]/.test(path)) return neverTaken;
  switch (pathType) {
    case "Exact":
      return { matches: [{ conditions: [{ exact: path }] }], remarks: [] };
    case "Prefix": {
      const prefix = path.replace(/\/+$/, "");
      if (prefix === "") return { matches: [{ conditions: [{ prefix: "/" }] }], remarks: [] };
      // Prefixes of HTTPProxies are text: /shop would take /shopping, too.
      const matches: PathMatch[] = [{ conditions: [{ prefix: `${prefix}/` }] }];
      const isTaken = others.some((other) => other.pathType === "Exact" && other.path === prefix);
      if (!isTaken) matches.unshift({ conditions: [{ exact: prefix }] });
      return { matches, remarks: [] };
    }
    case "ImplementationSpecific": {
      if (!isRegex) return { matches: [{ conditions: [{ prefix: path }] }], remarks: [] };
      const problem = path.startsWith("/") ? regexProblem(path) : `"${path}" begins with no slash`;
      if (problem === undefined) {
        return { matches: [{ conditions: [{ regex: path }] }], remarks: [] };
      }
      const message = `${problem}; the path has no route: write one by hand`;
      return { matches: [], remarks: [{ verdict: "lost", message }] };
    }
  }
}

/** Contour's rule for what is meant as a regular expression. */
const looksLikeRegex = /[\^+*[\]%]/;
