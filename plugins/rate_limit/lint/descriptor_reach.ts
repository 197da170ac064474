import type { Child, CompiledDomain, Level, Limit } from "../configuration/compiled.ts";
import { stepFrom } from "../configuration/lookup.ts";
import { type LintedEntry, lintedProxy } from "./linted_proxy.ts";

/**
 * Which descriptors of HTTPProxies and which limits find each other. Domains are taken together: which
 * of them is asked is a matter of the controller's configuration.
 */
export function descriptorReach(
  proxies: readonly { readonly spec: unknown }[],
  domains: readonly CompiledDomain[],
): DescriptorReach {
  const reached = new Set<Limit>();
  const unanswered = proxies.map(({ spec }) =>
    descriptorsOf(spec).flatMap(({ path, entries }) => {
      const found = domains.map(({ root }) => possible(root, entries));
      for (const { limits } of found) for (const limit of limits) reached.add(limit);
      return found.some(({ isKnown }) => isKnown) ? [] : [path];
    })
  );
  const unreached = domains.flatMap(({ root }) =>
    [...limitsBelow(root)].filter(({ limit }) => !reached.has(limit))
  );
  return { unanswered, unreached };
}

/** See {@link descriptorReach}. */
export interface DescriptorReach {
  /** By HTTPProxy: paths of descriptors that no limit is about, `spec.routes[0].…descriptors[1]`. */
  readonly unanswered: readonly (readonly string[])[];
  /** Limits that none of the descriptors leads to, and the step that they stand at. */
  readonly unreached: readonly { readonly limit: Limit; readonly child: Child }[];
}

interface Described {
  readonly path: string;
  readonly entries: readonly PossibleEntry[];
}

/** An entry of a descriptor; absent: the value is that of the request. */
interface PossibleEntry {
  readonly key: string;
  readonly value?: string;
}

function descriptorsOf(spec: unknown): readonly Described[] {
  const { virtualhost, routes = [] } = lintedProxy(spec);
  const policies = [
    { path: "spec.virtualhost", policy: virtualhost?.rateLimitPolicy },
    ...routes.map(({ rateLimitPolicy }, i) => ({
      path: `spec.routes[${i}]`,
      policy: rateLimitPolicy,
    })),
  ];
  return policies.flatMap(({ path, policy }) =>
    (policy?.global?.descriptors ?? []).map(({ entries = [] }, i) => ({
      path: `${path}.rateLimitPolicy.global.descriptors[${i}]`,
      entries: entries.flatMap(entryOf),
    }))
  );
}

function entryOf(entry: LintedEntry): readonly PossibleEntry[] {
  const { remoteAddress, genericKey, requestHeader, requestHeaderValueMatch } = entry;
  if (remoteAddress !== undefined) return [{ key: "remote_address" }];
  if (genericKey !== undefined) {
    return [{ key: genericKey.key || "generic_key", value: genericKey.value }];
  }
  if (requestHeader !== undefined) return [{ key: requestHeader.descriptorKey }];
  if (requestHeaderValueMatch === undefined) return [];
  return [{ key: "header_match", value: requestHeaderValueMatch.value }];
}

interface Possible {
  readonly limits: readonly Limit[];
  /** There is something about it, be it that it is not limited. */
  readonly isKnown: boolean;
}

function possible(level: Level, [entry, ...rest]: readonly PossibleEntry[]): Possible {
  if (entry === undefined) return { limits: [], isKnown: false };
  const found = stepsFrom(level, entry).map(({ level: below }): Possible => {
    if (rest.length > 0) return possible(below, rest);
    if (below.limit !== undefined) return { limits: [below.limit], isKnown: true };
    return { limits: [], isKnown: below.children.size === 0 };
  });
  return {
    limits: found.flatMap(({ limits }) => limits),
    isKnown: found.some(({ isKnown }) => isKnown),
  };
}

function stepsFrom(level: Level, { key, value }: PossibleEntry): readonly Child[] {
  if (value !== undefined) {
    const child = stepFrom(level, { key, value }, `${key}_${value}`);
    return child === undefined ? [] : [child];
  }
  const start = `${key}_`;
  return [...level.children.values()].filter(({ text, segments }) => {
    if (segments === undefined) return text === key || text.startsWith(start);
    const [first = ""] = segments;
    return first.startsWith(start) || start.startsWith(first);
  });
}

function* limitsBelow(level: Level): Iterable<{ readonly limit: Limit; readonly child: Child }> {
  for (const child of level.children.values()) {
    const { limit } = child.level;
    if (limit !== undefined) yield { limit, child };
    yield* limitsBelow(child.level);
  }
}
