import type { Answer, Entry } from "./answer.ts";
import { type Difference, differences, rootsAbove, text } from "./differences.ts";
import { idOf } from "./object_id.ts";
import type { RecordedWorld } from "./recording.ts";
import type { Variant } from "./variants.ts";

/** Holds our answers to a recorded world against those of Contour. */
export function compare(
  { name: variant }: Variant,
  world: RecordedWorld,
  answers: ReadonlyMap<string, Answer>,
): Comparison {
  const met = new Set<Difference>();
  const disagreements: Disagreement[] = [];
  let endsSomething = false;
  for (const { said, of: object } of world.objects) {
    const ours = answers.get(idOf(object)) ?? null;
    if (said.some((answer) => isSame(answer, ours))) continue;
    const explanations = said.map((theirs) =>
      explained(
        theirs,
        ours,
        (side, entry) =>
          differences.find((difference) =>
            difference.side === side && difference.says.test(text(entry)) &&
            (difference.of?.({ variant, object, world, theirs }) ?? true)
          ),
      )
    );
    const found = explanations.find((explanation) => explanation !== undefined);
    found?.forEach((difference) => met.add(difference));
    endsSomething ||= found?.some(({ ends }) => ends) ?? false;
    if (found === undefined) {
      disagreements.push({ id: idOf(object), theirs: said[0] ?? null, ours });
    }
  }
  const unexplained = disagreements.filter(({ id }) => {
    const object = world.objects.find(({ of }) => idOf(of) === id)?.of;
    // What only one side reaches is told by that one alone.
    const isReached = object !== undefined && !isRoot(object) && rootsAbove(object, world) > 0;
    return !(endsSomething && isReached);
  });
  return { disagreements: unexplained, met: [...met] };
}

/** What a comparison comes to. */
export interface Comparison {
  readonly disagreements: readonly Disagreement[];
  /** What else was not the same. */
  readonly met: readonly Difference[];
}

/** Two answers that differ, and should not. */
export interface Disagreement {
  /** `Kind/namespace/name`. */
  readonly id: string;
  readonly theirs: Answer | null;
  readonly ours: Answer | null;
}

/**
 * The differences that account for two answers; `undefined` when they do not. What both say has to
 * stand in the same order.
 */
function explained(
  theirs: Answer | null,
  ours: Answer | null,
  find: (side: Difference["side"], entry: Entry) => Difference | undefined,
): readonly Difference[] | undefined {
  if (theirs === null || ours === null) return undefined;
  const used: Difference[] = [];
  const sides = (["errors", "warnings"] as const).map((field) => {
    const [left, right] = [theirs[field] ?? [], ours[field] ?? []];
    const [onlyLeft, onlyRight] = [without(left, right), without(right, left)];
    const inOrder = isSame(without(left, onlyLeft), without(right, onlyRight));
    return { onlyLeft, onlyRight, inOrder };
  });
  const differing = sides.flatMap(({ onlyLeft, onlyRight }) => [
    ...onlyLeft.map((entry) => ({ side: "theirs", entry } as const)),
    ...onlyRight.map((entry) => ({ side: "ours", entry } as const)),
  ]);
  const rows = differing.map(({ side, entry }) => ({ side, row: find(side, entry) }));
  for (const { row } of rows) if (row !== undefined) used.push(row);
  const isExplained = rows.every(({ side, row }) =>
    row !== undefined || used.some((other) => other.ends && other.side !== side)
  );
  return isExplained && sides.every(({ inOrder }) => inOrder) && differing.length > 0
    ? used
    : undefined;
}

/** The entries of a list without those of another, each of which counts once. */
function without(list: readonly Entry[], others: readonly Entry[]): Entry[] {
  const left = others.map(text);
  return list.filter((entry) => {
    const at = left.indexOf(text(entry));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function isRoot(object: { readonly [field: string]: unknown }): boolean {
  return Object(object["spec"]).virtualhost !== undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
