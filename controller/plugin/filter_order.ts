import { type FilterRole, filterRoles, type Place } from "./contract.ts";

/** A filter of a plugin that looks for its place. */
export interface SeekingFilter {
  /** `plugin/filter`. */
  readonly id: `${string}/${string}`;
  readonly after: readonly Place[];
  readonly before: readonly Place[];
}

/** A stage of the chain: a role of ours, or `plugin/filter`. */
export type Stage = FilterRole | `${string}/${string}`;

/** The chain, and the filters that have no place in it, with why: a sentence without subject. */
export interface FilterOrder {
  readonly stages: readonly Stage[];
  readonly misplaced: ReadonlyMap<string, string>;
}

/**
 * Puts the filters of plugins among our own. The same filters give the same order, whichever came
 * first. One that says only what it comes after follows that at once; one that says only what it
 * comes before stands right before it; one that says neither is the last before the router.
 */
export function filterOrder(filters: readonly SeekingFilter[]): FilterOrder {
  const misplaced = new Map<string, string>();
  let placed = [...filters].sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  for (;;) {
    const known = new Set<string>([...filterRoles, ...placed.map(({ id }) => id)]);
    const lost = placed.flatMap((filter) => {
      const name = [...filter.after, ...filter.before].find((place) => !known.has(place));
      if (name !== undefined) return [{ id: filter.id, why: unknownPlace(filter.id, name) }];
      if (filter.after.includes("router")) {
        return [{
          id: filter.id,
          why: `filter "${filter.id}" cannot come after the router, which is the last`,
        }];
      }
      return [];
    });
    const found = lost.length > 0 ? { lost } : sorted(placed);
    if ("stages" in found) return { stages: found.stages, misplaced };
    for (const { id, why } of found.lost) misplaced.set(id, why);
    placed = placed.filter(({ id }) => !misplaced.has(id));
  }
}

function unknownPlace(id: string, place: string): string {
  return `filter "${id}" is to stand by "${place}", and there is no such filter; there are ${
    filterRoles.join(", ")
  }`;
}

function sorted(
  filters: readonly SeekingFilter[],
):
  | { readonly stages: readonly Stage[] }
  | { readonly lost: readonly { readonly id: string; readonly why: string }[] } {
  const followed = new Map<Stage, Set<Stage>>();
  const precede = (first: Stage, second: Stage) => {
    const set = followed.get(second) ?? new Set();
    followed.set(second, set.add(first));
  };
  for (const [i, role] of filterRoles.entries()) {
    const previous = filterRoles[i - 1];
    if (previous !== undefined) precede(previous, role);
  }
  for (const filter of filters) {
    const { after, before } = anchored(filter, filters);
    for (const place of after) precede(place, filter.id);
    for (const place of before) precede(filter.id, place);
  }
  const stages: Stage[] = [];
  const open = new Set<Stage>([...filters.map(({ id }) => id), ...filterRoles]);
  while (open.size > 0) {
    const next = [...open].find((stage) =>
      [...followed.get(stage) ?? []].every((first) => !open.has(first))
    );
    if (next === undefined) {
      const cycle = filters.map(({ id }) => id).filter((id) => precedesItself(id, followed));
      const names = cycle.map((id) => `"${id}"`).join(", ");
      return {
        lost: cycle.map((id) => ({
          id,
          why:
            `filter "${id}" has no place that is both after and before what it asks for; in the way of each other: ${names}`,
        })),
      };
    }
    open.delete(next);
    stages.push(next);
  }
  return { stages };
}

/** Whether a stage would have to come before itself. */
function precedesItself(stage: Stage, followed: ReadonlyMap<Stage, ReadonlySet<Stage>>): boolean {
  const seen = new Set<Stage>();
  const pending = [...followed.get(stage) ?? []];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === stage) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...followed.get(next) ?? []);
  }
  return false;
}

/** The relations of a filter, with the one that it leaves to us. */
function anchored(
  { after, before }: SeekingFilter,
  all: readonly SeekingFilter[],
  depth = 0,
): Pick<SeekingFilter, "after" | "before"> {
  if (after.length > 0) return { after, before: before.length > 0 ? before : ["router"] };
  const roles = filterRoles.filter((role) => before.includes(role));
  const [first] = roles;
  if (first !== undefined) {
    const previous = filterRoles[filterRoles.indexOf(first) - 1];
    return { after: previous === undefined ? [] : [previous], before };
  }
  const neighbour = all.find(({ id }) => before.includes(id));
  if (neighbour !== undefined && depth < all.length) {
    return { after: anchored(neighbour, all, depth + 1).after, before };
  }
  return { after: ["rate-limit"], before: ["router"] };
}
