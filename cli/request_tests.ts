import { Command, InvalidArgumentError, Option } from "commander";
import { exampled } from "../command_line/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import type { GivenFlags } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags } from "./judging_flags.ts";
import { type TestFormat, testFormats } from "./report/test/formats.ts";

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
  exampled(command, [
    "contour test requests.yaml -f routes/",
    "contour test --coverage --fail-under 90 -f routes/ requests/*.yaml",
    "contour test requests.yaml --context prod",
    "contour convert --tests requests.yaml ingress.yaml | contour test requests.yaml -f -",
  ]);
  return addClusterOptions(addJudgingOptions(command), "try them on", { isWhole: true })
    .action(async (files: string[], flags: TestFlags) => {
      const { runTests } = await import("./request_tests_run.ts");
      await runTests(files, flags, context);
    });
}

/** What test is told. */
export interface TestFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly output: TestFormat;
  readonly coverage: boolean;
  readonly failUnder?: number;
  readonly strictRefs: boolean;
}

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ""));
  if (text !== "" && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError("A percentage is needed, from 0 to 100");
}
