import { canonicalName } from "../settings/header_name.ts";
import { formatted, parseValue, type ValuePart } from "../settings/header_value.ts";
import type { Step } from "../settings/step.ts";
import type { Direction } from "../settings/variables.ts";
import { celText } from "./cel_text.ts";
import {
  asksForPath,
  conditionExpression,
  headerExpression,
  metadataNamespace,
  presence,
} from "./condition_expression.ts";
import { overwrites, target } from "./conflicts.ts";
import { nameMatch } from "./name_match.ts";
import {
  dropHeader,
  type Mutation,
  type Onto,
  type Program,
  type Reading,
  valueHeader,
} from "./program.ts";

/** A step with the namespace of the policy it is from. */
export interface OwnedStep {
  readonly step: Step;
  readonly namespace: string;
}

/**
 * The steps in Envoy's terms, after mutations that come first anyway.
 *
 * Envoy's mutations know no conditions, but leave a header alone where the new value comes out empty.
 * So a condition becomes a part of the value. What cannot be said that way is taking headers away:
 * there the mutation only notes what is to be taken away in the end.
 */
export function compile(
  direction: Direction,
  first: readonly Mutation[],
  steps: readonly OwnedStep[],
): Program {
  const readings: Reading[] = [];
  let mutations: readonly Mutation[] = first;
  for (const { step, namespace } of steps) {
    const condition = conditionExpression(step.when, step.unless, direction);
    const context = { direction, condition, namespace, key: `${direction}-${readings.length}` };
    const kept = condition === undefined && overwrites(step)
      ? mutations.filter((mutation) => !isNote(mutation, target(step)))
      : mutations;
    mutations = [...kept, ...stepMutations(step, context)];
    if (step.rewrite === undefined) continue;
    const { name, pattern, substitution } = step.rewrite;
    readings.push({ header: canonicalName(name), key: context.key, pattern, substitution });
  }
  const drops = mutations.some((mutation) => isNote(mutation));
  return {
    mutations: drops ? [{ kind: "remove", name: dropHeader }, ...mutations] : mutations,
    readings,
    drops,
    asksForPath: direction === "response" && steps.some(({ step }) => asksForPath(step)),
  };
}

/** Whether it notes something to take away in the end: anything, or just that header. */
function isNote(mutation: Mutation, name?: string): boolean {
  return mutation.kind === "put" && mutation.name === dropHeader &&
    (name === undefined || mutation.dropped === name);
}

interface Context {
  readonly direction: Direction;
  /** In CEL; `undefined`: always. */
  readonly condition: string | undefined;
  readonly namespace: string;
  /** Under which a reading of this step would keep its value. */
  readonly key: string;
}

function stepMutations(step: Step, context: Context): readonly Mutation[] {
  const { set, add, addIfAbsent, replace, copy, rename, move, rewrite, remove } = step;
  if (set !== undefined) return assigned(set, context);
  if (add !== undefined) return put(add, "APPEND_IF_EXISTS_OR_ADD", context);
  if (addIfAbsent !== undefined) return put(addIfAbsent, "ADD_IF_ABSENT", context);
  if (replace !== undefined) return put(replace, "OVERWRITE_IF_EXISTS", context);
  if (copy !== undefined) return [copied(copy, onto[copy.existing ?? "replace"], context)];
  if (rename !== undefined) return moved(rename, onto.replace, context);
  if (move !== undefined) return moved(move, onto.append, context);
  if (rewrite !== undefined) {
    const format = `%DYNAMIC_METADATA(${metadataNamespace}:${context.key})%`;
    const name = canonicalName(rewrite.name);
    return conditional(name, [{ kind: "variable", format }], "OVERWRITE_IF_EXISTS", context);
  }
  if (remove !== undefined) return removed(remove, context);
  return []; // the schema lets no such step pass
}

const onto = {
  replace: "OVERWRITE_IF_EXISTS_OR_ADD",
  append: "APPEND_IF_EXISTS_OR_ADD",
  keep: "ADD_IF_ABSENT",
} as const;

/**
 * A value that takes the place of all others even where it comes out empty: what clients send is not to
 * be taken for a claim that their token lacks. On a condition that cannot be had.
 */
function assigned(
  set: { readonly name: string; readonly value: string },
  context: Context,
): readonly Mutation[] {
  const mutations = put(set, "OVERWRITE_IF_EXISTS_OR_ADD", context);
  const name = canonicalName(set.name);
  const mayBeEmpty = set.value !== "" &&
    parseValue(set.value, context.namespace).every(({ kind }) => kind === "variable");
  if (context.condition !== undefined || !mayBeEmpty || mentions(set.value, name, context)) {
    return mutations;
  }
  return [{ kind: "remove", name }, ...mutations];
}

/** Whether a value speaks of the header itself: it is empty only where that is not there. */
function mentions(value: string, name: string, { direction }: Context): boolean {
  const command = direction === "request" ? /%REQ\(([^()]*)\)/g : /%RESP\(([^()]*)\)/g;
  return [...value.matchAll(command)].some(([, names = ""]) =>
    names.split("?").some((one) => canonicalName(one) === name)
  );
}

function put(
  { name, value }: { readonly name: string; readonly value: string },
  onto: Onto,
  context: Context,
): readonly Mutation[] {
  const header = canonicalName(name);
  if (value === "") return [{ kind: "put", name: header, format: "", onto, keepsEmpty: true }];
  return conditional(header, parseValue(value, context.namespace), onto, context);
}

/** A value that is put where the condition holds. */
function conditional(
  name: string,
  parts: readonly ValuePart[],
  onto: Onto,
  { direction, condition }: Context,
): readonly Mutation[] {
  if (condition === undefined) return [{ kind: "put", name, format: formatted(parts), onto }];
  const [only, second] = parts;
  if (only?.kind === "text" && second === undefined && only.text.length <= longest) {
    return [{ kind: "put", name, format: cel(`${condition} ? ${celText(only.text)} : ''`), onto }];
  }
  // CEL knows few of the variables, so they are told to it in a header that is gone at once.
  const value = headerExpression(direction, valueHeader);
  const holds = `${condition} && ${presence(direction, valueHeader)}`;
  const forget: Mutation = { kind: "remove", name: valueHeader };
  return [
    forget,
    { kind: "put", name: valueHeader, format: formatted(parts), onto: "ADD_IF_ABSENT" },
    { kind: "put", name, format: cel(`${holds} ? ${value} : ''`), onto },
    forget,
  ];
}

/** Longer texts would be too long in CEL. */
const longest = 512;

function copied(
  { from, to }: { readonly from: string; readonly to: string },
  onto: Onto,
  { direction, condition }: Context,
): Mutation {
  const value = headerExpression(direction, from);
  const format = cel(condition === undefined ? value : `${condition} ? ${value} : ''`);
  return { kind: "put", name: canonicalName(to), format, onto };
}

function moved(
  names: { readonly from: string; readonly to: string },
  onto: Onto,
  context: Context,
): readonly Mutation[] {
  const copy = copied(names, onto, context);
  const removal = removed({ name: names.from }, context);
  // With a condition the note comes first: the copy may change what the condition reads.
  return context.condition === undefined ? [copy, ...removal] : [...removal, copy];
}

function removed(
  removal: Parameters<typeof nameMatch>[0],
  { condition }: Context,
): readonly Mutation[] {
  const match = nameMatch(removal);
  if (condition !== undefined) {
    const entry = celText(`${match.kind}:${match.text}`);
    const format = cel(`${condition} ? ${entry} : ''`);
    const note = { kind: "put", name: dropHeader, format, onto: onto.append } as const;
    return [match.kind === "exact" ? { ...note, dropped: match.text } : note];
  }
  return match.kind === "exact"
    ? [{ kind: "remove", name: match.text }]
    : [{ kind: "remove-matching", match }];
}

function cel(expression: string): string {
  return `%CEL(${expression})%`;
}
