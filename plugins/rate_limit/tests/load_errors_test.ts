/** Every mistake that a configuration can have is told, at its place, in the words of the reference. */
import assert from "node:assert/strict";
import { configured } from "./configured.ts";

const limit = "rate_limit: {unit: minute, requests_per_unit: 5}";

const cases: readonly (readonly [name: string, text: string, ...told: string[]])[] = [
  [
    "no domain",
    `descriptors: [{key: a, ${limit}}]`,
    "limits.yaml:1:1: error: config file cannot have empty domain",
  ],
  ["an empty file", "", "limits.yaml:1:1: error: config file cannot have empty domain"],
  [
    "no key",
    `domain: d\ndescriptors:\n  - value: v\n    ${limit}\n`,
    "limits.yaml:3:5: error: descriptor has empty key",
  ],
  [
    "an empty key",
    'domain: d\ndescriptors: [{key: ""}]',
    "limits.yaml:2:21: error: descriptor has empty key",
  ],
  [
    "a key twice",
    "domain: d\ndescriptors:\n  - key: a\n  - key: a\n",
    "limits.yaml:4:10: error: duplicate descriptor composite key 'd.a'",
  ],
  [
    "a key and a value that make the text of another",
    "domain: d\ndescriptors:\n  - {key: a, value: b_c}\n  - {key: a_b, value: c}\n",
    "limits.yaml:4:11: error: duplicate descriptor composite key 'd.a_b_c'",
  ],
  [
    "a key twice on a deeper level",
    "domain: d\ndescriptors:\n  - key: a\n    descriptors:\n    - key: b\n    - key: b\n",
    "limits.yaml:6:12: error: duplicate descriptor composite key 'd.a.b'",
  ],
  [
    "no unit",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit: {requests_per_unit: 5}\n",
    "limits.yaml:4:17: error: invalid rate limit unit '' " +
    "(units are second, minute, hour, day, week, month, year)",
  ],
  [
    "another unit",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit:\n      unit: fortnight\n",
    "limits.yaml:5:13: error: invalid rate limit unit 'fortnight' " +
    "(units are second, minute, hour, day, week, month, year)",
  ],
  [
    "the unit called unknown",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit:\n      unit: unknown\n",
    "limits.yaml:5:13: error: invalid rate limit unit 'unknown' " +
    "(units are second, minute, hour, day, week, month, year)",
  ],
  [
    "unlimited with a unit",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit: {unlimited: true, unit: day}\n",
    "limits.yaml:4:41: error: should not specify rate limit unit when unlimited",
  ],
  [
    "replaces without a name",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit:\n" +
    "      unit: day\n      replaces: [{name: ''}]\n",
    "limits.yaml:6:18: error: should not have an empty replaces entry",
  ],
  [
    "replaces itself",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit:\n" +
    "      unit: day\n      name: x\n      replaces:\n      - name: x\n",
    "limits.yaml:8:9: error: replaces should not contain name of same descriptor",
  ],
  [
    "a shared threshold without a wildcard",
    `domain: d\ndescriptors:\n  - key: a\n    value: b\n    share_threshold: true\n    ${limit}\n`,
    "limits.yaml:5:22: error: share_threshold can only be used with wildcard values " +
    "(containing '*'), but found key 'a_b'",
  ],
  [
    "no YAML",
    "domain: d\ndescriptors: [",
    "limits.yaml:2:15: error: error loading config file: unexpected end of the stream within a flow collection",
  ],
  [
    "a number in quotes",
    'domain: d\ndescriptors:\n  - key: a\n    rate_limit: {unit: day, requests_per_unit: "5"}\n',
    "limits.yaml:4:48: error: error loading config file: " +
    '"requests_per_unit" must be an integer, not the text "5"',
  ],
  [
    "a number below zero",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit: {unit: day, requests_per_unit: -5}\n",
    "limits.yaml:4:48: error: error loading config file: " +
    '"requests_per_unit" must be at least 0, not -5',
  ],
  [
    "a number too large",
    "domain: d\ndescriptors:\n  - key: a\n" +
    "    rate_limit: {unit: day, requests_per_unit: 4294967296}\n",
    "limits.yaml:4:48: error: error loading config file: " +
    '"requests_per_unit" must be at most 4294967295, not 4294967296',
  ],
  [
    "a boolean in quotes",
    'domain: d\ndescriptors:\n  - key: a\n    shadow_mode: "true"\n',
    "limits.yaml:4:18: error: error loading config file: " +
    '"shadow_mode" must be true or false, not the text "true"',
  ],
  [
    "a number with a fraction",
    "domain: d\ndescriptors:\n  - key: a\n    value: 1.5\n",
    "limits.yaml:4:12: error: error checking config: 1.5 is no integer (quote it if it is text)",
  ],
  [
    "a number with an exponent",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit: {unit: day, requests_per_unit: 1e3}\n",
    "limits.yaml:4:48: error: error checking config: 1e3 is no integer (quote it if it is text)",
  ],
  [
    "an unknown key",
    "domain: d\ndescriptors:\n  - key: a\n    ratelimit: {unit: day}\n",
    "limits.yaml:4:5: error: config error, unknown key 'ratelimit', did you mean \"rate_limit\"?",
  ],
  [
    "a key that belongs elsewhere",
    "domain: d\ndescriptors:\n  - key: a\n    requests_per_unit: 5\n",
    "limits.yaml:4:5: warning: 'requests_per_unit' has no effect in a descriptor",
  ],
  [
    "a key that nothing is near to",
    "domain: d\ncolour: red\n",
    "limits.yaml:2:1: error: config error, unknown key 'colour' (keys known here: descriptors, domain)",
  ],
  [
    "a key that is a number",
    "domain: d\ndescriptors:\n  - key: a\n    5: b\n",
    "limits.yaml:4:5: error: config error, key is not of type string: 5 (quote it)",
  ],
  [
    "a list of scalars",
    "domain: d\ndescriptors: [a]\n",
    "limits.yaml:2:15: error: config error, yaml file contains list of type other than map: a",
  ],
  [
    "a list in the place of a map",
    "- domain: d\n",
    "limits.yaml:1:1: error: error loading config file: a map of keys and values is needed here",
  ],
  [
    "a map in the place of a list",
    "domain: d\ndescriptors: {key: a}\n",
    'limits.yaml:2:14: error: error loading config file: "descriptors" must be a list, not a map',
  ],
  [
    "an algorithm of nobody",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit: {unit: day, algorithm: leaky}\n",
    'limits.yaml:4:40: error: error loading config file: "algorithm" must be one of ' +
    'gcra, fixed_window, sliding_window, concurrency, not the text "leaky"',
  ],
  [
    "a burst that means nothing",
    "domain: d\ndescriptors:\n  - key: a\n    rate_limit:\n      unit: day\n      burst: 5\n",
    "limits.yaml:6:14: error: burst has no meaning for the algorithm fixed_window",
  ],
  [
    "several at once, in the order of the text",
    "domain: d\ndescriptors:\n  - kye: a\n    rate_limit: {unit: day, request_per_unit: 5}\n",
    "limits.yaml:3:5: error: config error, unknown key 'kye', did you mean \"key\"?",
    "limits.yaml:4:29: error: config error, unknown key 'request_per_unit', " +
    'did you mean "requests_per_unit"?',
  ],
  [
    "aliases that grow without end",
    `domain: d\ndescriptors:\n  - &a {key: a}\n  - &b {key: b, descriptors: [${
      "*a, ".repeat(50)
    }]}\n  - {key: c, descriptors: [${"*b, ".repeat(2_100)}]}\n`,
    "limits.yaml:5:1965: error: error loading config file: document contains excessive aliasing",
  ],
];

for (const [name, text, ...told] of cases) {
  Deno.test(`a configuration with ${name}`, () => {
    assert.deepEqual(configured({ "limits.yaml": text }).problems, told);
  });
}

Deno.test("two files of one domain", () => {
  const files = {
    "a.yaml": "domain: d\ndescriptors: [{key: a}]\n",
    "b.yaml": "domain: d\ndescriptors: [{key: b}]\n",
  };
  assert.deepEqual(configured(files).problems, [
    "b.yaml:1:9: error: duplicate domain 'd' in config file",
  ]);
  const { compiled, problems } = configured(files, { mergeDomains: true });
  assert.deepEqual(problems, []);
  assert.deepEqual([...compiled.domains.get("d")?.root.children.keys() ?? []], ["a", "b"]);
});

Deno.test("a mistake in one of two merged files leaves the other as it is", () => {
  const { compiled, problems } = configured({
    "a.yaml": "domain: d\ndescriptors: [{key: a}]\n",
    "b.yaml": "domain: d\ndescriptors: [{key: b}, {key: a}]\n",
  }, { mergeDomains: true });
  assert.deepEqual(problems, [
    "b.yaml:2:31: error: duplicate descriptor composite key 'd.a'",
  ]);
  assert.deepEqual([...compiled.domains.get("d")?.root.children.keys() ?? []], ["a"]);
});

/** What is right, though it looks odd. */
const right: readonly (readonly [name: string, text: string, keys: readonly string[]])[] = [
  ["numbers and booleans as text", "domain: 5\ndescriptors: [{key: 1, value: yes}]", ["1_yes"]],
  ["octal digits as they are written", "domain: d\ndescriptors: [{key: a, value: 010}]", ["a_010"]],
  ["null as nothing", "domain: d\ndescriptors: [{key: a, value: ~, rate_limit: }]", ["a"]],
  ["an empty value as none", 'domain: d\ndescriptors: [{key: a, value: ""}]', ["a"]],
  ["the first document alone", "domain: d\ndescriptors: [{key: a}]\n---\nno: good\n", ["a"]],
  ["the last of a key given twice", "domain: d\ndescriptors: [{key: a, key: b}]", ["b"]],
  [
    "merges",
    "domain: d\ndescriptors:\n- &a {key: a, value: x}\n- {<<: *a, value: y}\n",
    ["a_x", "a_y"],
  ],
  ["units in any case", "domain: d\ndescriptors: [{key: a, rate_limit: {unit: WEEK}}]", ["a"]],
  [
    "unlimited with a unit that is none",
    "domain: d\ndescriptors: [{key: a, rate_limit: {unlimited: true, unit: none}}]",
    ["a"],
  ],
  [
    "anything as metadata",
    "domain: d\ndescriptors: [{key: a, metadata: {x: 1.5, y: [a, {z: ~}]}}]",
    ["a"],
  ],
];

for (const [name, text, keys] of right) {
  Deno.test(`a configuration with ${name} is right`, () => {
    const { compiled, problems } = configured({ "limits.yaml": text });
    assert.deepEqual(problems, []);
    const [domain] = compiled.domains.values();
    assert.deepEqual([...domain?.root.children.keys() ?? []], keys);
  });
}
