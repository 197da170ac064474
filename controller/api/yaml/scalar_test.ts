import assert from "node:assert/strict";
import { readManifest } from "../mod.ts";

/** Any value can stand in `managedFields`, so a scalar comes out of it as it was read. */
function read(scalar: string): unknown {
  const { objects } = readManifest(
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  managedFields:\n  - ${scalar}\n`,
    { file: "a.yaml" },
  );
  return objects[0]?.object.metadata.managedFields?.[0];
}

// Measured with sigs.k8s.io/yaml 1.6.0, the library of kubectl.
const table: [scalar: string, value: unknown][] = [
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map(
    (text): [string, boolean] => [text, true],
  ),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map(
    (text): [string, boolean] => [text, false],
  ),
  ...["~", "null", "Null", "NULL"].map((text): [string, null] => [text, null]),
  ["tRUE", "tRUE"],
  ["yEs", "yEs"],
  ["nULL", "nULL"],
  ["010", 8],
  ["-010", -8],
  ["0_7", 7],
  ["00", 0],
  ["08", 8],
  ["0o17", 15],
  ["0O17", 15],
  ["0o8", "0o8"],
  ["0x1F", 31],
  ["0X1F", 31],
  ["-0x1F", -31],
  ["+0x1F", 31],
  ["0x1_F", 31],
  ["0x", "0x"],
  ["0b101", 5],
  ["-0b101", -5],
  ["0b1_01", 5],
  ["1_000", 1000],
  ["1_", 1],
  ["1__0", 10],
  ["_1", "_1"],
  ["1_000.5", 1000.5],
  ["0.1_5", 0.15],
  ["1e3", 1000],
  ["1E3", 1000],
  ["1e+3", 1000],
  ["1e-7", 1e-7],
  ["1e", "1e"],
  ["1e400", "1e400"],
  ["1.", 1],
  [".5", 0.5],
  ["-.5", -0.5],
  ["._5", "._5"],
  ["+5", 5],
  ["-0", 0],
  ["9223372036854775808", 9223372036854775808],
  ["123456789012345678901234567890", 1.2345678901234568e29],
  ["2020-01-01", "2020-01-01"],
  ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
  ["12:30:45", "12:30:45"],
  ["1.2.3", "1.2.3"],
  ["=", "="],
  ["+", "+"],
  [".", "."],
  ['"yes"', "yes"],
  ["'010'", "010"],
  ["!!str 5", "5"],
  ['!!int "5"', 5],
  ["!!float 5", 5],
  ['!!bool "yes"', true],
  ['!!null ""', null],
  ["!!binary aGk=", "hi"],
  ["! 5", "5"],
];
for (const [scalar, value] of table) {
  Deno.test(`the scalar ${scalar} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(read(scalar), value);
  });
}

const keys: [key: string, name: string][] = [
  ["y", "true"],
  ["yes", "true"],
  ["n", "false"],
  ["1", "1"],
  ["0x10", "16"],
  ["1.5", "1.5"],
  ['"y"', "y"],
  ["a b", "a b"],
];
for (const [key, name] of keys) {
  Deno.test(`the key ${key} is ${name}`, () => {
    assert.deepEqual(Object.keys(read(`{${key}: 1}`) ?? {}), [name]);
  });
}

const mappings: [yaml: string, value: unknown][] = [
  ["[&x {k: 1}, {<<: *x, k: 2}]", [{ k: 1 }, { k: 2 }]],
  // The YAML specification would say 2; kubectl's library lets what comes later win.
  ["[&x {k: 1}, {k: 2, <<: *x}]", [{ k: 1 }, { k: 1 }]],
  ["[&x {a: 1, b: 1}, &y {b: 2, c: 2}, {<<: [*x, *y]}]", [
    { a: 1, b: 1 },
    { b: 2, c: 2 },
    { a: 1, b: 1, c: 2 },
  ]],
  ['[&x {k: 1}, {"<<": *x}]', [{ k: 1 }, { "<<": { k: 1 } }]],
  ["[&x a, *x, {*x : 1}]", ["a", "a", { a: 1 }]],
];
for (const [yaml, value] of mappings) {
  Deno.test(`the mappings ${yaml}`, () => assert.deepEqual(read(yaml), value));
}
