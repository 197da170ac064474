import { Command, InvalidArgumentError, Option } from "commander";
import { paintFor, UsageError } from "../command_line/mod.ts";
import { Explainer } from "../explain/mod.ts";
import { withAssumed } from "../lint/mod.ts";
import { coverageOf, readRequestCases, runRequestCases } from "../request_tests/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import { type GivenFlags, readGiven, seenBy } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags, readJudging } from "./judging_flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { type TestedFile, type TestFormat, testFormats, testReport } from "./report/test/report.ts";
import { readTextFile } from "./text_file.ts";

/** `contour test`: requests and what has to become of them, tried on objects. */
export function testCommand(context: CommandContext): Command {
  const command = new Command("test")
    .usage("[options] <file...>")
    .description(
      "try requests on objects, and compare what becomes of them\n\n" +
        "Each file holds requests and what has to become of them, as convert --tests writes them. " +
        "They are followed through the objects of -f, or of a cluster, as Envoy would. The exit " +
        "code is 0 when all is as expected, 1 when something is not or too little was tried, and " +
        "2 when something could not be read.",
    )
    .argument("<file...>", "files of requests; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(testFormats).default("text"),
    )
    .option("--coverage", "also say which routes no request reaches", false)
    .addOption(
      new Option("--fail-under <percent>", "how much of the routes requests have to reach")
        .argParser(parsePercent),
    )
    .option(
      "--strict-refs",
      "take a Service or Secret that the files do not hold for missing",
      false,
    )
    .option("-v, --verbose", "also tell what passes, and what is passed over", false);
  return addClusterOptions(addJudgingOptions(command), "try them on")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour test requests.yaml -f routes/\n" +
        "  contour test --coverage --fail-under 90 -f routes/ requests/*.yaml\n" +
        "  contour test requests.yaml --context prod\n" +
        "  contour convert --tests requests.yaml ingress.yaml | contour test requests.yaml -f -",
    )
    .action((files: string[], flags: TestFlags) => run(files, flags, context));
}

interface TestFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly output: TestFormat;
  readonly coverage: boolean;
  readonly failUnder?: number;
  readonly strictRefs: boolean;
}

async function run(
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

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ""));
  if (text !== "" && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError("A percentage is needed, from 0 to 100");
}
