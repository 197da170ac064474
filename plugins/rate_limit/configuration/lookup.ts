import type { Child, CompiledDomain, Level, Limit } from "./compiled.ts";

/** One step of a descriptor as it is asked for. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** The limit of a descriptor. */
export interface Match {
  readonly limit: Limit;
  /** What is counted together: the same text for the same counter, in the whole service. */
  readonly counterKey: string;
  /** Whether other values count by it as well. */
  readonly isShared: boolean;
  /** The steps as metrics name them, where that is not as configured. */
  readonly metricKey: readonly string[] | undefined;
}

/**
 * Finds the limit of a descriptor as the reference service does: at each step the exact text
 * `key_value`, then wildcards in the order of the file, then the key alone; never going back, and
 * never short of the last entry.
 */
export function lookUp(domain: CompiledDomain, entries: readonly Entry[]): Match | undefined {
  let level: Level = domain.root;
  let counterKey = domain.name;
  let isConfiguredText = true;
  let hasValueInMetric = false;
  const steps: Child[] = [];
  for (const entry of entries) {
    const text = `${entry.key}_${entry.value}`;
    const child = stepFrom(level, entry, text);
    if (child === undefined) return undefined;
    const counted = child.isShared ? child.text : text;
    counterKey += `|${escaped(counted)}`;
    if (child.valueToMetric) hasValueInMetric = true;
    if (counted !== child.text) isConfiguredText = false;
    steps.push(child);
    level = child.level;
  }
  const { limit } = level;
  if (limit === undefined || steps.length === 0) return undefined;
  // A limit found by its key or a wildcard may not share the counter of one found by its value.
  if (!isConfiguredText) counterKey += `|${limit.fullKey}`;
  return {
    limit,
    counterKey,
    isShared: steps.some(({ isShared }) => isShared),
    metricKey: metricKey(limit, steps, entries, hasValueInMetric),
  };
}

/** The child that takes an entry, whose composed text is given along. */
export function stepFrom(level: Level, entry: Entry, text: string): Child | undefined {
  const exact = level.children.get(text);
  if (exact !== undefined) return exact;
  for (const child of level.wildcards) {
    if (child.segments !== undefined && matchesWildcard(text, child.segments)) return child;
  }
  return level.children.get(entry.key);
}

/** Whether a text is the segments with anything between them, each taken where it is found first. */
export function matchesWildcard(text: string, segments: readonly string[]): boolean {
  const first = segments[0] ?? "";
  const last = segments[segments.length - 1] ?? "";
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (let i = 1; i < segments.length - 1; i++) {
    const segment = segments[i] ?? "";
    const found = text.indexOf(segment, from);
    if (found < 0 || found + segment.length > end) return false;
    from = found + segment.length;
  }
  return true;
}

function metricKey(
  limit: Limit,
  steps: readonly Child[],
  entries: readonly Entry[],
  hasValue: boolean,
): readonly string[] | undefined {
  if (!limit.isDetailed && !hasValue) return undefined;
  // As the reference writes it: where nothing is shared, all values stand there, empty ones as well.
  const isWhole = limit.isDetailed && !steps.some(({ isShared }) => isShared);
  return steps.map((child, index) => {
    const entry = entries[index];
    const asIs = child.isShared || entry === undefined ||
      (!limit.isDetailed && !child.valueToMetric);
    if (asIs) return child.text;
    return entry.value === "" && !isWhole ? entry.key : `${entry.key}_${entry.value}`;
  });
}

/** No text can pass for two: the separator is not in it. */
function escaped(text: string): string {
  return text.includes("|") || text.includes("\\") ? text.replace(/[|\\]/g, "\\$&") : text;
}
