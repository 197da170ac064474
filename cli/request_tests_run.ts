import { paintFor, UsageError } from "../command_line/mod.ts";
import { Explainer } from "../explain/mod.ts";
import { withAssumed } from "../lint/mod.ts";
import { coverageOf, readRequestCases, runRequestCases } from "../request_tests/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { readGiven, seenBy } from "./given_objects.ts";
import { readJudging } from "./judging.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { type TestedFile, testReport } from "./report/test/report.ts";
import type { TestFlags } from "./request_tests.ts";
import { readTextFile } from "./text_file.ts";

/** Tries the requests, and prints which are not answered as expected. */
export async function runTests(
  paths: readonly string[],
  flags: TestFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, color, exit } = context;
  const sources = flags.filename ?? [];
  if (sources.includes("-") && paths.includes("-")) {
    throw new UsageError("standard input holds either the requests or the objects");
  }
  const judging = await readJudging(flags, context);
  const given = await readGiven(sources, flags, context, {
    policyKinds: judging.plugins?.policyKinds,
  }).catch((error) => {
    if (sources.length > 0 || !(error instanceof UsageError)) throw error;
    if (!error.message.startsWith("name at least")) throw error;
    throw new UsageError("name the objects with -f, or a cluster with --context", { cause: error });
  });
  const world = flags.strictRefs
    ? { objects: given.objects, settings: judging.settings }
    : withAssumed(given.objects, judging.settings, seenBy(given));
  const explainer = new Explainer({ ...world, locate: given.files.locate });

  const paint = paintFor("err", terminal, color());
  const problems = given.files.diagnostics.filter(({ severity }) => severity === "error");
  for (const problem of problems) terminal.err(diagnosticLines(problem, paint));
  let isUnread = problems.some(({ code }) => unreadable.has(code));
  const files: TestedFile[] = [];
  for (const path of new Set(paths)) {
    const name = path === "-" ? "<stdin>" : path;
    const text = path === "-"
      ? { ok: true as const, text: await terminal.readStdin() }
      : await readTextFile(path);
    const reading = text.ok ? readRequestCases(text.text, name) : text;
    if (reading.ok) {
      const { cases, locate } = reading;
      files.push({ file: name, results: runRequestCases(cases, { explainer, locate }) });
    } else {
      for (const problem of reading.diagnostics) terminal.err(diagnosticLines(problem, paint));
      isUnread = true;
    }
  }
  const results = files.flatMap(({ results }) => results);
  const least = flags.failUnder ?? 0;
  const coverage = flags.coverage || flags.failUnder !== undefined
    ? { ...coverageOf(explainer.rules(), results), least }
    : undefined;
  const report = { files, ...(coverage === undefined ? {} : { coverage }) };
  const look = { paint: paintFor("out", terminal, color()), all: flags.verbose };
  terminal.out(testReport(flags.output, report, look));
  if (isUnread) return exit(2);
  const isWrong = results.some(({ kind }) => kind !== "passed");
  exit(isWrong || (coverage !== undefined && coverage.percent < least) ? 1 : 0);
}

/** Files of which nothing was seen; an object with a mistake in it says so and is left out. */
const unreadable = new Set<string>(["CTR001", "CTR012", "CTR013", "CTR014", "CTR015"]);
