/** Configuration files with something odd in them, of which some are right all the same. */
import { Random } from "../../../../tests/support/world.ts";
import { randomScenario } from "./random_scenario.ts";

/** The text of a file. */
export function randomFile(seed: number): string {
  const random = new Random(seed);
  const { config: { domain, descriptors = [] } } = randomScenario(seed, "d");
  const root = tree({ domain, descriptors: descriptors.slice(0, 2) });
  const count = random.chance(0.85) ? 1 : 2;
  for (let i = 0; i < count; i++) spoil(random, root);
  const text = written(root);
  // What stands around the document.
  return random.chance(0.05) ? `${random.of(before)}${text}${random.of(after)}` : text;
}

const before = ["", "---\n", "# a\n", "%YAML 1.1\n---\n", "\ufeff", " "];
const after = ["", "\n...\n", "\n---\ndomain: e\n", " # a", "\n"];

/** Scalars, lists and maps as they are written. */
const odd = [
  ...["", "~", "null", '""', "''", "true", "True", '"true"', "yes", "No", "on", "y", "5"],
  ...['"5"', "-1", "+5", "0x10", "0b11", "0o17", "017", "08", "1_000", "4294967295", "4294967296"],
  ...["99999999999999999999", "1.5", "5.0", ".5", "1e3", "1E3", ".inf", ".NaN", "0", "-0"],
  ...["2026-01-01", "2026-01-01T00:00:00Z", "12:30:45", "1:30", "{}", "[]", "[1]", "[{}]"],
  ...["{a: 1}", "{key: a}", "[[]]", "[~]", "[a]", "[{key: a}]", "!!str 5", '!!int "5"'],
  ...["!!float 5", "&x 5", "*x", '"a\\nb"', "'it''s'", "a b", "minute", "unknown", "fortnight"],
  ...["@a", "`a", "%a", "a: b", "- a", "!a b", "x*", "{<<: {key: a}}", "[{key: a}, {key: a}]"],
];

const known = [
  ...["domain", "descriptors", "key", "value", "rate_limit", "unit", "requests_per_unit"],
  ...["unlimited", "name", "replaces", "shadow_mode", "detailed_metric", "value_to_metric"],
  "share_threshold",
];
const unknown = ["Key", "ratelimit", "limit", "Domain", "5", "true", "1.5", "~", '""', "[a]", "x"];

/** A value of the file, that can be changed where it stands. */
type Tree = Raw | Tree[] | Entry[];

/** A key twice is for the later one to us, and has to be right all the same to the reference. */
function isNew(map: readonly Entry[], key: string): boolean {
  return map.every((entry) => entry.key !== key);
}

interface Raw {
  readonly raw: string;
}

/** Of a map: its keys may be anything, and the same twice. */
interface Entry {
  key: string;
  value: Tree;
  readonly isEntry: true;
}

function tree(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(tree);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([key, each]): Entry => ({
      key,
      value: tree(each),
      isEntry: true,
    }));
  }
  return { raw: JSON.stringify(value) };
}

function written(tree: Tree): string {
  if (!Array.isArray(tree)) return tree.raw;
  if (!isMap(tree)) return `[${tree.map(written).join(", ")}]`;
  return `{${tree.map(({ key, value }) => `${key}: ${written(value)}`).join(", ")}}`;
}

function isMap(list: Tree[] | Entry[]): list is Entry[] {
  return list.length > 0 && list.every((each) => "isEntry" in each);
}

function spoil(random: Random, root: Tree): void {
  const maps: Entry[][] = [];
  const lists: Tree[][] = [];
  const visit = (each: Tree) => {
    if (!Array.isArray(each)) return;
    if (isMap(each)) {
      maps.push(each);
      for (const { value } of each) visit(value);
    } else {
      lists.push(each);
      for (const value of each) visit(value);
    }
  };
  visit(root);
  const map = random.pick(maps) ?? [];
  const list = random.pick(lists) ?? [];
  const entry = random.pick(map);
  const value: Tree = { raw: random.of(odd) };
  switch (random.below(7)) {
    case 0:
    case 1:
      if (entry !== undefined) entry.value = value;
      return;
    case 2:
      map.splice(random.below(map.length + 1), 1);
      return;
    case 3: {
      const key = random.of(random.chance(0.7) ? known : unknown);
      if (isNew(map, key)) map.push({ key, value, isEntry: true });
      return;
    }
    case 4: {
      const key = random.of(random.chance(0.5) ? known : unknown);
      if (entry !== undefined && isNew(map, key)) entry.key = key;
      return;
    }
    case 5:
      list.splice(random.below(list.length + 1), random.below(2), value);
      return;
    case 6: {
      const again = random.pick(list);
      if (again !== undefined) list.push(again);
      return;
    }
  }
}
