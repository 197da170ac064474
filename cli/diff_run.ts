import { paintFor, UsageError } from "../command_line/mod.ts";
import type { Diagnostic, ObjectKey } from "../controller/api/mod.ts";
import { defaultEnvoyOptions } from "../controller/envoy/mod.ts";
import { Diff, resourceChanges, TrafficCount } from "../diff/mod.ts";
import type { CommandContext } from "./command_context.ts";
import type { DiffFlags } from "./diff.ts";
import { type DiffSides, readSides } from "./diff_sides.ts";
import { readJudging } from "./judging.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { diffReport } from "./report/diff/report.ts";
import { assumedLines, assumedText } from "./report/diff/assumed.ts";
import { readTraffic } from "./traffic_files.ts";

/** Compares the two sides, and prints what differs. */
export async function runDiff(
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
