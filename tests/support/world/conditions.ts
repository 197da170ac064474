import type { Random } from "./random.ts";

/** Conditions of a route or an include, at times ones that exclude each other. */
export function conditions(
  random: Random,
  mistakes: number,
  of: "route" | "include",
): object[] {
  const path = of === "route" ? routePath : includePath;
  return [
    ...(random.chance(0.8) ? [path(random, mistakes)] : []),
    ...(random.chance(mistakes / 2) ? [path(random, mistakes)] : []),
    ...random.several(2, () => header(random, mistakes)).map((header) => ({ header })),
    ...random.several(1, () => query(random, mistakes)).map((queryParameter) => ({
      queryParameter,
    })),
  ];
}

function routePath(random: Random, mistakes: number): object {
  if (random.chance(mistakes)) return { [random.of(["prefix", "exact"])]: "no-slash" };
  if (random.chance(mistakes)) return { regex: "/a(" };
  const text = random.of(["/", "/a", "/a/", "/b"]);
  return random.of([{ prefix: text }, { prefix: text }, { exact: text }, { regex: `${text}.*` }]);
}

function includePath(random: Random, mistakes: number): object {
  if (random.chance(mistakes / 2)) return routePath(random, mistakes);
  return { prefix: random.of(["/", "/a", "/c", "/c/"]) };
}

function header(random: Random, mistakes: number): object {
  const name = random.of(["x-a", "X-A", "x-b", ":method"]);
  const value = random.of(["1", "2"]);
  return {
    name,
    ...random.of<object>([
      { present: true },
      { notpresent: true },
      { contains: value },
      { notcontains: value },
      { exact: value },
      { notexact: value },
      { regex: random.chance(mistakes) ? "(" : value },
      {},
    ]),
    ...random.maybe(0.2, "ignoreCase", () => true),
    ...random.maybe(0.2, "treatMissingAsEmpty", () => true),
  };
}

function query(random: Random, mistakes: number): object {
  const value = random.of(["1", "2"]);
  return {
    name: random.of(["q", "Q"]),
    ...random.of<object>([
      { exact: value },
      { prefix: value },
      { suffix: value },
      { contains: value },
      { present: true },
      { regex: random.chance(mistakes) ? "(" : value },
    ]),
    ...random.maybe(mistakes / 2, "present", () => true),
    ...random.maybe(0.2, "ignoreCase", () => true),
  };
}
