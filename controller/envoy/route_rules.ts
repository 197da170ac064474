import { type ForwardAction, regexProblem, type Route } from "../graph/mod.ts";
import { check, type Message, type Violation } from "../../proto/mod.ts";
import { regexes } from "./route_match.ts";

/**
 * Why Envoy would refuse a Route: the rules its API declares, and those that only its code knows.
 * `message` is the Route made of `route`. Paths that begin with `match` are about the conditions.
 */
export function routeViolations(route: Route, message: Message): readonly Violation[] {
  return [
    ...check("envoy.config.route.v3.Route", message),
    ...regexes(route.match).flatMap(({ path, regex }) => regexViolation(path, regex)),
    ...actionViolations(route),
  ];
}

/** The most bytes of a body that Envoy answers with, unless its configuration raises the limit. */
export const maximumDirectResponseBody = 4_096;

function actionViolations({ action }: Route): readonly Violation[] {
  switch (action.kind) {
    case "forward":
      return [...weightViolations(action), ...removalViolations(action)];
    case "redirect":
      return [];
    case "direct-response": {
      const size = new TextEncoder().encode(action.body).length;
      if (size <= maximumDirectResponseBody) return [];
      const message = `must have at most ${maximumDirectResponseBody} bytes, not ${size}`;
      return [{ path: "directResponse.body", rule: "body.size", message }];
    }
  }
}

function weightViolations({ clusters }: ForwardAction): readonly Violation[] {
  const sum = clusters.reduce((sum, { weight }) => sum + weight, 0);
  if (sum <= 0xffff_ffff) return [];
  const message = `must have weights whose sum is below 2^32, not ${sum}`;
  return [{ path: "route.weightedClusters", rule: "weights.sum", message }];
}

/** Envoy cannot route a message without `:path`, `:status` or a host, so it forbids removing them. */
function removalViolations(action: ForwardAction): readonly Violation[] {
  return [action, ...action.clusters].flatMap(({ requestHeaders, responseHeaders }) =>
    [...requestHeaders.remove, ...responseHeaders.remove]
      .filter((name) => name.startsWith(":") || name.toLowerCase() === "host")
      .map((name) => ({
        path: "headers",
        rule: "headers.remove",
        message: `must not be removed: "${name}"`,
      }))
  );
}

function regexViolation(path: string, regex: string): readonly Violation[] {
  const problem = regexProblem(regex);
  return problem === undefined ? [] : [{ path, rule: "regex", message: `must be one: ${problem}` }];
}
