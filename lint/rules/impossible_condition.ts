import { keyOf, type MatchCondition } from "../../controller/api/mod.ts";
import type { HeaderMatch, Route } from "../../controller/graph/mod.ts";
import { valueHolds } from "../matching.ts";
import type { Advice, Rule } from "../rule.ts";

/** Conditions that no request meets. */
export const impossibleCondition: Rule = {
  code: "CTR404",
  row: {
    name: "ImpossibleCondition",
    title: "Condition that no request meets",
    severity: "warning",
    explanation:
      "The route takes no request: a path holds what paths have no more when they are compared (a query string, a fragment, two slashes in a row, dot segments), a method is not in upper case, or two conditions exclude each other, counting those of the includes above.",
  },
  *check({ ofKind, hosts, isOurs }) {
    for (const proxy of ofKind("HTTPProxy")) {
      const object = keyOf(proxy);
      if (!isOurs(object)) continue;
      for (
        const [list, items] of Object.entries({
          routes: proxy.spec.routes ?? [],
          includes: proxy.spec.includes ?? [],
        })
      ) {
        for (const [i, { conditions = [] }] of items.entries()) {
          for (const [j, condition] of conditions.entries()) {
            const found = impossible(condition);
            if (found === undefined) continue;
            yield {
              object,
              path: `spec.${list}[${i}].conditions[${j}].${found.path}`,
              ...found.advice,
            };
          }
        }
      }
    }
    const seen = new Set<string>();
    for (const { routes } of hosts) {
      for (const route of routes) {
        const { object, path } = route.origin;
        const message = contradiction(route);
        if (message === undefined || object.kind !== "HTTPProxy") continue;
        const substance = `${object.namespace}/${object.name} ${path}`;
        if (seen.has(substance)) continue;
        seen.add(substance);
        yield { object, path: `${path}.conditions`, message };
      }
    }
  },
};

interface Impossible {
  readonly path: string;
  readonly advice: Pick<Advice, "message" | "hint">;
}

function impossible(condition: MatchCondition): Impossible | undefined {
  for (const kind of ["prefix", "exact"] as const) {
    const problem = pathProblem(condition[kind] ?? "");
    if (problem !== undefined) return { path: kind, advice: problem };
  }
  const { header } = condition;
  if (header?.name.toLowerCase() === ":method" && header.exact) {
    const upper = header.exact.toUpperCase();
    if (header.exact !== upper && !header.ignoreCase) {
      return {
        path: "header.exact",
        advice: {
          message: `no request has the method "${header.exact}": methods are in upper case`,
          hint: `write ${upper}`,
        },
      };
    }
  }
  return undefined;
}

function pathProblem(path: string): Impossible["advice"] | undefined {
  const odd = /[?#]/.exec(path)?.[0];
  if (odd !== undefined) {
    return {
      message: `no path holds "${odd}": what comes from there on is not compared`,
      ...(odd === "?" ? { hint: "use a queryParameter condition" } : {}),
    };
  }
  if (/(^|\/)\.\.?(\/|$)/.test(path)) {
    return { message: `no path holds "." or ".." as a segment: they are resolved before` };
  }
  if (/\s/.test(path)) return { message: "no path holds a blank" };
  return undefined;
}

/** Two conditions of a compiled route that exclude each other. */
function contradiction({ match: { headers, query } }: Route): string | undefined {
  for (const header of headers) {
    const { value, name, invert, ignoreCase } = header;
    if (value.kind !== "exact" || invert || ignoreCase) continue;
    const other = headers.find((other) =>
      other !== header && other.name.toLowerCase() === name.toLowerCase() &&
      !isMet(other, value.text)
    );
    if (other !== undefined) {
      return `the conditions on header "${name}" exclude each other: no request is exact "${value.text}" and ${
        words(other)
      }`;
    }
  }
  for (const absent of headers.filter(({ value, invert }) => value.kind === "present" && invert)) {
    const other = headers.find((other) =>
      other !== absent && other.name.toLowerCase() === absent.name.toLowerCase() &&
      !other.treatMissingAsEmpty && !(other.value.kind === "present" && other.invert)
    );
    if (other !== undefined) {
      return `the conditions on header "${absent.name}" exclude each other: it cannot be absent and ${
        words(other)
      }`;
    }
  }
  for (const parameter of query) {
    const { value, name, ignoreCase } = parameter;
    if (value.kind !== "exact" || ignoreCase) continue;
    const other = query.find((other) =>
      other !== parameter && other.name === name && !valueHolds(other, value.text)
    );
    if (other !== undefined) {
      return `the conditions on query parameter "${name}" exclude each other: no request has exact "${value.text}" and ${other.value.kind}${
        other.value.kind === "present" ? "" : ` "${other.value.text}"`
      }`;
    }
  }
  return undefined;
}

function isMet(header: HeaderMatch, text: string): boolean {
  return valueHolds(header, text) !== header.invert;
}

function words({ value, invert }: HeaderMatch): string {
  const text = value.kind === "present" ? "" : ` "${value.text}"`;
  return `${invert ? "not" : ""}${value.kind}${text}`;
}
