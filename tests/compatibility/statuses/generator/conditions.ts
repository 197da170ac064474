import type { Draw, Fields } from "./draw.ts";

/** What a request has to be like for an include or a route. */
export function conditions(draw: Draw, of: "include" | "route"): readonly Fields[] {
  return draw.mixed([
    ...(draw.chance(0.75) ? [pathCondition(draw, of)] : []),
    ...(draw.errs() ? [pathCondition(draw, "route")] : []),
    ...draw.several(draw.chance(0.3) ? 3 : 0, () => ({ header: headerCondition(draw) })),
    ...draw.several(draw.chance(0.2) ? 2 : 0, () => ({ queryParameter: queryCondition(draw) })),
  ]);
}

function pathCondition(draw: Draw, of: "include" | "route"): Fields {
  const prefix = () => ({
    prefix: draw.value(["/", "/a", "/a/", "/b", "/a/b", "//c"], ["a", "*", "", " /a"]),
  });
  if (of === "include") return draw.errs() ? pathCondition(draw, "route") : prefix();
  switch (draw.of(["prefix", "prefix", "prefix", "exact", "regex", "both"])) {
    case "exact":
      return { exact: draw.value(["/", "/a", "/exact"], ["a", ""]) };
    case "regex":
      return {
        regex: draw.value(["/.*", "/[a-z]+", "/(a|b)/c?", "/\\d{2}"], [
          "a",
          "/(",
          "/[",
          "/a**",
          "/(?=a)",
          "/a{2,1}",
          "/\\p{Odd}",
          "*",
          "/(?P<n",
          "/\\1",
          "/)",
          "/a{1001}",
        ]),
      };
    case "both":
      return draw.errs() ? { prefix: "/a", exact: "/b" } : prefix();
    default:
      return prefix();
  }
}

const headerTests = ["contains", "notcontains", "exact", "notexact"];

/** One test of a header; few values, so that tests contradict one another. */
export function headerCondition(draw: Draw): Fields {
  const name = draw.value(["x-a", "x-b", "x-c", "x-d"], ["X-A", "x-a", ":method", "x a"]);
  const test = draw.of([...headerTests, ...headerTests, "present", "notpresent", "regex", "none"]);
  const ofTest = (test: string): Fields => {
    switch (test) {
      case "present":
      case "notpresent":
        return { [test]: true };
      case "regex":
        return { regex: draw.value([".*", "[a-z]+"], ["(", "[", "a**", "(?!a)"]) };
      case "none":
        return draw.errs() ? {} : { present: true };
      default:
        return { [test]: draw.of(["1", "2"]) };
    }
  };
  return {
    name,
    ...ofTest(test),
    ...(draw.errs() ? ofTest(draw.of([...headerTests, "present", "regex"])) : {}),
    ...draw.maybe(0.1, "ignoreCase", () => true),
    ...draw.maybe(0.1, "treatMissingAsEmpty", () => true),
  };
}

function queryCondition(draw: Draw): Fields {
  const name = draw.value(["q", "r", "s"], ["Q", "q"]);
  const one = (): Fields => {
    const test = draw.of(["exact", "prefix", "suffix", "contains", "present", "regex"]);
    if (test === "present") return { present: true };
    if (test === "regex") return { regex: draw.value([".*"], ["(", "a**"]) };
    return { [test]: draw.of(["1", "2"]) };
  };
  if (!draw.errs()) return { name, ...one() };
  return draw.chance(0.5) ? { name } : { name, ...one(), ...one() };
}
