import { Command, Option } from "commander";
import {
  exampled,
  lastOfList,
  parseCount,
  parsed,
  suggesting,
  type Suggestion,
  UsageError,
} from "../command_line/mod.ts";
import type { Severity } from "../controller/api/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import type { GivenFlags } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags } from "./judging_flags.ts";
import { type LintFormat, lintFormats } from "./report/lint/formats.ts";

/** `contour lint`: what is wrong with objects in files, and what could be better. */
export function lintCommand(context: CommandContext): Command {
  const command = new Command("lint")
    .description(
      "find mistakes in HTTPProxies and what belongs to them\n\n" +
        "Says what an API server would refuse, what the controller would say, and gives advice. " +
        "The exit code is 0 when there is nothing at or above the fail level, 1 when there is, and " +
        "2 when something could not be read; the same in every format. With a cluster files are " +
        "looked at as they would stand in it; without files its own objects are.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to print it; text on a terminal, else concise")
        .choices(lintFormats),
    )
    .option("--output-file <file>", "write the report there instead of to standard output")
    .addOption(
      new Option("--fail-level <severity>", "what makes the exit code 1")
        .choices(["error", "warning", "info"]).default("error"),
    )
    .option("--exit-zero", "exit with 0 whatever is found", false)
    .addOption(
      codesOption("--select <codes>", "look for these codes alone, such as CTR401 or CTR4"),
    )
    .addOption(codesOption("--ignore <codes>", "pass over these codes"))
    .option("--strict-refs", "demand that Services, Secrets and ExtensionServices are there", false)
    .option("--fix", "mend what can be mended safely, in the files", false)
    .option("--unsafe-fixes", "also mend what should be looked at afterwards", false)
    .option("--diff", "print what --fix would change, and change nothing", false)
    .addOption(
      new Option("--certificate-days <days>", "warn of certificates with fewer days left")
        .argParser(parsed(parseCount)).default(30),
    )
    .addOption(
      new Option("--docs-url <url>", "where docs/ is published: links of json and sarif lead there")
        .argParser(parsed(parseUrl)),
    )
    .addOption(
      suggesting(
        new Option("--explain <code>", "say what a code means, and what to do"),
        async () => ({ values: await codes() }),
      ),
    )
    .option("--rules", "list all codes", false)
    .option("-q, --quiet", "only what is found, no summary", false)
    .option("-v, --verbose", "also say what is passed over", false);
  exampled(command, [
    "contour lint routes/",
    "contour lint --fix --diff routes/",
    "contour lint -o sarif --output-file lint.sarif .",
    "contour lint --context prod routes/",
    "contour lint --context prod",
    "contour lint --explain CTR401",
    "helm template . | contour lint -",
  ]);
  return addClusterOptions(addJudgingOptions(command))
    .action(async (paths: string[], flags: LintFlags) => {
      try {
        const { runLint } = await import("./lint_run.ts");
        await runLint([...paths, ...flags.filename ?? []], flags, context);
      } catch (error) {
        throw asUsageError(error);
      }
    });
}

/** Code 1 is for what is found, so when lint itself cannot go on it is 2, as for wrong usage. */
function asUsageError(cause: unknown): UsageError {
  if (cause instanceof UsageError) return cause;
  return new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
}

/** What lint is told. */
export interface LintFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly output?: LintFormat;
  readonly outputFile?: string;
  readonly failLevel: Severity;
  readonly exitZero: boolean;
  /** As they were written: with commas. */
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
  readonly strictRefs: boolean;
  readonly fix: boolean;
  readonly unsafeFixes: boolean;
  readonly diff: boolean;
  readonly certificateDays: number;
  readonly docsUrl?: string;
  readonly explain?: string;
  readonly rules: boolean;
  readonly quiet: boolean;
}

function codesOption(flags: string, description: string): Option {
  const option = new Option(flags, description).argParser(
    (text: string, before: readonly string[] | undefined) => [...before ?? [], text],
  );
  return suggesting(option, async ({ typed }) => ({ values: lastOfList(typed, await codes()) }));
}

/** Every code, with its title. */
async function codes(): Promise<readonly Suggestion[]> {
  const { allCodes } = await import("../lint/mod.ts");
  return [...allCodes()].map(([value, { title }]) => ({ value, description: title }));
}

function parseUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new RangeError("A URL is needed, such as https://example.com/contour/docs");
}
