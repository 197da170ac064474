import { Command, Option } from "commander";
import { readFiles } from "../controller/files/mod.ts";
import { type AskedRequest, Explainer, parseAsked } from "../explain/mod.ts";
import type { CommandContext } from "./command_context.ts";
import {
  filenameOption,
  ingressClassOption,
  namespaceOption,
  recursiveOption,
  rootNamespacesOption,
  UsageError,
} from "./flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { explanationJson } from "./report/explain/json.ts";
import { explanationText } from "./report/explain/text.ts";
import { skippedLine } from "./status.ts";
import { paintFor } from "./terminal.ts";

/** `contour explain`: which rule of objects in files takes a request, and why the others do not. */
export function explainCommand(context: CommandContext): Command {
  return new Command("explain")
    .usage("[options] [method] <url> [path...]")
    .description(
      "say which rule takes a request, and why the others do not\n\n" +
        "Reads objects from files and follows the request as Envoy does. The exit code is 0 when a\n" +
        "rule takes the request, 1 when none does, and 2 when something could not be read.",
    )
    .argument("<words...>", "method (GET if left out), URL, then files and folders; - is stdin")
    .addOption(
      new Option("-H, --header <header>", 'a header as for curl: "x-version: 2"')
        .argParser((
          text: string,
          before: readonly string[] | undefined,
        ) => [...before ?? [], text]),
    )
    .option("-X, --request <method>", "the method, as for curl")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(namespaceOption("default"))
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(outputs).default("text"),
    )
    .option("-v, --verbose", "show all rules that lost, and what is passed over", false)
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .option("--enable-external-name-service", "take ExternalName Services as usable", false)
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour explain https://shop.example.com/cart/7 routes/\n" +
        "  contour explain POST shop.example.com/api -H 'x-version: 2' routes/\n" +
        "  helm template . | contour explain -o json https://shop.example.com/ -",
    )
    .action((words: string[], flags: ExplainFlags) => run(words, flags, context));
}

const outputs = ["text", "json"] as const;

interface ExplainFlags {
  readonly header?: readonly string[];
  readonly request?: string;
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly output: (typeof outputs)[number];
  readonly verbose: boolean;
  readonly ingressClassName?: readonly string[];
  readonly rootNamespaces?: readonly string[];
  readonly enableExternalNameService: boolean;
}

async function run(
  words: readonly string[],
  flags: ExplainFlags,
  { terminal, color, exit }: CommandContext,
): Promise<void> {
  const { asked, rest } = questionOf(words, flags);
  const paths = [...rest, ...flags.filename ?? []];
  if (paths.length === 0) throw new UsageError("name at least one file or folder, or - for stdin");
  const files = await readFiles({
    paths: paths.filter((path) => path !== "-"),
    namespace: flags.namespace,
    ...(paths.includes("-") ? { stdin: await terminal.readStdin() } : {}),
    notify: (event) => {
      if (flags.verbose && event.kind === "skipped") terminal.err(skippedLine(event));
    },
  });
  const explanation = new Explainer({
    objects: files.objects,
    locate: files.locate,
    settings: {
      ingressClassNames: flags.ingressClassName ?? [],
      rootNamespaces: flags.rootNamespaces ?? [],
      enableExternalNameService: flags.enableExternalNameService,
      nowMs: Date.now(),
    },
  }).explain(asked);
  switch (flags.output) {
    case "text": {
      const paint = paintFor("out", terminal, color());
      const columns = terminal.outIsTerminal ? terminal.columns : Infinity;
      terminal.out(explanationText(explanation, { paint, columns, all: flags.verbose }));
      break;
    }
    case "json":
      terminal.out(explanationJson(explanation));
  }
  const paint = paintFor("err", terminal, color());
  const errors = files.diagnostics.filter(({ severity }) => severity === "error");
  for (const diagnostic of errors) terminal.err(diagnosticLines(diagnostic, paint));
  // A rule may stand in what could not be read.
  if (errors.some(({ code }) => unreadable.has(code))) return exit(2);
  exit(explanation.outcome.kind === "none" ? 1 : 0);
}

/** Files of which nothing was seen; an object with a mistake in it says so and is left out. */
const unreadable = new Set<string>(["CTR001", "CTR013", "CTR015"]);

/** The words before the files: a method, which consists of letters alone, and a URL. */
function questionOf(
  words: readonly string[],
  { request, header }: ExplainFlags,
): { readonly asked: AskedRequest; readonly rest: readonly string[] } {
  const [first = "", second] = words;
  const hasMethod = /^[A-Z]+$/.test(first) || methods.has(first.toUpperCase());
  const [url, rest] = hasMethod ? [second, words.slice(2)] : [first, words.slice(1)];
  if (url === undefined) throw new UsageError(`name a URL behind the method ${first}`);
  const method = request ?? (hasMethod ? first.toUpperCase() : undefined);
  try {
    const asked = parseAsked({
      url,
      ...(method === undefined ? {} : { method }),
      ...(header === undefined ? {} : { headers: header }),
    });
    return { asked, rest };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]);
