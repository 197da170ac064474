import { Command, Option } from "commander";
import { paintFor, UsageError } from "../command_line/mod.ts";
import type { Diagnostic, ObjectKey } from "../controller/api/mod.ts";
import { defaultEnvoyOptions } from "../controller/envoy/mod.ts";
import { Diff, resourceChanges, TrafficCount } from "../diff/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { type DiffSides, readSides, type SideFlags } from "./diff_sides.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import { addJudgingOptions, type JudgingFlags, readJudging } from "./judging_flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { type DiffFormat, diffFormats, diffReport } from "./report/diff/report.ts";
import { assumedLines, assumedText } from "./report/diff/assumed.ts";
import { readTraffic } from "./traffic_files.ts";

/** `contour diff`: which requests are treated otherwise once one set of objects replaces another. */
export function diffCommand(context: CommandContext): Command {
  const command = new Command("diff")
    .usage("[options] <before> [after] [path...]")
    .description(
      "say which requests are lost, moved or treated otherwise\n\n" +
        "Compares what becomes of every request, not the text of the objects. A side is\n" +
        "a file, a folder, - for standard input, or REVISION:PATH of git. A REVISION with\n" +
        "paths behind it is compared with the files here; with a cluster, files are\n" +
        "compared with what is there. The exit code is 0 when nothing differs, 1 when\n" +
        "something does, and 2 when something could not be read, in every format.",
    )
    .argument("[words...]", "the two sides, or revisions and paths")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(diffFormats).default("text"),
    )
    .option("--resources", "also show the resources of Envoy that differ", false)
    .addOption(
      new Option(
        "--traffic <log>",
        "count the requests of an access log that change; gzip is seen, - is stdin",
      ).argParser((path: string, before: readonly string[] | undefined) => [...before ?? [], path]),
    )
    .option("--strict-refs", "demand that Services, Secrets and ExtensionServices are there", false)
    .option("--exit-zero", "exit with 0 although something differs", false)
    .option("-v, --verbose", "list everything, however much is alike", false);
  return addClusterOptions(addJudgingOptions(command), "compare with")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour diff old/ new/\n" +
        "  contour diff main -- routes/\n" +
        "  contour diff v1.2:routes v1.3:routes -o markdown\n" +
        "  contour diff -f routes/ --context prod\n" +
        "  contour diff old/ new/ --traffic access.log.gz\n" +
        "  helm template . | contour diff main:rendered.yaml -\n" +
        '  KUBECTL_EXTERNAL_DIFF="contour diff" kubectl diff -f routes/',
    )
    .action(async (words: string[], flags: DiffFlags) => {
      try {
        await run(words, flags, context);
      } catch (error) {
        throw asUsageError(error);
      }
    });
}

/** Code 1 is for a difference, so when there is no answer it is 2, as for wrong usage. */
function asUsageError(cause: unknown): UsageError {
  if (cause instanceof UsageError) return cause;
  return new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
}

interface DiffFlags extends SideFlags, JudgingFlags {
  readonly output: DiffFormat;
  readonly resources: boolean;
  readonly traffic?: readonly string[];
  readonly strictRefs: boolean;
  readonly exitZero: boolean;
}

async function run(
  words: readonly string[],
  flags: DiffFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, color, exit } = context;
  if (flags.traffic?.includes("-") && [...words, ...flags.filename ?? []].includes("-")) {
    throw new UsageError("standard input is either a side or the traffic");
  }
  const { settings, envoy = defaultEnvoyOptions, plugins } = await readJudging(flags, context);
  const sides = await readSides(words, { ...flags, policyKinds: plugins?.policyKinds }, context);
  const diff = new Diff(sides.before, sides.after, {
    settings,
    strictRefs: flags.strictRefs,
    isSeen: sides.isSeen,
    plugins: plugins?.set,
  });
  const resources = flags.resources
    ? resourceChanges(diff.sides, { settings: diff.settings, envoy, plugins: plugins?.set })
    : undefined;
  const count = flags.traffic === undefined ? undefined : new TrafficCount(diff);
  if (count !== undefined) await readTraffic(flags.traffic ?? [], count, terminal);

  const { report } = diff;
  const errors = tell(diff, sides, flags, context);
  terminal.out(diffReport(flags.output, {
    report,
    ...(resources === undefined ? {} : { resources }),
    ...(count === undefined ? {} : { traffic: count.report() }),
  }, {
    paint: paintFor("out", terminal, color()),
    columns: terminal.outIsTerminal ? terminal.columns : Infinity,
    all: flags.verbose,
  }));
  // What was not read may make all the difference.
  if (errors.some(({ code }) => unreadable.has(code))) return exit(2);
  const differs = report.hosts.some(({ classes }) => classes.length > 0) ||
    (resources ?? []).length > 0;
  exit(differs && !flags.exitZero ? 1 : 0);
}

/** Documents of which nothing was seen; an object with a mistake in it says so and is left out. */
const unreadable = new Set<string>(["CTR001", "CTR012", "CTR013", "CTR014", "CTR015"]);

/** What is to be known beside the answer. Returns what is wrong. */
function tell(
  diff: Diff,
  { before, after, notes }: DiffSides,
  { verbose, output }: DiffFlags,
  { terminal, color }: CommandContext,
): readonly Diagnostic[] {
  const paint = paintFor("err", terminal, color());
  const isError = ({ severity }: Diagnostic) => severity === "error";
  const later = [...after.diagnostics.filter(isError), ...diff.problems("after")];
  const known = new Set(later.map(substance));
  const earlier = [...before.diagnostics.filter(isError), ...diff.problems("before")]
    .filter((problem) => !known.has(substance(problem)));
  for (const problem of [...earlier, ...later]) terminal.err(diagnosticLines(problem, paint));
  for (const note of notes) terminal.err(`note: ${note}\n`);
  const { assumed } = diff.report;
  if (verbose) terminal.err(assumedLines(assumed));
  else if (output === "text") terminal.err(assumedText(assumed));
  return [...earlier, ...later];
}

/** Equal for the same mistake on both sides. */
function substance(
  { code, object, path, message }: {
    readonly code: string;
    readonly object?: ObjectKey;
    readonly path: string;
    readonly message: string;
  },
): string {
  return JSON.stringify([code, object, path, message]);
}
