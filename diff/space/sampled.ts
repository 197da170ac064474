import type { Request } from "../../controller/graph/mod.ts";
import { TooManyStates } from "../strings/machine.ts";
import { UnsupportedRegex } from "../strings/regex_syntax.ts";
import type { Condition, PartName, TextTest } from "./condition.ts";
import { type Domain, meets, valueClasses } from "./part.ts";
import type { Region, Sample, SpaceRule } from "./regions.ts";
import { requestOf } from "./witness.ts";

/**
 * What {@link regions} says, as far as examples show it: some requests that meet each rule, and such
 * as miss one of its conditions. Says nothing wrong, but may leave regions out.
 */
export function sampledRegions(
  a: readonly SpaceRule[],
  b: readonly SpaceRule[],
  { path, domain, name, tls, taker, first }: {
    readonly path: Domain;
    readonly domain: (part: PartName) => Domain;
    readonly name: string;
    readonly tls: boolean;
    /** Which rules take a request. */
    readonly taker: (request: Request) => { readonly a: number; readonly b: number };
    /** Rules that are worth trying first, by their index. */
    readonly first: { readonly a: ReadonlySet<number>; readonly b: ReadonlySet<number> };
  },
): readonly Region[] {
  const values = new Map<string, readonly (string | undefined)[]>();
  const valuesOf = (condition: Condition, isMet: boolean) => {
    const key = JSON.stringify([condition, isMet]);
    const known = values.get(key) ?? examples(domain, condition, isMet);
    values.set(key, known);
    return known;
  };
  const found = new Map<string, { a: number; b: number; samples: Sample[] }>();
  let tried = 0;
  const seen = new Set<string>();
  const rules = [
    ...a.filter((_, i) => first.a.has(i)),
    ...b.filter((_, i) => first.b.has(i)),
    ...a,
    ...b,
  ];
  const mostTries = Math.min(4_000, 2_000_000 / (1 + rules.length));
  for (const rule of rules) {
    const id = JSON.stringify(rule);
    if (seen.has(id)) continue;
    seen.add(id);
    for (const text of pathExamples(path, rule.path)) {
      for (let missed = -1; missed < rule.conditions.length; missed++) {
        if (++tried > mostTries) break;
        const sample: Sample = {
          path: text,
          values: new Map(
            rule.conditions.map((condition, i) => [
              condition.part,
              valuesOf(condition, i !== missed)[0],
            ]),
          ),
        };
        const takers = taker(requestOf(sample, { name, tls }));
        const key = `${takers.a} ${takers.b}`;
        const region = found.get(key) ?? { ...takers, samples: [] };
        found.set(key, region);
        if (region.samples.length < 4) region.samples.push(sample);
      }
    }
  }
  return [...found.values()];
}

/** For one condition alone, of which one example is enough. */
const states = 3_000;

function examples(
  domain: (part: PartName) => Domain,
  condition: Condition,
  isMet: boolean,
): readonly (string | undefined)[] {
  const { test, part } = condition;
  return unlessTooMuch(() =>
    valueClasses(domain(part), test === undefined ? [] : [test], states)
      .filter((value) => meets(condition, test && 0, value) === isMet)
      .flatMap(({ samples }) => samples)
  );
}

function pathExamples(path: Domain, test: TextTest): readonly string[] {
  const found = unlessTooMuch(() =>
    valueClasses(path, [test], states).flatMap(({ samples }) => samples.flatMap((one) => one ?? []))
  );
  const near = test.kind === "regex" ? [] : [test.text, `${test.text}x`, `${test.text}/x`];
  return [...new Set([...near, ...found])].filter((text) => /^\/(?!\/)/.test(text)).slice(0, 8);
}

function unlessTooMuch<Value>(find: () => readonly Value[]): readonly Value[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof TooManyStates || error instanceof UnsupportedRegex) return [];
    throw error;
  }
}
