import { Argument, Command, Option } from "commander";
import { exampled, suggesting, UsageError } from "../command_line/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import type { SideFlags } from "./diff_sides.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import { addJudgingOptions, type JudgingFlags } from "./judging_flags.ts";
import { type DiffFormat, diffFormats } from "./report/diff/formats.ts";

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
    .addArgument(
      suggesting(
        new Argument("[words...]", "the two sides, or revisions and paths"),
        async ({ typed }) => {
          const { gitNames } = await import("./completion/git_names.ts");
          return await gitNames(typed);
        },
      ),
    )
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
  exampled(command, [
    "contour diff old/ new/",
    "contour diff main -- routes/",
    "contour diff v1.2:routes v1.3:routes -o markdown",
    "contour diff -f routes/ --context prod",
    "contour diff old/ new/ --traffic access.log.gz",
    "helm template . | contour diff main:rendered.yaml -",
    'KUBECTL_EXTERNAL_DIFF="contour diff" kubectl diff -f routes/',
  ]);
  return addClusterOptions(addJudgingOptions(command), "compare with")
    .action(async (words: string[], flags: DiffFlags) => {
      try {
        const { runDiff } = await import("./diff_run.ts");
        await runDiff(words, flags, context);
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

/** What diff is told. */
export interface DiffFlags extends SideFlags, JudgingFlags {
  readonly output: DiffFormat;
  readonly resources: boolean;
  readonly traffic?: readonly string[];
  readonly strictRefs: boolean;
  readonly exitZero: boolean;
}
