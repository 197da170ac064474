import assert from "node:assert/strict";
import { ManifestCache, type Position, readManifest } from "./mod.ts";

/** A generator of numbers from 0 up to `limit`, the same for the same seed. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5 | 0;
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) % limit;
  };
}

const documents = [
  "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: a}\nspec:\n  routes:\n  - services: &s\n    - name: x\n      port: 80\n  - services: *s\n",
  "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: b}}\n- {apiVersion: v1, kind: Service, metadata: {name: c}}\n",
  '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "d"}, "data": {"a": "aGk="}}\n',
  "%YAML 1.2\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: e\n  # a comment\n...\n",
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata:\n  text: |\n    ---\n    line\n  folded: >-\n    one\n    two\n",
  "kind: Deployment\napiVersion: apps/v1\n",
  "# nothing\n",
];

const scraps = [
  "\n",
  "---\n",
  "  ",
  ":",
  "- ",
  "{",
  "]",
  '"',
  "&a ",
  "*a",
  "<<: ",
  "\t",
  "!",
  "%",
  "\0",
  "|",
  "#",
  "yes",
];

function edited(text: string, next: (limit: number) => number): string {
  const at = next(text.length + 1);
  switch (next(4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + next(12));
    case 1:
      return text.slice(0, at) + (scraps[next(scraps.length)] ?? "") + text.slice(at);
    case 2:
      return `${text}---\n${documents[next(documents.length)] ?? ""}`;
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** Everything a reading yields, positions of objects included. */
function outcome(text: string, cache?: ManifestCache): unknown {
  const { objects, diagnostics, broken } = readManifest(text, {
    file: "a.yaml",
    ...(cache ? { cache } : {}),
  });
  const located = objects.map(({ key, object, locate }) => ({
    key,
    object,
    name: locate("metadata.name"),
  }));
  return { located, diagnostics, broken };
}

Deno.test("any text is read without a throw, and the same with a cache as without", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const cache = new ManifestCache();
    let text = documents.join("---\n");
    for (let step = 0; step < 25; step++) {
      text = edited(text, next);
      assert.deepEqual(outcome(text, cache), outcome(text), `seed ${seed}, step ${step}`);
    }
  }
});

Deno.test("every position is inside of the text and points at the name", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const text = Array.from({ length: 6 }, () => documents[next(documents.length)]).join("---\n");
    for (const { key, locate } of readManifest(text, { file: "a.yaml" }).objects) {
      const name = textOf(text, locate("metadata.name"));
      assert.equal(name.replaceAll('"', ""), key.name);
    }
  }
});

Deno.test("an unchanged document yields the very same object", () => {
  const cache = new ManifestCache();
  const text = (port: number) =>
    [1, port, 3].map((number, index) =>
      `---\napiVersion: v1\nkind: Service\nmetadata: {name: s${index}}\nspec: {ports: [{port: ${number}}]}\n`
    ).join("");
  const before = readManifest(text(2), { file: "a.yaml", cache }).objects;
  const after = readManifest(`# new\n${text(4)}`, { file: "a.yaml", cache }).objects;
  const same = before.map(({ object }, index) => object === after[index]?.object);
  assert.deepEqual(same, [true, false, true]);
  assert.equal(after[2]?.locate("metadata.name").line, 15);
});

function textOf(text: string, { line, column, endColumn }: Position): string {
  return (text.split("\n")[line - 1] ?? "").slice(column - 1, endColumn - 1);
}
