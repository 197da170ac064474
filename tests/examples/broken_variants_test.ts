/** Each example that is broken in one place is blamed for exactly that, at the field where it is. */
import assert from "node:assert/strict";
import { codes } from "../../controller/api/mod.ts";
import { type BrokenVariant, brokenVariants } from "./broken_variants.ts";
import { examples, type Problem, problemsOf } from "./example.ts";

const texts = examples();

for (const [type, variants] of Object.entries(brokenVariants)) {
  Deno.test(`broken variants: ${type}`, async () => {
    const wrong: { readonly example: string; readonly edit: string; readonly told: unknown }[] = [];
    for (const variant of variants) {
      const told = (await problemsOf(broken(variant))).map(words).sort();
      const expected = [...variant.problems].sort();
      if (told.join("\n") === expected.join("\n")) continue;
      wrong.push({ example: variant.example, edit: variant.edit[1], told });
    }
    assert.deepEqual(wrong, []);
  });
}

Deno.test("there is a variant for most reasons, and none twice", () => {
  const all = Object.values(brokenVariants).flat();
  assert.ok(all.length >= 60, String(all.length));
  assert.equal(new Set(all.map((one) => JSON.stringify([one.example, one.edit]))).size, all.length);
  const named = new Set(
    all.flatMap(({ problems }) => problems.map((text) => text.split(": ")[1] ?? "")),
  );
  for (const name of named) {
    const known = Object.entries(codes).some(([code, row]) => code === name || row.name === name);
    assert.ok(known, name);
  }
  assert.ok(named.size >= 60, `${named.size} reasons`);
});

function broken({ example, edit: [find, replace] }: BrokenVariant): string {
  const text = texts.get(example);
  assert.ok(text !== undefined, `no such example: ${example}`);
  assert.equal(text.split(find).length, 2, `${example} has to hold once: ${find}`);
  return text.replace(find, () => replace);
}

function words({ object, path, reason }: Problem): string {
  return /^HTTPProxy\/[^/]+\/shop$/.test(object)
    ? `${path}: ${reason}`
    : `${object} ${path}: ${reason}`;
}
