/** Conversions by example: `in.yaml`, and beside it what comes out and what is said about it. */
import { join } from "node:path";
import { conversionReport, convert, writeRequestTests } from "../../convert/mod.ts";
import { findCases, type GoldenCase } from "../golden/golden_case.ts";

/** Every case. Options stand in the header of its input, as `# options: {…}`. */
export function convertCases(): GoldenCase[] {
  return findCases("convert", {
    outputs: ["out.yaml", "report.txt", "tests.yaml"],
    produce: async (folder) => {
      const conversion = convertText(await Deno.readTextFile(join(folder, "in.yaml")));
      const out = conversion.files.map(({ text }) => text).join("");
      const tests = conversion.tests.length === 0 ? [] : [
        ["tests.yaml", writeRequestTests(conversion.tests)] as const,
      ];
      return new Map([
        ...out === "" ? [] : [["out.yaml", out] as const],
        ["report.txt", conversionReport(conversion, "text", { all: true })],
        ...tests,
      ]);
    },
  });
}

/** Converts an input with the options of its header. */
export function convertText(text: string): ReturnType<typeof convert> {
  const [, options] = /^# options: (\{.*\})$/m.exec(text) ?? [];
  return convert(
    [{ file: "in.yaml", text }],
    options === undefined ? {} : JSON.parse(options),
  );
}
