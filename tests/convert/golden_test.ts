import assert from "node:assert/strict";
import { join } from "node:path";
import { conversionReport } from "../../convert/mod.ts";
import { lint } from "../../lint/mod.ts";
import { testCases } from "../golden/compare.ts";
import { convertCases, convertText } from "./convert_case.ts";

testCases(convertCases());

for (const { name, folder } of convertCases()) {
  const input = () => Deno.readTextFileSync(join(folder, "in.yaml"));

  Deno.test(`${name}: what comes out is valid`, () => {
    const { files, diagnostics } = convertText(input());
    assert.deepEqual(diagnostics, []);
    const { findings } = lint(files, { ignore: accepted });
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== "info")
        .map(({ code, message, position }) => `${position?.line}: ${code} ${message}`),
      [],
    );
  });

  Deno.test(`${name}: twice the same bytes, and the order of documents is no matter`, () => {
    const text = input();
    const once = convertText(text);
    const again = convertText(text);
    assert.deepEqual(again.files, once.files);
    assert.equal(conversionReport(again, "json"), conversionReport(once, "json"));
    const [, options = ""] = /^(# options: .*\n)?/.exec(text) ?? [];
    const shuffled = options +
      text.split(/^---\n/m).reverse().map((part) => part.replace(/\n?$/, "\n"))
        .join("---\n");
    assert.deepEqual(convertText(shuffled).files, once.files);
  });

  Deno.test(`${name}: the report points at lines that are there`, () => {
    const { files, notes } = convertText(input());
    const lines = new Map(files.map(({ file, text }) => [file, text.split("\n")]));
    for (const { targets, subject } of notes) {
      for (const { file, line } of targets) {
        const text = lines.get(file)?.[line - 1] ?? "";
        assert.match(text, /\S/, subject);
      }
    }
  });
}

/** Advice that the Ingresses themselves deserve: a host without TLS beside others with it. */
const accepted: readonly string[] = ["CTR405"];
