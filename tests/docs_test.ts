/** What the documents show holds: manifests are read strictly, links lead somewhere, tables are current. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { codes, readManifest } from "../controller/api/mod.ts";
import { defaultSettings } from "../controller/store/mod.ts";
import { statuses } from "../controller/translation/mod.ts";
import { generateCodes } from "../docs/generate_codes.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

Deno.test("every manifest in the documents is read without a problem", async () => {
  let count = 0;
  for await (const { file, text } of documents()) {
    for (const { line, language, body } of blocksOf(text)) {
      if (language !== "yaml") continue;
      count++;
      // Positions are then those of the document.
      const { objects, diagnostics } = readManifest("\n".repeat(line) + body, { file });
      assert.deepEqual(diagnostics, []);
      assert.ok(objects.length > 0, `${file}:${line} holds no object`);
    }
  }
  assert.ok(count >= 4);
});

Deno.test("what a document gives is valid all together, but for what it says is not", async () => {
  for await (const { file, text } of documents()) {
    const blocks = blocksOf(text);
    const objects = blocks.filter(({ language }) => language === "yaml")
      .flatMap(({ body }) => readManifest(body, { file }).objects.map(({ object }) => object));
    const settings = { ...defaultSettings, nowMs: Date.now() };
    const told = statuses(objects, settings).flatMap(({ diagnostics }) => diagnostics)
      .map(({ code, message }) => `error[${code}] ${message}`);
    const shown = blocks.filter(({ language }) => language === "text").map(({ body }) => body);
    for (const line of told) {
      assert.ok(shown.some((body) => body.includes(line)), `${file}: ${line}`);
    }
  }
});

Deno.test("links to files lead somewhere", async () => {
  for await (const { file, text } of documents()) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const path = join(root, dirname(file), target);
      await assert.doesNotReject(Deno.stat(path), `${file} links to "${target}"`);
    }
  }
});

Deno.test("the table of codes is that of the code: else run `deno task gen`", async () => {
  const text = generateCodes();
  assert.equal(await Deno.readTextFile(join(root, "docs/codes.md")), text);
  for (const code of Object.keys(codes)) assert.ok(text.includes(`| ${code} |`), code);
});

/** The documents, from the root of the tree. */
async function* documents(): AsyncIterable<{ readonly file: string; readonly text: string }> {
  const docs = (await Array.fromAsync(Deno.readDir(join(root, "docs"))))
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) => join(root, "docs", name));
  for (const path of [join(root, "README.md"), join(root, "ARCHITECTURE.md"), ...docs.sort()]) {
    yield { file: relative(root, path), text: await Deno.readTextFile(path) };
  }
}

/** A fenced block, and the line its fence is in. */
interface Block {
  readonly line: number;
  readonly language: string;
  readonly body: string;
}

function blocksOf(text: string): readonly Block[] {
  return Array.from(text.matchAll(/^```(\S*)\n(.*?)^```$/gms), (match) => ({
    line: text.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    body: match[2] ?? "",
  }));
}
