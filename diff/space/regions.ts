import { TooManyStates } from "../strings/machine.ts";
import type { Condition, PartName, TextTest } from "./condition.ts";
import { type Domain, meets, Tests, type ValueClass, valueClasses } from "./part.ts";

/** A rule of a list of which the first that matches takes a request. */
export interface SpaceRule {
  readonly path: TextTest;
  readonly conditions: readonly Condition[];
}

/** The requests that one rule takes of the first list, and one of the second. */
export interface Region {
  /** Index of the rule; -1 for none. */
  readonly a: number;
  readonly b: number;
  /** Some of these requests; at least one. */
  readonly samples: readonly Sample[];
}

/** A request, as far as somebody looks at it. */
export interface Sample {
  readonly path: string;
  /** By part; `undefined` for what has to be absent. */
  readonly values: ReadonlyMap<PartName, string | undefined>;
}

/** How much work may be spent. */
export interface WorkLimit {
  /** States of the automata of one part. */
  readonly states: number;
  /** Cases that conditions are parted into. */
  readonly cases: number;
}

/**
 * Parts all requests by the rules that take them from each of two lists: every pair of rules that has
 * a request at all, each once, with an example. Throws a `TooManyStates` where that takes more than
 * the limit, and an `UnsupportedRegex` where a condition is not understood.
 */
export function regions(
  a: readonly SpaceRule[],
  b: readonly SpaceRule[],
  { path, domain }: {
    readonly path: Domain;
    readonly domain: (part: PartName) => Domain;
  },
  limit: WorkLimit,
): readonly Region[] {
  const space = new Space(domain, limit);
  const [left, right] = [space.rules(a), space.rules(b)];
  const groups = new Map<string, { a: Rule[]; b: Rule[]; paths: string[] }>();
  for (const { holds, samples } of valueClasses(path, space.paths.list, limit.states)) {
    const [restA, restB] = [open(left, holds), open(right, holds)];
    const key = `${restA.map(({ index }) => index)} ${restB.map(({ index }) => index)}`;
    const group = groups.get(key) ?? { a: restA, b: restB, paths: [] };
    groups.set(key, group);
    group.paths.push(...samples.flatMap((sample) => sample ?? []));
  }
  for (const { a, b, paths } of groups.values()) {
    const shortest = paths.sort((x, y) => x.length - y.length).slice(0, 4);
    space.part(a, b, { paths: shortest, chosen: new Map() });
  }
  return space.regions();
}

interface Rule {
  readonly index: number;
  readonly path: number;
  /** Those that are not known to hold. */
  readonly conditions: readonly { readonly condition: Condition; readonly test?: number }[];
}

/** What is decided so far. */
interface Case {
  readonly paths: readonly string[];
  readonly chosen: ReadonlyMap<PartName, readonly ValueClass[]>;
}

class Space {
  readonly paths = new Tests();
  readonly #tests = new Map<PartName, Tests>();
  readonly #classes = new Map<PartName, readonly ValueClass[]>();
  readonly #domain: (part: PartName) => Domain;
  readonly #limit: WorkLimit;
  readonly #regions = new Map<string, { a: number; b: number; samples: Sample[] }>();
  #cases = 0;

  constructor(domain: (part: PartName) => Domain, limit: WorkLimit) {
    this.#domain = domain;
    this.#limit = limit;
  }

  rules(rules: readonly SpaceRule[]): readonly Rule[] {
    return rules.map(({ path, conditions }, index) => ({
      index,
      path: this.paths.id(path),
      conditions: conditions.map((condition) => {
        const { part, test } = condition;
        const tests = this.#tests.get(part) ?? new Tests();
        this.#tests.set(part, tests);
        return { condition, ...(test === undefined ? {} : { test: tests.id(test) }) };
      }),
    }));
  }

  regions(): readonly Region[] {
    return [...this.#regions.values()];
  }

  /** Parts the requests of a case until it is known which rules take them. */
  part(a: readonly Rule[], b: readonly Rule[], decided: Case): void {
    if (++this.#cases > this.#limit.cases) {
      throw new TooManyStates("Conditions have too many cases");
    }
    const [open] = [a[0], b[0]].flatMap((first) => first?.conditions ?? []);
    if (open === undefined) return this.#note(a[0]?.index ?? -1, b[0]?.index ?? -1, decided);
    const { part } = open.condition;
    for (const classes of this.#grouped(part, [...a, ...b], decided)) {
      const [value] = classes;
      if (value === undefined) continue;
      const chosen = new Map(decided.chosen).set(part, classes);
      this.part(withValue(a, part, value), withValue(b, part, value), { ...decided, chosen });
    }
  }

  /** The values of a part, parted no further than the rules that are left tell them apart. */
  #grouped(
    part: PartName,
    rules: readonly Rule[],
    { chosen }: Case,
  ): Iterable<readonly ValueClass[]> {
    const conditions = rules.flatMap(({ conditions }) =>
      conditions.filter(({ condition }) => condition.part === part)
    );
    const known = chosen.get(part);
    const tests = this.#tests.get(part)?.list ?? [];
    const all = known ?? this.#classes.get(part) ??
      valueClasses(this.#domain(part), tests, this.#limit.states);
    if (known === undefined) this.#classes.set(part, all);
    return Map.groupBy(
      all,
      (value) => conditions.map(({ condition, test }) => +meets(condition, test, value)).join(""),
    ).values();
  }

  #note(a: number, b: number, { paths, chosen }: Case): void {
    const key = `${a} ${b}`;
    const region = this.#regions.get(key) ?? { a, b, samples: [] };
    this.#regions.set(key, region);
    if (region.samples.length >= mostSamples) return;
    const values = new Map([...chosen].map(([part, classes]) => [part, simplest(classes)]));
    for (const path of paths) region.samples.push({ path, values });
  }
}

const mostSamples = 12;

/** Nothing is simpler than something. */
function simplest(classes: readonly ValueClass[]): string | undefined {
  const samples = classes.flatMap(({ samples }) => samples[0]);
  return samples.includes(undefined) ? undefined : samples[0];
}

/** The rules whose path holds, up to the first without further conditions. */
function open(rules: readonly Rule[], holds: ReadonlySet<number>): Rule[] {
  return cut(rules.filter(({ path }) => holds.has(path)));
}

/** The rules that are left once a part has a value. */
function withValue(rules: readonly Rule[], part: PartName, value: ValueClass): Rule[] {
  return cut(rules.flatMap((rule) => {
    const [own, others] = [[], []] as [Rule["conditions"][number][], Rule["conditions"][number][]];
    for (const one of rule.conditions) (one.condition.part === part ? own : others).push(one);
    if (own.length === 0) return [rule];
    return own.every(({ condition, test }) => meets(condition, test, value))
      ? [{ ...rule, conditions: others }]
      : [];
  }));
}

function cut(rules: readonly Rule[]): Rule[] {
  const last = rules.findIndex(({ conditions }) => conditions.length === 0);
  return last < 0 ? [...rules] : rules.slice(0, last + 1);
}
