/** What conditions mean, read off the reference and written without a look at the code. */
import type { HTTPProxy } from "../../../controller/api/mod.ts";

type Route = NonNullable<HTTPProxy["spec"]["routes"]>[number];

/** A condition as users write it. */
export type Condition = NonNullable<Route["conditions"]>[number];

/** A path that has to match, however many objects it was written in. */
export interface PathTest {
  readonly kind: "exact" | "regex" | "prefix" | "segments";
  readonly text: string;
}

/** A request, as far as conditions look at it. */
export interface Asked {
  readonly method: string;
  /** With slashes merged and dots resolved, without query string. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The paths of all conditions in one, from root to leaf. */
export function pathTest(conditions: readonly Condition[]): PathTest {
  const isRegex = conditions.some(({ regex }) => regex !== undefined);
  const parts = conditions.map(({ prefix, exact, regex }) => {
    if (!isRegex) return prefix ?? exact ?? "";
    return prefix?.replace(/\/+$/, "") ?? (regex === undefined ? "" : `(?:${regex})`);
  });
  const joined = parts.join("").replace(/\/+/g, "/");
  // Behind no prefix it stands by itself.
  const text = isRegex ? joined.replace(/^\(\?:(.*)\)$/, "$1") : joined;
  if (isRegex) return { kind: "regex", text };
  if (text === "") return { kind: "prefix", text: "/" };
  return { kind: conditions.at(-1)?.exact === undefined ? "prefix" : "exact", text };
}

/** Whether the path is one of those. */
export function pathHolds({ kind, text }: PathTest, path: string): boolean {
  switch (kind) {
    case "exact":
      return path === text;
    case "regex":
      return new RegExp(`^(?:${text})$`).test(path);
    case "prefix":
      return path.startsWith(text);
    case "segments":
      return path === text || path.startsWith(`${text}/`);
  }
}

/** Whether all conditions but those on the path hold. */
export function othersHold(conditions: readonly Condition[], asked: Asked): boolean {
  return conditions.every(({ header, queryParameter }) =>
    header !== undefined
      ? headerHolds(header, asked)
      : queryParameter !== undefined
      ? queryHolds(queryParameter, asked)
      : true
  );
}

/** Whether no request could meet them all; found only where nothing modifies the earlier one. */
export function contradict(conditions: readonly Condition[]): boolean {
  const headers = conditions.flatMap(({ header }) => header ?? []);
  return headers.some((later, i) =>
    headers.slice(0, i).some((earlier) => {
      if (earlier.name.toLowerCase() !== later.name.toLowerCase()) return false;
      if (earlier.exact !== undefined && later.exact !== undefined) return true;
      const isText =
        (earlier.contains ?? earlier.notcontains ?? earlier.exact ?? earlier.notexact) !==
          undefined;
      const isNegative = earlier.notcontains !== undefined || earlier.notexact !== undefined;
      const isPlain = !(isText && earlier.ignoreCase) &&
        !(isNegative && earlier.treatMissingAsEmpty);
      const excludes = (a: "exact" | "contains", b: "notexact" | "notcontains") =>
        (earlier[a] !== undefined && earlier[a] === later[b]) ||
        (earlier[b] !== undefined && earlier[b] === later[a]);
      return isPlain && (
        (earlier.present === true && later.notpresent === true) ||
        (earlier.notpresent === true && later.present === true) ||
        excludes("exact", "notexact") || excludes("contains", "notcontains")
      );
    })
  );
}

function headerHolds(test: NonNullable<Condition["header"]>, { method, headers }: Asked): boolean {
  const name = test.name.toLowerCase();
  const given = name === ":method" ? method : headers[name];
  if (test.present) return given !== undefined;
  if (test.notpresent) return given === undefined;
  const isNegative = test.notcontains !== undefined || test.notexact !== undefined;
  const value = given ?? (isNegative && test.treatMissingAsEmpty ? "" : undefined);
  if (value === undefined) return false;
  const [a, fold] = test.ignoreCase
    ? [value.toLowerCase(), (text: string) => text.toLowerCase()]
    : [value, (text: string) => text];
  if (test.contains !== undefined) return a.includes(fold(test.contains));
  if (test.notcontains !== undefined) return !a.includes(fold(test.notcontains));
  if (test.exact !== undefined) return a === fold(test.exact);
  if (test.notexact !== undefined) return a !== fold(test.notexact);
  return new RegExp(`^(?:${test.regex})$`).test(value);
}

function queryHolds(test: NonNullable<Condition["queryParameter"]>, { query }: Asked): boolean {
  const pair = query.split("&").find((pair) => pair.split("=")[0] === test.name);
  if (query === "" || pair === undefined) return false;
  if (test.present) return true;
  const value = pair.split("=")[1] ?? "";
  const [a, fold] = test.ignoreCase
    ? [value.toLowerCase(), (text: string) => text.toLowerCase()]
    : [value, (text: string) => text];
  if (test.exact !== undefined) return a === fold(test.exact);
  if (test.prefix !== undefined) return a.startsWith(fold(test.prefix));
  if (test.suffix !== undefined) return a.endsWith(fold(test.suffix));
  if (test.contains !== undefined) return a.includes(fold(test.contains));
  return new RegExp(`^(?:${test.regex})$`).test(value);
}
