import { flagValue, paintFor, UsageError } from "../command_line/mod.ts";
import { keyId, nearest } from "../controller/api/mod.ts";
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
import type { CommandContext } from "./command_context.ts";
import { type GivenObjects, readGiven, seenBy } from "./given_objects.ts";
import { type Judging, readJudging } from "./judging.ts";
import type { LintFlags } from "./lint.ts";
import { counted } from "./report/diagnostics.ts";
import { codeList, explanation } from "./report/lint/explanation.ts";
import { lintReport, type ShownReport } from "./report/lint/report.ts";
import { assumedLines, atLeast, summaryText } from "./report/lint/summary.ts";
import { filesWithSecrets } from "./report/lint/secret_lines.ts";
import { unifiedDiff } from "./report/lint/unified_diff.ts";
import { progress } from "./report/progress.ts";

/** Reads what is given, judges it, and prints or mends what is found. */
export async function runLint(
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
  const isMending = flags.fix || flags.unsafeFixes || flags.diff;
  if (isMending && flags.selector !== undefined) {
    throw new UsageError("files are mended whole: leave -l out");
  }
  const select = codesIn("--select <codes>", flags.select);
  const ignore = codesIn("--ignore <codes>", flags.ignore);
  const judging = await readJudging(flags, context);
  const reading = await read(paths, flags, judging, context);
  const options = {
    ...lintOptions(reading, flags, judging),
    ...(select === undefined ? {} : { select }),
    ...(ignore === undefined ? {} : { ignore }),
  };
  const before = judge(reading, options);
  const fixed = isMending
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
  const { strictRefs, namespace, certificateDays } = flags;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    strictRefs,
    background: given.background,
    isSeen: seenBy(given),
    certificateDays,
    nowMs: Date.now(),
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
  const begun = /^CTR\d+$/.test(code)
    ? codeList(paintFor("out", terminal, color()), (each) => each.startsWith(code))
    : "";
  if (begun !== "") return terminal.out(begun);
  throw new UsageError(`there is no code "${text}"${meant(code)}; --rules lists all`);
}

function meant(code: string): string {
  const near = nearest(code, allCodes().keys());
  return near === undefined ? "" : `, did you mean ${near}?`;
}

function codesIn(
  flag: string,
  texts: readonly string[] | undefined,
): readonly string[] | undefined {
  return texts?.flatMap((text) => flagValue(flag, text, parseCodes));
}

/** Codes, their names, or beginnings of codes, separated by commas. */
function parseCodes(text: string): readonly string[] {
  const known = [...allCodes()];
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const upper = part.toUpperCase();
    if (known.some(([code]) => code.startsWith(upper))) return upper;
    const named = known.find(([, { name }]) => name.toLowerCase() === part.toLowerCase());
    if (named !== undefined) return named[0];
    throw new RangeError(`There is no code "${part}"${meant(upper)}`);
  });
}
