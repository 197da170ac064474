import { Argument, Command, Option } from "commander";
import { exampled, suggesting } from "../command_line/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import type { GivenFlags } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags } from "./judging_flags.ts";

/** `contour explain`: which rule takes a request, and why the others do not. */
export function explainCommand(context: CommandContext): Command {
  const command = new Command("explain")
    .usage("[options] [method] <url> [path...]")
    .description(
      "say which rule takes a request, and why the others do not\n\n" +
        "Reads objects and follows the request as Envoy does; with --envoy, asks an Envoy what it " +
        "runs by, and says where that is not what the objects say. The exit code is 0 when a rule " +
        "takes the request, 1 when none does or Envoy does otherwise, and 2 when something could " +
        "not be read.",
    )
    .addArgument(
      suggesting(
        new Argument(
          "[words...]",
          "method (GET if left out), URL, then files and folders; - is stdin",
        ),
        ({ words: [first], words }) => {
          if (first === undefined) return { values: methodNames };
          const isMethod = methods.some((method) => method === first.toUpperCase());
          return isMethod && words.length === 1 ? { values: [] } : { values: [], paths: "files" };
        },
      ),
    )
    .addOption(
      new Option("-H, --header <header>", 'a header as for curl: "x-version: 2"')
        .argParser((
          text: string,
          before: readonly string[] | undefined,
        ) => [...before ?? [], text]),
    )
    .addOption(
      suggesting(
        new Option("-X, --request <method>", "the method, as for curl"),
        () => ({ values: methodNames }),
      ),
    )
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      suggesting(
        new Option(
          "--envoy <admin>",
          "ask an Envoy: host:port, URL or socket of its admin interface, or a file with its dump",
        ),
        () => ({
          values: [{ value: "127.0.0.1:9001", description: "an Envoy beside us" }],
          paths: "files",
        }),
      ),
    )
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(outputs).default("text"),
    )
    .option("-v, --verbose", "show all rules that lost, and what is passed over", false);
  exampled(command, [
    "contour explain https://shop.example.com/cart/7 routes/",
    "contour explain POST shop.example.com/api -H 'x-version: 2' routes/",
    "contour explain --context prod https://shop.example.com/cart/7",
    "contour explain --envoy 127.0.0.1:9001 https://shop.example.com/ -f routes/",
    "helm template . | contour explain -o json https://shop.example.com/ -",
  ]);
  return addClusterOptions(addJudgingOptions(command), "look at", { isWhole: true })
    .action(async (words: string[], flags: ExplainFlags) => {
      const { runExplain } = await import("./explain_run.ts");
      await runExplain(words, flags, context);
    });
}

const outputs = ["text", "json"] as const;

/** What explain is told. */
export interface ExplainFlags extends GivenFlags, JudgingFlags {
  readonly header?: readonly string[];
  readonly request?: string;
  readonly filename?: readonly string[];
  readonly envoy?: string;
  readonly output: (typeof outputs)[number];
}

/** Words that are methods, in small letters too. */
export const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
] as const;

const methodNames = methods.map((value) => ({ value }));
