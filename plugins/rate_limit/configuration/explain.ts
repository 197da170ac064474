import type { Child, CompiledDomain, Level, Limit } from "./compiled.ts";
import { type Entry, matchesWildcard, stepFrom } from "./lookup.ts";
import type { ConfigurationPlace } from "./problem.ts";

/** Which limit a descriptor falls under, and why it falls under none of the others. */
export function explainDescriptor(
  domain: CompiledDomain,
  entries: readonly Entry[],
): DescriptorExplanation {
  const taken: Child[] = [];
  let level: Level | undefined = domain.root;
  for (const entry of entries) {
    const child: Child | undefined = level === undefined
      ? undefined
      : stepFrom(level, entry, `${entry.key}_${entry.value}`);
    if (child === undefined) {
      level = undefined;
      break;
    }
    taken.push(child);
    level = child.level;
  }
  const limit = entries.length > 0 ? level?.limit : undefined;
  const others: OtherLimit[] = [];
  walk(domain.root, [], (path, other) => {
    if (other === limit) return;
    others.push({ limit: other, place: placeOf(path), why: whyNot(path, taken, entries) });
  });
  return {
    ...(limit === undefined ? {} : { match: { limit, place: placeOf(taken) } }),
    isAllowed: limit === undefined && taken.length === entries.length && entries.length > 0,
    others,
  };
}

/** See {@link explainDescriptor}. */
export interface DescriptorExplanation {
  /** Absent: no limit applies. */
  readonly match?: PlacedLimit;
  /** Its last step is configured, but with no limit: whoever wrote it means to let it through. */
  readonly isAllowed: boolean;
  /** In the order of the configuration. */
  readonly others: readonly OtherLimit[];
}

/** A limit, and where it is written. */
export interface PlacedLimit {
  readonly limit: Limit;
  readonly place: ConfigurationPlace | undefined;
}

/** A limit that does not apply. */
export interface OtherLimit extends PlacedLimit {
  readonly why: string;
}

function walk(
  level: Level,
  path: readonly Child[],
  visit: (path: readonly Child[], limit: Limit) => void,
): void {
  if (level.limit !== undefined) visit(path, level.limit);
  for (const child of level.children.values()) walk(child.level, [...path, child], visit);
}

function placeOf(path: readonly Child[]): ConfigurationPlace | undefined {
  const last = path.at(-1);
  return last?.source.placeOf?.([...last.path, "key"]);
}

function whyNot(
  path: readonly Child[],
  taken: readonly Child[],
  entries: readonly Entry[],
): string {
  for (const [index, child] of path.entries()) {
    const entry = entries[index];
    if (entry === undefined) return `the descriptor ends before ${child.text}`;
    const winner = taken[index];
    if (winner === child) continue;
    if (!takes(child, entry)) {
      return `entry ${index + 1} is ${entry.key}=${entry.value}, not ${wanted(child)}`;
    }
    if (winner === undefined) return "an earlier entry led elsewhere";
    const at = winner.source.placeOf?.([...winner.path, "key"]);
    const where = at === undefined ? "" : ` (line ${at.line})`;
    return `entry ${index + 1} is taken by ${winner.text}${where}, which goes before`;
  }
  const next = entries[path.length];
  return next === undefined
    ? "it is not the last step"
    : `the descriptor goes on with ${next.key}=${next.value}`;
}

function takes(child: Child, entry: Entry): boolean {
  const text = `${entry.key}_${entry.value}`;
  if (child.isKeyOnly && child.text === entry.key) return true;
  return child.segments === undefined ? child.text === text : matchesWildcard(text, child.segments);
}

function wanted({ text, isKeyOnly }: Child): string {
  return isKeyOnly ? `${text}=…` : text;
}
