import { keyOf, type MatchCondition, type ObjectKey } from "../controller/api/mod.ts";
import type { RuleContext } from "./rule.ts";

/** Every regular expression that HTTPProxies hold, with its place. */
export function* regexes({ ofKind }: RuleContext): Iterable<PlacedRegex> {
  for (const proxy of ofKind("HTTPProxy")) {
    const object = keyOf(proxy);
    const { routes = [], includes = [] } = proxy.spec;
    for (const [i, { conditions = [] }] of routes.entries()) {
      yield* ofConditions(object, `spec.routes[${i}].conditions`, conditions);
    }
    for (const [i, { conditions = [] }] of includes.entries()) {
      yield* ofConditions(object, `spec.includes[${i}].conditions`, conditions);
    }
  }
}

/** See {@link regexes}. */
export interface PlacedRegex {
  readonly object: ObjectKey;
  readonly path: string;
  readonly regex: string;
}

function* ofConditions(
  object: ObjectKey,
  path: string,
  conditions: readonly MatchCondition[],
): Iterable<PlacedRegex> {
  for (const [i, { regex, header, queryParameter }] of conditions.entries()) {
    const at = `${path}[${i}]`;
    if (regex) yield { object, path: `${at}.regex`, regex };
    if (header?.regex) yield { object, path: `${at}.header.regex`, regex: header.regex };
    if (queryParameter?.regex) {
      yield { object, path: `${at}.queryParameter.regex`, regex: queryParameter.regex };
    }
  }
}
