import { Command, Option } from "commander";
import { exampled } from "../command_line/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import type { GivenFlags } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags } from "./judging_flags.ts";

/** `contour status`: what a cluster with these files would say of its objects. */
export function statusCommand(context: CommandContext): Command {
  const command = new Command("status")
    .description(
      "print the status that objects in files would get in a cluster\n\n" +
        "Problems go to standard error with file, line and column. The exit code is 0 when there " +
        "are none but warnings, 1 when there are errors. With a cluster files are looked at as " +
        "they would stand in it; without files its own objects are, with what an Envoy refuses.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(outputs).default("table"),
    )
    .option(
      "--serving <address>",
      "ask a running controller, which knows what its Envoys refuse: the address of its debug pages",
    )
    .option("-v, --verbose", "also say what is passed over", false);
  exampled(command, [
    "contour status routes/",
    "contour status -o yaml - < shop.yaml",
    "contour status --context prod routes/",
    "contour status --serving 127.0.0.1:8000",
  ]);
  return addClusterOptions(addJudgingOptions(command))
    .action(async (paths: string[], flags: StatusFlags) => {
      const { runStatus } = await import("./status_run.ts");
      await runStatus([...paths, ...flags.filename ?? []], flags, context);
    });
}

/** What status is told. */
export interface StatusFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly serving?: string;
  readonly output: (typeof outputs)[number];
}

const outputs = ["table", "yaml", "json"] as const;
