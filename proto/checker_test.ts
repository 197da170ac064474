/** Every kind of rule there is, by what it lets pass and what not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { Checkers, type Violation } from "./checker.ts";
import { declaredRules } from "./declared_rules.ts";
import { protoFolders } from "./generate.ts";
import type { Message } from "./mod.ts";

/** A field with its rules, as a .proto file has them, and values that keep and break them. */
interface Row {
  /** Type of the field: `string`, `repeated Part`. */
  readonly type: string;
  /** In one option or several: `string.min_len = 3`. */
  readonly rules: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const row = (
  type: string,
  rules: string,
  good: readonly unknown[],
  bad: readonly unknown[],
): Row => (
  { type, rules, good, bad }
);
const bytes = (text: string) => new TextEncoder().encode(text);
const seconds = (seconds: number) => ({ seconds });
const urls = '"type.googleapis.com/test.Part"';

const strings: readonly Row[] = [
  row("string", 'string.const = "a"', ["a"], ["", "b", "aa"]),
  row("string", "string.len = 2", ["ab", "🦕🦕"], ["", "a", "abc"]),
  row("string", "string.min_len = 2", ["ab", "é🦕"], ["", "a", "🦕"]),
  row("string", "string.max_len = 2", ["", "ab", "🦕🦕"], ["abc", "🦕🦕🦕"]),
  row("string", "string.len_bytes = 2", ["ab", "é"], ["a", "éé", "🦕"]),
  row("string", "string.min_bytes = 3", ["abc", "éa", "🦕"], ["", "é"]),
  row("string", "string.max_bytes = 3", ["", "abc", "é"], ["éé", "🦕", "abcd"]),
  row("string", 'string.pattern = "^a+|b$"', ["a", "aa", "b"], ["", "ab", "xa", "a\n"]),
  row("string", 'string.prefix = "/a"', ["/a", "/ab"], ["", "a", "/"]),
  row("string", 'string.suffix = ".b"', [".b", "a.b"], ["", "b", ".bc"]),
  row("string", 'string.contains = "::"', ["::", "a::b"], ["", ":", "a: :b"]),
  row("string", 'string.not_contains = "::"', ["", ":", "a: :b"], ["::", "a::b"]),
  row("string", 'string = { in: ["a", ""] }', ["a", ""], ["b", "A"]),
  row("string", 'string = { not_in: ["a", "b"] }', ["", "c"], ["a", "b"]),
  row("string", "string.email = true", ["a@b.test", "a.b+c@x"], [
    "",
    "a",
    "@b",
    "a b@c.test",
    "a@-",
  ]),
  row("string", "string.hostname = true", ["a", "a-b.test", "A.test."], [
    "",
    "-a",
    "a..b",
    "a_b",
    "é",
  ]),
  row("string", "string.ip = true", ["10.0.0.1", "::1"], ["", "10.0.0", "localhost", "::1%eth0"]),
  row("string", "string.ipv4 = true", ["10.0.0.1"], ["", "::1", "10.0.0.256"]),
  row("string", "string.ipv6 = true", ["::1", "2001:db8::"], ["", "10.0.0.1", ":::"]),
  row("string", "string.uri = true", ["https://a.test/b?c", "urn:x"], ["", "/a", "a b:c"]),
  row("string", "string.uri_ref = true", ["", "/a?b", "https://a.test"], ["a b", "%zz"]),
  row("string", "string.address = true", ["a.test", "10.0.0.1", "::1"], ["", "a_b", ":::"]),
  row(
    "string",
    "string.uuid = true",
    ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    ["", "6ba7b8109dad11d180b400c04fd430c8"],
  ),
  row(
    "string",
    "string.well_known_regex = HTTP_HEADER_NAME",
    ["x-a", ":path", "X_a~"],
    ["", "x a", "x:a", "é", "a\n", "x\0"],
  ),
  row(
    "string",
    "string.well_known_regex = HTTP_HEADER_VALUE",
    ["", "a\tb", "é", "%"],
    ["a\n", "\r", "\0", "\x01", "\x7f"],
  ),
  row(
    "string",
    "string = { well_known_regex: HTTP_HEADER_NAME strict: false }",
    ["", "x a", "é", "\x01"],
    ["a\n", "\r", "\0"],
  ),
  row(
    "string",
    "string = { well_known_regex: HTTP_HEADER_VALUE strict: false }",
    ["", "a\tb", "\x7f"],
    ["a\n", "\r", "\0"],
  ),
  row("string", "string = { min_len: 2 ignore_empty: true }", ["", "ab"], ["a"]),
  row("google.protobuf.StringValue", "string.min_len = 1", [{ value: "a" }], [{}, { value: "" }]),
];

const bytesRows: readonly Row[] = [
  row("bytes", 'bytes.const = "a"', [bytes("a")], [bytes(""), bytes("b")]),
  row("bytes", "bytes.len = 2", [bytes("ab"), bytes("é")], [bytes("a"), bytes("abc")]),
  row("bytes", "bytes.min_len = 2", [bytes("ab")], [bytes(""), bytes("a")]),
  row("bytes", "bytes.max_len = 2", [bytes(""), bytes("ab")], [bytes("abc")]),
  row("bytes", 'bytes.pattern = "^[\\\\x00-\\\\x7f]+$"', [bytes("ab")], [bytes(""), bytes("é")]),
  row("bytes", 'bytes.prefix = "ab"', [bytes("ab"), bytes("abc")], [bytes("a"), bytes("ba")]),
  row("bytes", 'bytes.suffix = "ab"', [bytes("ab"), bytes("cab")], [bytes("b"), bytes("aba")]),
  row("bytes", 'bytes.contains = "ab"', [bytes("ab"), bytes("cabd")], [bytes("a"), bytes("ba")]),
  row("bytes", 'bytes = { in: ["a", "b"] }', [bytes("a")], [bytes(""), bytes("c")]),
  row("bytes", 'bytes = { not_in: ["a", "b"] }', [bytes(""), bytes("c")], [bytes("b")]),
  row("bytes", "bytes.ip = true", [new Uint8Array(4), new Uint8Array(16)], [new Uint8Array(5)]),
  row("bytes", "bytes.ipv4 = true", [new Uint8Array(4)], [new Uint8Array(16)]),
  row("bytes", "bytes.ipv6 = true", [new Uint8Array(16)], [new Uint8Array(4)]),
  row("bytes", "bytes = { len: 2 ignore_empty: true }", [bytes(""), bytes("ab")], [bytes("a")]),
];

const numbers = [
  "float",
  "double",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
].flatMap((type): readonly Row[] => [
  row(type, `${type}.const = 5`, [5], [0, 4]),
  row(type, `${type}.lt = 5`, [0, 4], [5, 6]),
  row(type, `${type}.lte = 5`, [0, 5], [6]),
  row(type, `${type}.gt = 5`, [6], [0, 5]),
  row(type, `${type}.gte = 5`, [5, 6], [0, 4]),
  row(type, `${type} = { gte: 5 lte: 7 }`, [5, 7], [0, 4, 8]),
  // An upper bound below the lower one leaves the middle out.
  row(type, `${type} = { lt: 5 gt: 7 }`, [0, 4, 8], [5, 6, 7]),
  row(type, `${type} = { in: [1, 2] }`, [1, 2], [0, 3]),
  row(type, `${type} = { not_in: [1, 2] }`, [0, 3], [1, 2]),
  row(type, `${type} = { gte: 5 ignore_empty: true }`, [0, 5], [4]),
]);

const others: readonly Row[] = [
  row("google.protobuf.UInt32Value", "uint32.gt = 0", [{ value: 1 }], [{}, { value: 0 }]),
  row("int32", "int32.lt = 5", [-5], [2 ** 31, -(2 ** 31) - 1]),
  row("bool", "bool.const = true", [true], [false]),
  row("Choice", "enum.const = 1", ["ONE", 1], ["NONE", 2]),
  row("Choice", "enum.defined_only = true", [0, "ONE", 2], [3, -1]),
  row("Choice", "enum = { in: [1, 2] }", ["ONE", 2], [0, 3]),
  row("Choice", "enum = { not_in: [0, 1] }", ["TWO", 7], ["NONE", 1]),
  row("Part", "message.required = true", [{}, { text: "a" }], [undefined, { text: "toolong" }]),
  row("Part", "message.skip = true", [undefined, {}, { text: "toolong" }], []),
  row("repeated Part", "repeated.items.message.skip = true", [[{ text: "toolong" }]], []),
  row("repeated Part", "repeated.min_items = 1", [[{}]], [[], [{ text: "toolong" }]]),
  row("repeated int32", "repeated.max_items = 2", [[], [1, 1]], [[1, 2, 3]]),
  row("repeated string", "repeated.unique = true", [[], ["a", "b"]], [["a", "b", "a"]]),
  row("repeated bytes", "repeated.unique = true", [[bytes("a"), bytes("b")]], [
    [bytes("a"), bytes("a")],
  ]),
  row("repeated string", "repeated.items.string.min_len = 1", [[], ["a"]], [[""], ["a", ""]]),
  row("repeated Choice", "repeated.items.enum.defined_only = true", [[0, 1]], [[0, 3]]),
  row("repeated int32", "repeated = { min_items: 2 ignore_empty: true }", [[], [1, 2]], [[1]]),
  row("map<string, int32>", "map.min_pairs = 1", [{ a: 1 }], [{}, { a: undefined }]),
  row("map<string, int32>", "map.max_pairs = 1", [{}, { a: 1 }], [{ a: 1, b: 2 }]),
  row("map<string, Part>", "map.no_sparse = true", [{}, { a: {} }], [{ a: { text: "toolong" } }]),
  row("map<string, int32>", "map.keys.string.min_len = 1", [{ a: 1 }], [{ "": 1 }]),
  row("map<int32, int32>", "map.keys.int32.gt = 1", [{ 2: 0 }], [{ 1: 0 }]),
  row("map<string, int32>", "map.values.int32.gt = 1", [{ a: 2 }], [{ a: 1 }]),
  row("map<string, int32>", "map = { min_pairs: 2 ignore_empty: true }", [{}, { a: 1, b: 2 }], [
    { a: 1 },
  ]),
  row("google.protobuf.Any", "any.required = true", [{ "@type": "test.Unknown" }], [undefined]),
  row("google.protobuf.Any", `any = { in: [${urls}] }`, [{ "@type": "test.Part" }], [
    { "@type": "test.Unknown" },
    { "@type": "test.Part", text: "toolong" },
  ]),
  row("google.protobuf.Any", `any = { not_in: [${urls}] }`, [{ "@type": "test.Unknown" }], [
    { "@type": "test.Part" },
    { "@type": "test.Part", "@bytes": new Uint8Array() },
  ]),
  row("google.protobuf.Duration", "duration.required = true", [{}, seconds(5)], [
    undefined,
    seconds(-1),
  ]),
  row("google.protobuf.Duration", "duration.const.seconds = 5", [seconds(5)], [{}, seconds(4)]),
  row("google.protobuf.Duration", "duration.lt.seconds = 5", [{}, seconds(4)], [seconds(5)]),
  row("google.protobuf.Duration", "duration.lte.seconds = 5", [seconds(5)], [
    { seconds: 5, nanos: 1 },
  ]),
  row("google.protobuf.Duration", "duration.gt = {}", [{ nanos: 1 }], [{}, seconds(-1)]),
  row("google.protobuf.Duration", "duration.gte.nanos = 1000000", [{ nanos: 1e6 }], [{ nanos: 1 }]),
  row("google.protobuf.Duration", "duration = { in: [{ seconds: 1 }, { seconds: 2 }] }", [
    seconds(2),
  ], [{}, seconds(3)]),
  row("google.protobuf.Duration", "duration = { not_in: [{ seconds: 1 }] }", [{}, seconds(2)], [
    seconds(1),
  ]),
  row("google.protobuf.Timestamp", "timestamp.required = true", [{}], [undefined]),
  row("google.protobuf.Timestamp", "timestamp.const.seconds = 5", [seconds(5)], [{}]),
  row("google.protobuf.Timestamp", "timestamp.lt.seconds = 5", [seconds(4)], [seconds(5)]),
  row("google.protobuf.Timestamp", "timestamp.lte.seconds = 5", [seconds(5)], [seconds(6)]),
  row("google.protobuf.Timestamp", "timestamp.gt.seconds = 5", [seconds(6)], [seconds(5)]),
  row("google.protobuf.Timestamp", "timestamp.gte.seconds = 5", [seconds(5)], [seconds(4)]),
];

const all = [...strings, ...bytesRows, ...numbers, ...others];

/** What a message with one field, ruled as in the row, is found to be. */
function verdict({ type, rules }: Row): (value: unknown) => number {
  const text = `
    syntax = "proto3";
    package test;
    enum Choice { NONE = 0; ONE = 1; TWO = 2; }
    message Part { string text = 1 [(validate.rules).string.max_len = 3]; }
    message Subject {
      ${type} field = 1 [(validate.rules).${rules}];
      oneof either { option (validate.required) = true; bool a = 2; bool b = 3; }
    }
  `;
  return (value) => check(text, "test.Subject", { field: value, a: true });
}

function check(text: string, subject: string, message: Message): number {
  const root = new protobuf.Root();
  for (const name of ["any", "duration", "timestamp", "wrappers"]) {
    const json = protobuf.common.get(`google/protobuf/${name}.proto`);
    if (json?.nested) root.addJSON(json.nested);
  }
  protobuf.parse(text, root);
  root.resolveAll();
  const namespace = root.lookup("test");
  const nested = namespace instanceof protobuf.Namespace ? namespace.nestedArray : [];
  const types = nested.filter((each) => each instanceof protobuf.Type);
  const declared = declaredRules(types);
  const checkers = new Checkers({
    type: (name) => types.find(({ fullName }) => fullName === `.${name}`),
    rules: (name) => declared[name],
  });
  const found: Violation[] = [];
  checkers.of(root.lookupType(subject))(message, found);
  return found.length;
}

for (const each of all) {
  Deno.test(`rules: ${each.type}, ${each.rules}`, () => {
    const faults = verdict(each);
    for (const value of each.good) assert.equal(faults(value), 0, `refuses ${shown(value)}`);
    for (const value of each.bad) assert.notEqual(faults(value), 0, `lets ${shown(value)} pass`);
  });
}

Deno.test("rules: a oneof that must be set, also by a value that is a zero", () => {
  const { type, rules, good } = row("string", "string.min_len = 0", [""], []);
  const text = `
    syntax = "proto3";
    package test;
    message Subject { ${type} field = 1 [(validate.rules).${rules}];
      oneof either { option (validate.required) = true; bool a = 2; bool b = 3; } }
  `;
  assert.equal(check(text, "test.Subject", { field: good[0], b: false }), 0);
  assert.equal(check(text, "test.Subject", { field: good[0] }), 1);
});

Deno.test("rules: none of a message that is not to be validated", () => {
  const text = (option: string) => `
    syntax = "proto3";
    package test;
    message Subject { ${option} string field = 1 [(validate.rules).string.min_len = 1]; }
  `;
  assert.equal(check(text("option (validate.disabled) = true;"), "test.Subject", {}), 0);
  assert.equal(check(text("option (validate.ignored) = true;"), "test.Subject", {}), 0);
  assert.equal(check(text(""), "test.Subject", {}), 1);
});

Deno.test("rules: an unknown one stops the build, not a user", () => {
  for (const rule of ["string.min_len = 1, (validate.rules).string.novel = 1", "int32.gt = 1"]) {
    assert.throws(() => verdict(row("string", rule, [], []))("a"), /Unknown rule/);
  }
  // What the time of day has a say in cannot be a pure check.
  for (const rule of clockRules) {
    const { type, rules } = row(
      "google.protobuf.Timestamp",
      `timestamp = { ${rule}: true }`,
      [],
      [],
    );
    assert.throws(() => verdict({ type, rules, good: [], bad: [] })({}), /Unknown rule/);
  }
});

/** They would make one message good today and bad tomorrow; Envoy's API has none of them. */
const clockRules = ["lt_now", "gt_now", "within"];

Deno.test("rules: the table has each that protoc-gen-validate knows", () => {
  const folder = protoFolders().find((path) => path.endsWith("protoc-gen-validate"));
  assert.ok(folder);
  const source = readFileSync(join(folder, "validate/validate.proto"), "utf8");
  const { root } = protobuf.parse(source, new protobuf.Root(), { keepCase: true });
  const kinds = root.lookupType("validate.FieldRules").fieldsArray;
  const missing: string[] = [];
  for (const { name: kind, type } of kinds) {
    for (const { name } of root.lookupType(`validate.${type}`).fieldsArray) {
      const shown = all.some(({ rules }) =>
        new RegExp(`\\b${kind}(\\.| = \\{.*\\b)${name}\\b`).test(rules)
      );
      if (!shown && !(kind === "timestamp" && clockRules.includes(name))) {
        missing.push(`${kind}.${name}`);
      }
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(kinds.length >= 22);
});

function shown(value: unknown): string {
  return value instanceof Uint8Array ? `bytes ${value.join()}` : JSON.stringify(value) ?? "nothing";
}
