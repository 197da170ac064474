import { codeNamed, codes, type Diagnostic, keyId } from "../api/mod.ts";
import { regexSteps, type Route } from "../graph/mod.ts";
import { blameRoute } from "./blamed_field.ts";

/**
 * The routes of a host as far as Envoy can compile their regular expressions in half a second: it
 * compiles all of a host when one of its routes changes, and does nothing else meanwhile but pass
 * requests on. Routes beyond that take no requests, and their objects are told.
 */
export function withinRegexBudget(
  routes: readonly Route[],
  diagnostics: Diagnostic[],
): readonly boolean[] {
  const told = new Set<string>();
  let sum = 0;
  return routes.map((route) => {
    const steps = patternsOf(route).map(regexSteps).filter((steps) => steps > smallRegexSteps)
      .reduce((sum, steps) => sum + steps, 0);
    if (steps === 0 || sum + steps <= maximumHostRegexSteps) {
      sum += steps;
      return true;
    }
    const { object, path } = route.origin;
    const place = `${keyId(object)} ${path}`;
    if (!told.has(place)) diagnostics.push(beyond(route));
    told.add(place);
    return false;
  });
}

/** How many steps the regular expressions of one host may come to, in the conditions of its routes. */
export const maximumHostRegexSteps = 100_000;

/** Smaller ones are not counted: a host may have thousands. */
const smallRegexSteps = 200;

function patternsOf({ match: { path, headers, query } }: Route): readonly string[] {
  if (path.kind !== "regex" && headers.length === 0 && query.length === 0) return none;
  return [
    ...(path.kind === "regex" ? [`^${path.regex}`] : []),
    ...[...headers, ...query].flatMap(({ value }) => value.kind === "regex" ? [value.text] : []),
  ];
}

const none: readonly string[] = [];

function beyond(route: Route): Diagnostic {
  const { object, path } = route.origin;
  const code = codeNamed("EnvoyRule");
  const [blamed] = blameRoute(route, [{ path: "match", rule: "", message: "" }]);
  return {
    code,
    severity: codes[code].severity,
    object,
    path: blamed?.path ?? path,
    message: "the regular expressions of this host come to more than " +
      `${maximumHostRegexSteps} steps, so this route takes no requests`,
    ...(object.kind === "Ingress"
      ? {}
      : { condition: { type: "RouteError", reason: "EnvoyRule" } as const }),
  };
}
