import { RE2JS } from "re2js";
import type { HeaderMatch, PathMatch, QueryMatch } from "../../controller/graph/mod.ts";

/** A part of a request that is compared: `path`, `header x-beta`, `query page`. */
export type PartName = string;

/** A comparison of a text. */
export interface TextTest {
  readonly kind: "exact" | "prefix" | "segments" | "suffix" | "contains" | "regex";
  readonly text: string;
  readonly ignoreCase: boolean;
}

/** A condition on one part of a request. */
export interface Condition {
  readonly part: PartName;
  /** Absent: the part has to be there, whatever it is. */
  readonly test?: TextTest;
  /** Whether it holds where the test does not. */
  readonly invert: boolean;
  /** Whether it holds where the part is absent. */
  readonly whenAbsent: boolean;
}

/** The test of a path. */
export function pathTest(path: PathMatch): TextTest {
  switch (path.kind) {
    case "exact":
      return { kind: "exact", text: path.path, ignoreCase: false };
    case "prefix":
      return { kind: "prefix", text: path.prefix, ignoreCase: false };
    case "segment-prefix":
      return { kind: "segments", text: path.prefix, ignoreCase: false };
    case "regex":
      return { kind: "regex", text: `^${path.regex}`, ignoreCase: false };
  }
}

/** The condition of a header. */
export function headerCondition(match: HeaderMatch): Condition {
  const { name, value, invert, ignoreCase, treatMissingAsEmpty } = match;
  const part = `header ${partHeader(name)}`;
  if (value.kind === "present") return { part, invert, whenAbsent: invert };
  const test = { kind: value.kind, text: value.text, ignoreCase };
  return { part, test, invert, whenAbsent: treatMissingAsEmpty && holds(test, "") !== invert };
}

/** The condition of a query parameter, which has to be there in any case. */
export function queryCondition({ name, value, ignoreCase }: QueryMatch): Condition {
  const part = `query ${name}`;
  if (value.kind === "present") return { part, invert: false, whenAbsent: false };
  const test = { kind: value.kind, text: value.text, ignoreCase };
  return { part, test, invert: false, whenAbsent: false };
}

function partHeader(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}

/** Whether a test holds for a text. */
export function holds({ kind, text, ignoreCase }: TextTest, subject: string): boolean {
  const wanted = ignoreCase ? text.toLowerCase() : text;
  const given = ignoreCase ? subject.toLowerCase() : subject;
  switch (kind) {
    case "exact":
      return given === wanted;
    case "prefix":
      return given.startsWith(wanted);
    case "segments":
      return given === wanted || given.startsWith(`${wanted}/`);
    case "suffix":
      return given.endsWith(wanted);
    case "contains":
      return given.includes(wanted);
    case "regex":
      return RE2JS.compile(text).matches(subject);
  }
}
