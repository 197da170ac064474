import { type HTTPProxy, keyId, type ObjectKey } from "../controller/api/mod.ts";
import { pathText, type Route } from "../controller/graph/mod.ts";
import { type Db } from "../controller/query/mod.ts";
import { object } from "../controller/store/mod.ts";
import { isWildcardGuard } from "./condition_text.ts";

/** An include on the way from a root to the object of a route. */
export interface IncludeStep {
  readonly object: ObjectKey;
  /** `spec.includes[1]` */
  readonly path: string;
  readonly conditions: Conditions;
}

/**
 * The includes that lead from a root to the object of a route, the outermost first; empty for a route
 * of the root itself. An object that is included several times is reached on the way whose conditions
 * are those of the route.
 */
export function includeChain(db: Db, root: ObjectKey, route: Route): readonly IncludeStep[] {
  const target = keyId(route.origin.object);
  if (root.kind !== "HTTPProxy" || keyId(root) === target) return [];
  const wanted = pathText(route.match.path);
  let steps = maximumSteps;
  let nearest: readonly IncludeStep[] | undefined;

  /** The way that fits exactly; ways that lead there with other headers are noted in passing. */
  function search(
    key: ObjectKey,
    chain: readonly IncludeStep[],
  ): readonly IncludeStep[] | undefined {
    const proxy = object(db, "HTTPProxy", key);
    if (proxy === undefined) return undefined;
    if (keyId(key) === target) {
      nearest ??= chain;
      return fits(chain, proxy, route) ? chain : undefined;
    }
    for (const [i, include] of (proxy.spec.includes ?? []).entries()) {
      if (--steps < 0) return undefined;
      const { conditions = [] } = include;
      const next = [...chain, { object: key, path: `spec.includes[${i}]`, conditions }];
      const prefix = joined(next.flatMap(({ conditions }) => conditions)).replace(/\/$/, "");
      if (!wanted.startsWith(prefix)) continue;
      const child: ObjectKey = {
        kind: "HTTPProxy",
        namespace: include.namespace || key.namespace,
        name: include.name,
      };
      if (next.some(({ object }) => keyId(object) === keyId(child))) continue;
      const found = search(child, next);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return search(root, []) ?? nearest ?? [];
}

/** As many includes are followed in search of the way, at most. */
const maximumSteps = 10_000;

type Conditions = NonNullable<NonNullable<HTTPProxy["spec"]["includes"]>[number]["conditions"]>;

/** Whether the conditions on the way and those of the route itself are the ones it has now. */
function fits(chain: readonly IncludeStep[], proxy: HTTPProxy, { match, origin }: Route): boolean {
  const [, list, index] = /^spec\.(routes|includes)\[(\d+)\]$/.exec(origin.path) ?? [];
  const own = list === undefined
    ? undefined
    : proxy.spec[list as "routes" | "includes"]?.[Number(index)];
  const conditions: Conditions = [
    ...chain.flatMap(({ conditions }) => conditions),
    ...own?.conditions ?? [],
  ];
  const names = (list: readonly { readonly name: string }[]) =>
    list.map(({ name }) => name).sort().join();
  const headers = conditions.flatMap(({ header }) => header ?? []);
  const query = conditions.flatMap(({ queryParameter }) => queryParameter ?? []);
  const texts = [...headers, ...query].flatMap((condition) =>
    Object.entries(condition).flatMap(([field, value]) =>
      field !== "name" && typeof value === "string" && value !== "" ? [value] : []
    )
  );
  const wanted = [...match.headers.filter((header) => !isWildcardGuard(header)), ...match.query]
    .flatMap(({ value }) => value.kind === "present" ? [] : value.text);
  return trimmed(joined(conditions)) === trimmed(pathText(match.path)) &&
    names(headers) === names(match.headers.filter((header) => !isWildcardGuard(header))) &&
    names(query) === names(match.query) && texts.sort().join() === wanted.sort().join();
}

/** The paths of conditions put together, as they are where includes are followed. */
function joined(conditions: Conditions): string {
  return conditions.map(({ prefix, exact, regex }) => prefix || exact || regex || "").join("")
    .replace(/\/{2,}/g, "/");
}

/** A prefix that is rewritten is split in two, with and without a slash. */
function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}
