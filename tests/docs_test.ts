/** What the pages show holds: manifests, what is told of mistakes, links, and generated tables. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { type CodeRow, codes, keyId } from "../controller/api/mod.ts";
import { generateCodes } from "../docs/generate_codes.ts";
import { pages, root } from "./docs/page.ts";
import { toldOf, toldOfConfiguration, toldOfExample, worldOf } from "./docs/world.ts";

for (const page of await pages()) {
  if (page.examples.length === 0) continue;

  Deno.test(`${page.file} is valid all together, but for the mistakes it shows`, async () => {
    const world = await worldOf(page);
    assert.equal(toldOf(world).lines, "");
    for (const example of page.examples) {
      const { told, line, language, body } = example;
      if (told === undefined) continue;
      const at = `${page.file}:${line}`;
      if (language === "yml") {
        assert.equal(toldOfConfiguration(body), told, at);
        continue;
      }
      const { lines, diagnostics } = toldOfExample(world, example);
      assert.equal(lines, told, at);
      // Those who read a status know it by these.
      for (const { condition } of diagnostics) {
        if (condition === undefined) continue;
        const name = `${condition.type}/${condition.reason}`;
        assert.ok(page.text.includes(`\`${name}\``), `${at} does not say ${name}`);
      }
    }
  });

  Deno.test(`${page.file} shows statuses as they are`, async () => {
    const world = await worldOf(page);
    for (const example of page.examples) {
      if (example.status === undefined) continue;
      const { found, diagnostics } = toldOfExample(world, example);
      const [blamed] = diagnostics;
      const status = found.find(({ key }) =>
        blamed?.object !== undefined && keyId(key) === keyId(blamed.object)
      )?.status;
      assert.deepEqual(load(example.status), { status: JSON.parse(JSON.stringify(status)) });
    }
  });
}

Deno.test("every feature has its mistake", async () => {
  for (const { file, examples } of await pages()) {
    if (!file.startsWith("docs/features/")) continue;
    assert.ok(examples.some(({ told }) => told === undefined), `${file} shows nothing`);
    assert.ok(examples.some(({ told }) => told !== undefined), `${file} shows no mistake`);
  }
});

Deno.test("conditions that pages name exist", async () => {
  const rows: readonly CodeRow[] = Object.values(codes);
  const known = new Set(
    rows.map(({ name, condition }) => condition ? `${condition.type}/${condition.reason}` : name),
  );
  for (const { file, text } of await pages()) {
    for (const [, name = "", reason = ""] of text.matchAll(/`([A-Z]\w+Error\/(\w+))`/g)) {
      assert.ok(known.has(name) || known.has(reason), `${file}: ${name}`);
    }
  }
});

Deno.test("links lead somewhere", async () => {
  for (const { file, text } of await pages()) {
    for (const [, target = "", heading] of text.matchAll(/\]\(([^)#:]*)(?:#([^)]*))?\)/g)) {
      const path = target === "" ? join(root, file) : join(root, dirname(file), target);
      await assert.doesNotReject(Deno.stat(path), `${file} links to "${target}"`);
      if (heading === undefined) continue;
      const anchors = (await Deno.readTextFile(path)).matchAll(/^#+ (.*)$/gm);
      assert.ok(
        Array.from(anchors, ([, title = ""]) => anchorOf(title)).includes(heading),
        `${file} links to "${target}#${heading}"`,
      );
    }
  }
});

Deno.test("every page of the features stands in the index", async () => {
  const index = await Deno.readTextFile(join(root, "docs/README.md"));
  for (const { file } of await pages()) {
    if (!file.startsWith("docs/features/")) continue;
    assert.ok(index.includes(`](${file.slice("docs/".length)})`), file);
  }
});

Deno.test("the table of codes is that of the code: else run `deno task gen`", async () => {
  const text = generateCodes();
  assert.equal(await Deno.readTextFile(join(root, "docs/codes.md")), text);
  for (const code of Object.keys(codes)) assert.ok(text.includes(`| ${code} |`), code);
});

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}
