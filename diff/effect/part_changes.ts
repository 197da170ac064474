import { formatPath } from "../../controller/api/mod.ts";
import type { TreatmentChange } from "./effect.ts";

/**
 * What differs between policies that do something to a request: those that are new or gone, and of the
 * others the settings.
 */
export function partChanges(
  before: ReadonlyMap<string, unknown> = new Map(),
  after: ReadonlyMap<string, unknown> = new Map(),
): TreatmentChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name): TreatmentChange[] => {
    if (!before.has(name)) return [{ name: `policy ${name}`, before: "", after: "in force" }];
    if (!after.has(name)) return [{ name: `policy ${name}`, before: "in force", after: "" }];
    const changes = [...differences(before.get(name), after.get(name), [])];
    const shown = changes.slice(0, mostShown).map(({ path, before, after }): TreatmentChange => ({
      name: path.length === 0 ? `policy ${name}` : `policy ${name} ${formatPath(path)}`,
      before: text(before),
      after: text(after),
    }));
    const more = changes.length - shown.length;
    return more === 0
      ? shown
      : [...shown, { name: `policy ${name} and ${more} more`, before: "…", after: "…" }];
  });
}

/** So many settings of a policy are told; who wants to see all looks at the file. */
const mostShown = 4;

interface Difference {
  readonly path: readonly (string | number)[];
  readonly before: unknown;
  readonly after: unknown;
}

function* differences(
  before: unknown,
  after: unknown,
  path: Difference["path"],
): Iterable<Difference> {
  if (isStructure(before) && isStructure(after) && Array.isArray(before) === Array.isArray(after)) {
    const steps = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const step of steps) {
      const at = Array.isArray(before) ? Number(step) : step;
      yield* differences(before[step], after[step], [...path, at]);
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
}

function isStructure(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** On one line, and not too long; "" for what is not there. */
function text(value: unknown): string {
  if (value === undefined) return "";
  const whole = typeof value === "string" ? value : JSON.stringify(value);
  return whole.length > 60 ? `${whole.slice(0, 60)}…` : whole;
}
