/** Random configurations, and requests that have to do with them. */
import type { DescriptorConfiguration, LimitConfiguration } from "../../mod.ts";
import { Random } from "../../../../tests/support/world.ts";
import type { Scenario, ScenarioDescriptor, ScenarioRequest } from "./scenario.ts";

/**
 * The scenario of a seed. Left out is what later versions of the reference service changed (wildcards
 * that do not stand at the end, quotas, metadata), and what we count otherwise on purpose.
 */
export function randomScenario(seed: number, domain: string): Scenario {
  const random = new Random(seed);
  // A wildcard of the key "a" takes "a_b" as well, for which the reference has an odd counter.
  const keys = seed % 3 === 0 ? ["a", "a_b", "c"] : ["a", "b", "c", "user agent", "A", "ä"];
  const patterns = seed % 3 === 0 ? [] : ["*", "x*", "xy*", "/files/*", "10.0.*", "ü*"];
  // Where a value is written as a pattern, the reference takes it for all that the pattern shares.
  const alphabet = { keys, patterns, hasStars: seed % 5 === 0 };
  const descriptors = level(random, alphabet, 0);
  const requests: ScenarioRequest[] = [];
  const told = new Map<string, string>();
  const count = 4 + random.below(10);
  while (requests.length < count) {
    const request = randomRequest(random, alphabet, descriptors);
    // A client comes again and again.
    const times = random.chance(0.4) ? 2 + random.below(4) : 1;
    if (!isDistinct(request, told)) continue;
    for (let i = 0; i < times; i++) requests.push(request);
    if (random.chance(0.15)) {
      requests.push({ ...request, ...(random.chance(0.3) ? { later: true } : {}) });
    }
  }
  return { config: { domain, descriptors }, requests };
}

interface Alphabet {
  readonly keys: readonly string[];
  /** Of values. */
  readonly patterns: readonly string[];
  /** Whether values of requests have stars; then nothing is shared. */
  readonly hasStars: boolean;
}

const values = [
  ...["x", "y", "xy", "x_y", "xyz", "b", "10.0.0.1", "10.0.0.2", "/files/a", "/files/b", "", "a|b"],
  ...["ü 1", "__proto__", "true", "7"],
];
const units = ["second", "minute", "hour", "day", "week", "month", "year"];

function level(
  random: Random,
  alphabet: Alphabet,
  depth: number,
): DescriptorConfiguration[] {
  const { keys, patterns } = alphabet;
  const taken = new Set<string>();
  const made: DescriptorConfiguration[] = [];
  const count = 1 + random.below(depth === 0 ? 6 : 3);
  for (let i = 0; i < count; i++) {
    const key = random.of(keys.slice(0, 3 + random.below(keys.length - 2)));
    const value = random.chance(0.35) ? undefined : random.of(
      patterns.length > 0 && random.chance(0.35)
        ? patterns
        : values.filter((each) => !each.includes("*")),
    );
    const text = value === undefined || value === "" ? key : `${key}_${value}`;
    if (taken.has(text)) continue;
    taken.add(text);
    made.push({
      key,
      ...(value === undefined ? {} : { value }),
      ...(random.chance(0.7) ? { rate_limit: limit(random) } : {}),
      ...random.maybe(0.15, "shadow_mode", () => random.chance(0.8)),
      ...random.maybe(0.2, "detailed_metric", () => random.chance(0.8)),
      ...random.maybe(0.2, "value_to_metric", () => random.chance(0.8)),
      ...(text.endsWith("*") && !alphabet.hasStars
        ? random.maybe(0.4, "share_threshold", () => true)
        : {}),
      ...(depth < 2 && random.chance(0.4)
        ? { descriptors: level(random, alphabet, depth + 1) }
        : {}),
    });
  }
  return made;
}

function limit(random: Random): LimitConfiguration {
  const name = random.maybe(0.35, "name", () => random.of(["one", "two", "three"]));
  const others = ["one", "two", "three"].filter((each) => each !== name.name);
  const replaces = random.maybe(
    0.2,
    "replaces",
    () => random.several(2, () => ({ name: random.of(others) })),
  );
  if (random.chance(0.1)) return { unlimited: true, ...name, ...replaces };
  const unit = random.of(units);
  return {
    unit: random.chance(0.2) ? unit.toUpperCase() : unit,
    ...random.maybe(
      0.97,
      "requests_per_unit",
      () => random.of([0, 1, 2, 3, 4, 5, 10, 17, 1_000, 4_294_967_294]),
    ),
    ...name,
    ...replaces,
  };
}

function randomRequest(
  random: Random,
  alphabet: Alphabet,
  descriptors: readonly DescriptorConfiguration[],
): ScenarioRequest {
  const count = random.chance(0.02) ? 0 : 1 + random.below(random.chance(0.3) ? 4 : 2);
  return {
    ...random.maybe(0.04, "domain", () => random.of(["", "nobody"])),
    descriptors: Array.from({ length: count }, () => descriptor(random, alphabet, descriptors)),
    ...random.maybe(0.2, "hits", () => random.of([0, 1, 2, 3, 5, 900, 4_294_967_295])),
  };
}

function descriptor(
  random: Random,
  alphabet: Alphabet,
  descriptors: readonly DescriptorConfiguration[],
): ScenarioDescriptor {
  const entries: [string, string][] = [];
  for (let level: typeof descriptors | undefined = descriptors;;) {
    const way: DescriptorConfiguration | undefined = random.pick(level ?? []);
    if (way === undefined || random.chance(0.15)) {
      if (entries.length === 0 ? random.chance(0.9) : random.chance(0.1)) {
        entries.push([random.of(alphabet.keys), anyValue(random, alphabet)]);
      }
      break;
    }
    entries.push([way.key, valueFor(random, alphabet, way)]);
    level = way.descriptors;
    if (level === undefined || random.chance(0.4)) {
      if (random.chance(0.92)) break;
    }
  }
  return {
    entries,
    ...random.maybe(0.15, "hits", () => random.of([0, 0, 1, 2, 4, 1_000, 4_294_967_295])),
    ...random.maybe(
      entries.length === 0 ? 0 : 0.06,
      "limit",
      () => [random.of([0, 1, 2, 5]), 1 + random.below(6)] as const,
    ),
  };
}

/** A value that a step of the configuration takes, mostly. */
function valueFor(
  random: Random,
  alphabet: Alphabet,
  { value }: DescriptorConfiguration,
): string {
  if (value === undefined || random.chance(0.15)) return anyValue(random, alphabet);
  return value.endsWith("*")
    ? value.slice(0, -1) + random.of(alphabet.hasStars ? ["", "*"] : ["", "a", "b", "a/b"])
    : value;
}

function anyValue(random: Random, { hasStars }: Alphabet): string {
  return random.of(hasStars ? [...values, "*", "x*"] : values);
}

/**
 * Whether no two descriptors of a scenario are other keys and values of the same text, which the
 * reference service counts together.
 */
function isDistinct({ descriptors }: ScenarioRequest, told: Map<string, string>): boolean {
  return descriptors.every(({ entries }) => {
    const text = entries.flat().join("_");
    const exact = JSON.stringify(entries);
    const known = told.get(text);
    told.set(text, known ?? exact);
    return known === undefined || known === exact;
  });
}
