import { canonicalName } from "../settings/header_name.ts";
import type { Step } from "../settings/step.ts";
import { type NameMatch, nameMatch, reaches } from "./name_match.ts";

/** A step, and where it stands. */
export interface PlacedStep {
  readonly step: Step;
  readonly namespace: string;
  /** Of the policy. */
  readonly policy: string;
  /** In its settings: `request[2]`. */
  readonly path: string;
}

/** Something that does not come out as its author may think. */
export interface Conflict {
  readonly severity: "error" | "warning";
  readonly policy: string;
  readonly path: string;
  readonly message: string;
}

/**
 * Steps that do not see what those before them did. Two things happen at a time of their own: rewrites
 * read the value with which a message came, and what is taken away on a condition goes in the end.
 */
export function conflicts(steps: readonly PlacedStep[]): readonly Conflict[] {
  const found: Conflict[] = [];
  const written = new Map<string, PlacedStep>();
  let doomed: readonly { readonly match: NameMatch; readonly by: PlacedStep }[] = [];
  for (const placed of steps) {
    const { step, policy, path } = placed;
    const rewritten = step.rewrite && canonicalName(step.rewrite.name);
    const before = rewritten === undefined ? undefined : written.get(rewritten);
    if (rewritten !== undefined && before !== undefined) {
      found.push({
        severity: "warning",
        policy,
        path: `${path}.rewrite`,
        message: `the rewrite of "${rewritten}" reads the value that came in, not what ${
          where(before, policy)
        } made of it`,
      });
    }
    const isConditional = step.when !== undefined || step.unless !== undefined;
    if (isConditional) doomed = [...doomed, ...dooms(placed)];
    const name = target(step);
    if (name === undefined) continue;
    if (!isConditional && overwrites(step)) {
      doomed = doomed.filter(({ match }) => !(match.kind === "exact" && match.text === name));
    }
    const removal = doomed.find(({ match }) => reaches(match, name));
    if (removal !== undefined) {
      found.push({
        severity: "warning",
        policy,
        path,
        message: `"${name}" may be taken away again by ${
          where(removal.by, policy)
        }, as removals with a condition come last`,
      });
    }
    written.set(name, placed);
  }
  return found;
}

/** The header that the step gives a value, if it is not taking away. */
export function target(step: Step): string | undefined {
  const { set, add, addIfAbsent, replace, copy, rename, move, rewrite } = step;
  const name = (set ?? add ?? addIfAbsent ?? replace ?? rewrite)?.name ??
    (copy ?? rename ?? move)?.to;
  return name === undefined ? undefined : canonicalName(name);
}

/** Whether nothing of the values before is left, wherever they came from. */
export function overwrites({ set }: Step): boolean {
  return set !== undefined;
}

function dooms(by: PlacedStep): readonly { readonly match: NameMatch; readonly by: PlacedStep }[] {
  const { remove, rename, move } = by.step;
  const from = (rename ?? move)?.from;
  if (remove !== undefined) return [{ match: nameMatch(remove), by }];
  return from === undefined ? [] : [{ match: nameMatch({ name: from }), by }];
}

function where({ policy, path }: PlacedStep, asSeenFrom: string): string {
  return policy === asSeenFrom ? path : `${path} of ${policy}`;
}
