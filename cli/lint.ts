import { Command, InvalidArgumentError, Option } from "commander";
import { paintFor, parseCount, parsed, UsageError } from "../command_line/mod.ts";
import { keyId, nearest, type Severity } from "../controller/api/mod.ts";
import {
  allCodes,
  type Finding,
  fixAll,
  type FixReport,
  isLintCode,
  judge,
  type LintContents,
  type LintOptions,
  type LintReport,
} from "../lint/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import { type GivenFlags, type GivenObjects, readGiven, seenBy } from "./given_objects.ts";
import {
  addJudgingOptions,
  type Judging,
  type JudgingFlags,
  readJudging,
} from "./judging_flags.ts";
import { counted } from "./report/diagnostics.ts";
import { codeList, explanation } from "./report/lint/explanation.ts";
import {
  type LintFormat,
  lintFormats,
  lintReport,
  type ShownReport,
} from "./report/lint/report.ts";
import { assumedLines, atLeast, summaryText } from "./report/lint/summary.ts";
import { filesWithSecrets } from "./report/lint/secret_lines.ts";
import { unifiedDiff } from "./report/lint/unified_diff.ts";
import { progress } from "./report/progress.ts";

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
    .option("--explain <code>", "say what a code means, and what to do")
    .option("--rules", "list all codes", false)
    .option("-q, --quiet", "only what is found, no summary", false)
    .option("-v, --verbose", "also say what is passed over", false);
  return addClusterOptions(addJudgingOptions(command))
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour lint routes/\n" +
        "  contour lint --fix --diff routes/\n" +
        "  contour lint -o sarif --output-file lint.sarif .\n" +
        "  contour lint --context prod routes/\n" +
        "  contour lint --context prod\n" +
        "  contour lint --explain CTR401\n" +
        "  helm template . | contour lint -",
    )
    .action(async (paths: string[], flags: LintFlags) => {
      try {
        await run([...paths, ...flags.filename ?? []], flags, context);
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

interface LintFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly output?: LintFormat;
  readonly outputFile?: string;
  readonly failLevel: Severity;
  readonly exitZero: boolean;
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

async function run(
  paths: readonly string[],
  flags: LintFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, color, exit } = context;
  if (flags.rules) {
    terminal.out(codeList(paintFor("out", terminal, color())));
    return exit(0);
  }
  if (flags.explain !== undefined) {
    explain(flags.explain, context);
    return exit(0);
  }
  const judging = await readJudging(flags, context);
  const reading = await read(paths, flags, judging, context);
  const options = lintOptions(reading, flags, judging);
  const before = judge(reading, options);
  const fixed = flags.fix || flags.unsafeFixes || flags.diff
    ? fixAll([...reading.texts].map(([file, text]) => ({ file, text })), {
      ...options,
      unsafe: flags.unsafeFixes,
    })
    : undefined;
  if (fixed !== undefined && flags.diff) {
    printDiff(fixed, shownReport(before, reading.texts, reading), context);
    return exit(exitCode(before, flags));
  }
  const report = fixed === undefined ? before : remaining(before, fixed, reading.texts);
  const isStdinFixed = fixed !== undefined && reading.texts.has(stdinName);
  if (fixed !== undefined) await writeBack(fixed, reading.texts, context);
  await print(report, fixed, { flags, reading, isStdinFixed }, context);
  exit(exitCode(report, flags));
}

interface Reading extends LintContents {
  readonly given: GivenObjects;
}

async function read(
  paths: readonly string[],
  flags: LintFlags,
  { plugins }: Judging,
  context: CommandContext,
): Promise<Reading> {
  const { terminal } = context;
  const texts = new Map<string, string>();
  const now = () => performance.now();
  const shown = flags.quiet ? undefined : progress(terminal, "reading", "file", now);
  const given = await readGiven(paths, flags, context, {
    policyKinds: plugins?.policyKinds,
    onText: (file, text) => {
      texts.set(file, text);
      shown?.step();
    },
  });
  shown?.end();
  const { files, cluster, subjects, diagnostics } = given;
  return {
    given,
    objects: subjects,
    diagnostics,
    locate: (key, path, at) => files.locate(key, path, at) ?? cluster?.locate(key, path, at),
    texts,
  };
}

function lintOptions(
  { given }: Reading,
  flags: LintFlags,
  { settings, envoy, plugins }: Judging,
): LintOptions {
  const { select, ignore, strictRefs, namespace, certificateDays } = flags;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    strictRefs,
    background: given.background,
    isSeen: seenBy(given),
    certificateDays,
    nowMs: Date.now(),
    ...(select === undefined ? {} : { select }),
    ...(ignore === undefined ? {} : { ignore }),
    settings,
    ...(envoy === undefined ? {} : { envoy }),
    ...(plugins === undefined ? {} : {
      plugins: plugins.set,
      policyKinds: plugins.policyKinds,
    }),
  };
}

async function print(
  report: LintReport,
  fixed: FixReport | undefined,
  { flags, reading, isStdinFixed }: {
    readonly flags: LintFlags;
    readonly reading: Reading;
    readonly isStdinFixed: boolean;
  },
  { terminal, color }: CommandContext,
): Promise<void> {
  const texts = new Map(fixed?.files.map(({ file, text }) => [file, text]) ?? reading.texts);
  const findings = report.findings.filter(({ code }) => flags.verbose || code !== "CTR010");
  const shown = shownReport({ ...report, findings }, texts, reading);
  const toFile = flags.outputFile !== undefined;
  // What standard output holds then is the text that was mended.
  const stream = isStdinFixed ? "err" : "out";
  const isTerminal = stream === "out" ? terminal.outIsTerminal : terminal.errIsTerminal;
  const format = flags.output ?? (isTerminal && !toFile ? "text" : "concise");
  const paint = paintFor(stream, terminal, toFile ? "never" : color());
  const text = lintReport(format, shown, {
    paint,
    columns: terminal.columns,
    ...(flags.docsUrl === undefined ? {} : { docsUrl: flags.docsUrl }),
  });
  if (flags.outputFile !== undefined) await writeReport(flags.outputFile, text);
  else terminal[stream](text);

  if (flags.verbose) terminal.err(assumedLines(report.assumed));
  if (flags.quiet || (format !== "text" && format !== "concise" && !toFile)) return;
  const isPart = format === "text" && !toFile;
  const summaryStream = isPart ? stream : "err";
  const summaryPaint = paintFor(summaryStream, terminal, color());
  terminal[summaryStream](summaryText(shown, summaryPaint, terminal.columns));
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (cause) {
    throw new UsageError(`Cannot write "${path}": ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such folder";
  return cause instanceof Error ? cause.message : String(cause);
}

function shownReport(
  report: LintReport,
  texts: ReadonlyMap<string, string>,
  { given: { files, cluster } }: Reading,
): ShownReport {
  return {
    ...report,
    texts: withLiveTexts(report, texts, cluster),
    fileOf: (key) =>
      files.locate(key, "")?.file ?? (cluster === undefined ? undefined : keyId(key)),
  };
}

/** With what objects of the cluster say, as far as there is something to show of them. */
function withLiveTexts(
  { findings }: Pick<LintReport, "findings">,
  texts: ReadonlyMap<string, string>,
  cluster: GivenObjects["cluster"],
): ReadonlyMap<string, string> {
  if (cluster === undefined) return texts;
  const all = new Map(texts);
  for (const { position, related = [] } of findings) {
    for (const place of [position, ...related.map(({ position }) => position)]) {
      const text = place === undefined || all.has(place.file)
        ? undefined
        : cluster.text(place.file);
      if (place !== undefined && text !== undefined) all.set(place.file, text);
    }
  }
  return all;
}

/** 2 when something could not be looked at, whatever was found in the rest. */
function exitCode(
  { findings }: Pick<LintReport, "findings">,
  { failLevel, exitZero }: LintFlags,
): number {
  if (findings.some(({ code, severity }) => unreadable.has(code) && severity === "error")) return 2;
  return !exitZero && atLeast(findings, failLevel).length > 0 ? 1 : 0;
}

const unreadable = new Set<string>(["CTR013", "CTR015"]);

/** What is left after mending, and what lint never got to see. */
function remaining(
  before: LintReport,
  { report }: FixReport,
  texts: ReadonlyMap<string, string>,
): LintReport {
  const unseen = before.findings.filter(({ position }: Finding) =>
    position === undefined || !texts.has(position.file)
  );
  const findings = [...report.findings, ...unseen.filter(({ object }) => object === undefined)];
  return { ...report, findings };
}

const stdinName = "<stdin>";

function printDiff(
  { files }: FixReport,
  before: ShownReport,
  { terminal, color }: CommandContext,
): void {
  const paint = paintFor("out", terminal, color());
  const withSecrets = filesWithSecrets(before);
  for (const { file, text } of files) {
    const look = { paint, holdsSecrets: withSecrets.has(file) };
    terminal.out(unifiedDiff(file, before.texts.get(file) ?? "", text, look));
  }
}

/** Writes what was mended. A file that changed meanwhile is left alone. */
async function writeBack(
  { files, fixed }: FixReport,
  texts: ReadonlyMap<string, string>,
  { terminal, color }: CommandContext,
): Promise<void> {
  let written = 0;
  for (const { file, text } of files) {
    const before = texts.get(file) ?? "";
    if (file === stdinName) terminal.out(text);
    else if (text !== before) {
      const now = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(file));
      const mark = now.startsWith("\ufeff") ? "\ufeff" : "";
      if (now !== mark + before) throw new Error(`Cannot fix "${file}": it changed meanwhile`);
      await Deno.writeTextFile(file, mark + text);
    } else continue;
    written++;
  }
  if (fixed.length === 0) return;
  const paint = paintFor("err", terminal, color());
  const files_ = counted(written, "file");
  terminal.err(`${paint.green(`Fixed ${counted(fixed.length, "problem")}`)} in ${files_}\n`);
}

function explain(text: string, { terminal, color }: CommandContext): void {
  const code = text.toUpperCase();
  if (isLintCode(code)) {
    const paint = paintFor("out", terminal, color());
    return terminal.out(explanation(code, { paint, columns: terminal.columns }));
  }
  throw new UsageError(`there is no code "${text}"${meant(code)}; --rules lists all`);
}

function meant(code: string): string {
  const near = nearest(code, allCodes().keys());
  return near === undefined ? "" : `, did you mean ${near}?`;
}

function codesOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (text: string, before: readonly string[] | undefined) => [...before ?? [], ...parseCodes(text)],
  );
}

/** Codes, their names, or beginnings of codes, separated by commas. */
function parseCodes(text: string): readonly string[] {
  const known = [...allCodes()];
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const upper = part.toUpperCase();
    if (known.some(([code]) => code.startsWith(upper))) return upper;
    const named = known.find(([, { name }]) => name.toLowerCase() === part.toLowerCase());
    if (named !== undefined) return named[0];
    throw new InvalidArgumentError(`There is no code "${part}"${meant(upper)}`);
  });
}

function parseUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new RangeError("A URL is needed, such as https://example.com/contour/docs");
}
