/** Rules on messages, compiled once for each type to functions that walk over a message. */
import protobuf from "protobufjs";
import { isMessage, type Message, typeName, typeUrl } from "./message.ts";
import {
  boolRules,
  durationRules,
  enumRules,
  numberRules,
  timestampRules,
} from "./number_rules.ts";
import { joinPath, step } from "./path.ts";
import {
  type Fault,
  type FieldRules,
  notOneOf,
  oneOf,
  Rulebook,
  type Rules,
  type Test,
} from "./rulebook.ts";
import { bytesRules, stringRules } from "./text_rules.ts";

/** A rule that a message breaks. */
export interface Violation {
  /** Where: `virtualHosts[0].routes[2].route.prefixRewrite`, or the oneof that must be set. */
  readonly path: string;
  /** The rule as the .proto file calls it: `string.max_bytes`. */
  readonly rule: string;
  /** Words that fit after the name of what the path leads to: `must not contain line breaks`. */
  readonly message: string;
}

/** The rules of one message type. */
export interface MessageRules {
  readonly fields: { readonly [field: string]: FieldRules };
  /** Oneofs of which a member must be set. */
  readonly required: readonly string[];
}

/** Where the types and their rules are found. */
export interface RuleSource {
  /** `undefined` for a type whose messages are let pass, wherever they stand in an `Any`. */
  readonly type: (fullName: string) => protobuf.Type | undefined;
  /** `undefined`: there are none. */
  readonly rules: (fullName: string) => MessageRules | undefined;
  /** What is asked of messages of a type beside that; `undefined`: nothing. */
  readonly further?: (fullName: string) => FurtherRule | undefined;
}

/** Finds fault with a message of one type; paths begin at the message. */
export type FurtherRule = (message: Message) => readonly Violation[];

/** Adds what is wrong with a value to `found`, with paths that begin at the value. */
export type Checker = (value: unknown, found: Violation[]) => void;

interface Absence {
  readonly names: readonly string[];
  readonly violation: Violation;
}

/** The compiled checks of a {@link RuleSource}. */
export class Checkers {
  readonly #source: RuleSource;
  readonly #compiled = new Map<protobuf.Type, Checker>();

  constructor(source: RuleSource) {
    this.#source = source;
  }

  /**
   * The check of a type, made when it is first asked for.
   * Throws a `RangeError` when one of its rules is unknown.
   */
  of(type: protobuf.Type): Checker {
    const known = this.#compiled.get(type);
    if (known) return known;
    // Types refer to themselves, so whoever asks meanwhile gets a stand-in for the checker below.
    let checker: Checker = () => undefined;
    this.#compiled.set(type, (value, found) => checker(value, found));
    try {
      checker = this.#compile(type);
    } catch (error) {
      this.#compiled.delete(type);
      throw error;
    }
    this.#compiled.set(type, checker);
    return checker;
  }

  #compile(type: protobuf.Type): Checker {
    const name = type.fullName.slice(1);
    const rules = this.#source.rules(name) ?? noRules;
    const further = this.#source.further?.(name);
    const fields = new Map<string, Checker>();
    const absences: Absence[] = [];
    for (const field of type.fieldsArray) {
      const own = rules.fields[field.name] ?? {};
      fields.set(field.name, this.#fieldChecker(field.resolve(), own));
      const violation = this.#whenAbsent(field, own);
      if (violation) absences.push({ names: [field.name], violation });
    }
    for (
      const { name, oneof } of type.oneofsArray.filter(({ name }) => rules.required.includes(name))
    ) {
      const violation = {
        path: name,
        rule: "required",
        message: `needs one of ${oneof.join(", ")}`,
      };
      absences.push({ names: oneof, violation });
    }
    return (message, found) => {
      if (!isMessage(message)) return;
      for (const name of Object.keys(message)) {
        const value = message[name];
        if (value === undefined) continue;
        const checker = fields.get(name);
        if (checker) within(name, "field", checker, value, found);
      }
      for (const { names, violation } of absences) {
        if (names.every((name) => message[name] === undefined)) found.push(violation);
      }
      if (further !== undefined) found.push(...further(message));
    };
  }

  /** What the absence of the field breaks: absent scalars count as zero, absent lists as empty. */
  #whenAbsent(field: protobuf.Field, rules: FieldRules): Violation | undefined {
    if (field.partOf) return undefined;
    const path = field.name;
    if (!(field instanceof protobuf.MapField) && !field.repeated) {
      if (field.resolvedType instanceof protobuf.Type) {
        const kind = ["message", "any", "duration", "timestamp"].find((kind) =>
          rules[kind]?.["required"] === true
        );
        return kind ? { path, rule: `${kind}.required`, message: "must be set" } : undefined;
      }
    }
    const found: Violation[] = [];
    within(path, "field", this.#fieldChecker(field, rules), zeroOf(field), found);
    return found[0];
  }

  #fieldChecker(field: protobuf.Field, rules: FieldRules): Checker {
    if (field instanceof protobuf.MapField) return this.#mapChecker(field, rules["map"] ?? {});
    if (field.repeated) return this.#listChecker(field, rules["repeated"] ?? {});
    return this.#valueChecker(field.type, field.resolvedType, rules);
  }

  #listChecker(field: protobuf.Field, rules: Rules): Checker {
    const { min_items, max_items, unique, items, ignore_empty, ...others } = rules;
    refuse("repeated", others);
    const size = sizeTest("repeated", min_items, max_items, "items", "item");
    const each = this.#valueChecker(field.type, field.resolvedType, fieldRules(items));
    return (list, found) => {
      if (!Array.isArray(list)) return;
      if (list.length > 0 || ignore_empty !== true) blame(size(list.length), found);
      if (unique === true && new Set(list.map(identity)).size !== list.length) {
        blame({ rule: "repeated.unique", message: "must not hold the same value twice" }, found);
      }
      for (let index = 0; index < list.length; index++) {
        within(index, "entry", each, list[index], found);
      }
    };
  }

  #mapChecker(field: protobuf.MapField, rules: Rules): Checker {
    // Our maps are never sparse: an entry without a value is not written.
    const { min_pairs, max_pairs, keys, values, ignore_empty, no_sparse: _, ...others } = rules;
    refuse("map", others);
    const size = sizeTest("map", min_pairs, max_pairs, "pairs", "entry");
    const ofKey = this.#valueChecker(field.keyType, null, fieldRules(keys));
    const ofValue = this.#valueChecker(field.type, field.resolvedType, fieldRules(values));
    return (map, found) => {
      if (!isMessage(map)) return;
      const entries = Object.entries(map).filter(([, value]) => value !== undefined);
      if (entries.length > 0 || ignore_empty !== true) blame(size(entries.length), found);
      for (const [key, value] of entries) {
        within(key, "entry", ofKey, field.keyType === "string" ? key : Number(key), found);
        within(key, "entry", ofValue, value, found);
      }
    };
  }

  /** Checks one value that is there: of a field, a list or a map. */
  #valueChecker(
    type: string,
    resolved: protobuf.Type | protobuf.Enum | null,
    rules: FieldRules,
  ): Checker {
    if (resolved instanceof protobuf.Enum) return enumChecker(resolved, rules);
    if (!resolved) return scalarChecker(type, rules);
    const { required: _required, skip, ...others } = rules["message"] ?? {};
    refuse("message", others);
    if (skip === true) return () => undefined;
    switch (resolved.fullName) {
      case ".google.protobuf.Any":
        return this.#anyChecker(rules["any"] ?? {});
      case ".google.protobuf.Duration":
        return durationChecker(rules["duration"] ?? {});
      case ".google.protobuf.Timestamp":
        return timestampChecker(rules["timestamp"] ?? {});
    }
    const wrapped = wrappedField(resolved);
    if (wrapped) return wrapperChecker(wrapped, rules);
    // `any.required` also stands beside one field that is no Any, for which `required` is all it says.
    const { message: _message, any: _any, ...foreign } = rules;
    refuse("field", foreign);
    return this.of(resolved);
  }

  #anyChecker(rules: Rules): Checker {
    const { required: _required, ...others } = rules;
    const test = typeUrlRules(others);
    return (value, found) => {
      if (!isMessage(value)) return;
      const name = typeName(String(value["@type"]));
      blame(test(typeUrl(name)), found);
      const type = value["@bytes"] === undefined ? this.#source.type(name) : undefined;
      if (type !== undefined) this.of(type)(value, found);
    };
  }
}

const noRules: MessageRules = { fields: {}, required: [] };

/** What an `Any` may hold. */
function typeUrlRules(rules: Rules): Test<string> {
  const book = new Rulebook<string>("any", rules);
  const asText = (listed: unknown) => typeof listed === "string" ? listed : undefined;
  book.list("in", asText, (url, list) => list.includes(url), oneOf);
  book.list("not_in", asText, (url, list) => !list.includes(url), notOneOf);
  return book.test((url) => url === "");
}

/** The same for the same value, where values are compared by what they hold. */
function identity(value: unknown): unknown {
  return value instanceof Uint8Array ? value.join() : value;
}

/** Checks a part and puts the way to it before the paths of what is found, if anything is. */
function within(
  key: string | number,
  kind: "field" | "entry",
  checker: Checker,
  value: unknown,
  found: Violation[],
): void {
  const start = found.length;
  checker(value, found);
  for (let index = start; index < found.length; index++) {
    const violation = found[index];
    const segment = kind === "field" ? String(key) : step(key);
    if (violation) found[index] = { ...violation, path: joinPath(segment, violation.path) };
  }
}

function zeroOf(field: protobuf.Field): unknown {
  if (field instanceof protobuf.MapField) return {};
  if (field.repeated) return [];
  return scalarZero(field.type);
}

function scalarZero(type: string): unknown {
  return type === "string" ? "" : type === "bool" ? false : type === "bytes" ? new Uint8Array() : 0;
}

function sizeTest(
  kind: string,
  min: unknown,
  max: unknown,
  rule: string,
  word: string,
): Test<number> {
  const words = (count: number) =>
    `${count} ${count === 1 ? word : word.replace(/y$/, "ie") + "s"}`;
  return (size) => {
    if (typeof min === "number" && size < min) {
      return { rule: `${kind}.min_${rule}`, message: `must have at least ${words(min)}` };
    }
    if (typeof max === "number" && size > max) {
      return { rule: `${kind}.max_${rule}`, message: `must have at most ${words(max)}` };
    }
    return undefined;
  };
}

function fieldRules(value: unknown): FieldRules {
  return (value ?? {}) as FieldRules;
}

function refuse(kind: string, unknown: Rules): void {
  const [rule] = Object.keys(unknown);
  if (rule) throw new RangeError(`Unknown rule "${kind}.${rule}"`);
}

function blame(fault: Fault | undefined, found: Violation[]): void {
  if (fault) found.push({ path: "", ...fault });
}

/** The only field of a wrapper such as `UInt32Value`. Rules on a wrapper mean what it holds. */
function wrappedField(type: protobuf.Type): protobuf.Field | undefined {
  return /^\.google\.protobuf\.\w+Value$/.test(type.fullName) ? type.fields["value"] : undefined;
}

function wrapperChecker(
  field: protobuf.Field,
  { message: _message, ...rules }: FieldRules,
): Checker {
  const inner = scalarChecker(field.type, rules);
  const zero = scalarZero(field.type);
  return (value, found) => {
    // The path stays that of the wrapper, as people know nothing of wrappers.
    if (isMessage(value)) inner(value["value"] ?? zero, found);
  };
}

function enumChecker(type: protobuf.Enum, rules: FieldRules): Checker {
  const { enum: own, ...others } = rules;
  refuse("field", others);
  const test = enumRules(own ?? {}, type.values);
  return (value, found) => {
    const number = typeof value === "string" ? type.values[value] : value;
    if (typeof number === "number") blame(test(number), found);
  };
}

function scalarChecker(type: string, rules: FieldRules): Checker {
  const { [type]: own = {}, ...others } = rules;
  refuse("field", others);
  switch (type) {
    case "string": {
      const test = stringRules(own);
      return (value, found) => {
        if (typeof value !== "string") return;
        blame(value.isWellFormed() ? test(value) : malformedText, found);
      };
    }
    case "bytes": {
      const test = bytesRules(own);
      return (value, found) => {
        if (value instanceof Uint8Array) blame(test(value), found);
      };
    }
    case "bool": {
      const test = boolRules(own);
      return (value, found) => {
        if (typeof value === "boolean") blame(test(value), found);
      };
    }
    default: {
      const test = numberRules(type, own);
      return (value, found) => {
        if (typeof value === "number" || typeof value === "string") {
          blame(rangeFault(type, Number(value)) ?? test(Number(value)), found);
        }
      };
    }
  }
}

/** The least and the most that integers of a type hold. */
const ranges: { readonly [type: string]: readonly [number, number] } = {
  uint32: [0, 2 ** 32 - 1],
  fixed32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  sint32: [-(2 ** 31), 2 ** 31 - 1],
  sfixed32: [-(2 ** 31), 2 ** 31 - 1],
};

function rangeFault(type: string, value: number): Fault | undefined {
  const [least, most] = ranges[type] ?? [-Infinity, Infinity];
  if (value < least) return { rule: "range", message: `must be at least ${least}` };
  return value > most ? { rule: "range", message: `must be at most ${most}` } : undefined;
}

const malformedText: Fault = { rule: "utf8", message: "must be well-formed Unicode" };

function durationChecker(rules: Rules): Checker {
  const test = durationRules(rules);
  return (value, found) => {
    if (!isMessage(value)) return;
    const seconds = Number(value["seconds"] ?? 0);
    const nanos = Number(value["nanos"] ?? 0);
    blame(durationFault(seconds, nanos) ?? test(seconds * 1e9 + nanos), found);
  };
}

/** The most seconds that Envoy takes: one less than its nanoseconds have room for in 63 bits. */
const maxSeconds = 9_223_372_035;

function durationFault(seconds: number, nanos: number): Fault | undefined {
  if (seconds < 0 || nanos < 0) return { rule: "duration", message: "must not be negative" };
  if (nanos > 999_999_999) return { rule: "duration", message: "must have less than 1e9 nanos" };
  if (seconds <= maxSeconds) return undefined;
  return { rule: "duration", message: `must be at most ${maxSeconds} s` };
}

function timestampChecker(rules: Rules): Checker {
  const test = timestampRules(rules);
  return (value, found) => {
    if (!isMessage(value)) return;
    blame(test(Number(value["seconds"] ?? 0) * 1e9 + Number(value["nanos"] ?? 0)), found);
  };
}
