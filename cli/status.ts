import { Command, Option } from "commander";
import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
} from "../controller/api/mod.ts";
import {
  type FileContents,
  type FileEvent,
  readFiles,
  type SkipReason,
} from "../controller/files/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import {
  filenameOption,
  ingressClassOption,
  namespaceOption,
  recursiveOption,
  rootNamespacesOption,
  UsageError,
} from "./flags.ts";
import type { CommandContext } from "./command_context.ts";
import { byPlace, diagnosticLines, summaryLine } from "./report/diagnostics.ts";
import { statusJson, type StatusRow, statusTable, statusYaml } from "./report/statuses.ts";
import { paintFor } from "./terminal.ts";

/** `contour status`: what a cluster with these files would say of its objects. */
export function statusCommand(context: CommandContext): Command {
  return new Command("status")
    .description(
      "print the status that objects in files would get in a cluster\n\n" +
        "Problems go to standard error with file, line and column. The exit code is 0 when there\n" +
        "are none but warnings, 1 when there are errors.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(namespaceOption("default"))
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(outputs).default("table"),
    )
    .option("-v, --verbose", "also say what is passed over", false)
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .addHelpText(
      "after",
      "\nExamples:\n  contour status routes/\n  contour status -o yaml - < shop.yaml",
    )
    .action((paths: string[], flags: StatusFlags) =>
      status([...paths, ...flags.filename ?? []], flags, context)
    );
}

interface StatusFlags {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly verbose: boolean;
  readonly ingressClassName?: readonly string[];
  readonly rootNamespaces?: readonly string[];
  readonly output: (typeof outputs)[number];
}

const outputs = ["table", "yaml", "json"] as const;

async function status(
  paths: readonly string[],
  { namespace, output, verbose, ingressClassName = [], rootNamespaces = [] }: StatusFlags,
  { terminal, parts, color, exit }: CommandContext,
): Promise<void> {
  if (paths.length === 0) throw new UsageError("name at least one file or folder, or - for stdin");
  const files = await readFiles({
    paths: paths.filter((path) => path !== "-"),
    namespace,
    ...(paths.includes("-") ? { stdin: await terminal.readStdin() } : {}),
    notify: (event) => {
      if (verbose && event.kind === "skipped") terminal.err(skippedLine(event));
    },
  });
  const statuses = await parts.statuses(files.objects, {
    ingressClassNames: ingressClassName,
    rootNamespaces,
  });
  const diagnostics = placed(files, statuses)
    .filter(({ severity }) => verbose || severity !== "info");
  const rows = statusRows(files, statuses);
  terminal.out(render(rows));

  const paint = paintFor("err", terminal, color());
  for (const diagnostic of diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  if (diagnostics.length > 0) {
    const read = { files: files.fileCount, objects: files.objects.length };
    terminal.err(summaryLine(diagnostics, read));
  } else if (rows.length === 0) {
    terminal.err("No HTTPProxy found\n");
  }
  exit(diagnostics.some(({ severity }) => severity === "error") ? 1 : 0);

  function render(rows: readonly StatusRow[]): string {
    switch (output) {
      case "table":
        return statusTable(rows, paintFor("out", terminal, color()));
      case "yaml":
        return statusYaml(rows);
      case "json":
        return statusJson(rows);
    }
  }
}

/** One line for what is passed over. */
export function skippedLine({ path, reason }: Extract<FileEvent, { kind: "skipped" }>): string {
  return `${path}: passed over: ${skipReasons[reason]}\n`;
}

const skipReasons: Readonly<Record<SkipReason, string>> = {
  "hidden": "its name begins with a dot",
  "other-extension": "it is no .yaml, .yml or .json file",
  "not-a-file": "it is neither a file nor a folder",
  "broken-link": "it links to nothing",
  "link-in-circle": "it links back to a folder around it",
};

/** The problems of files and of objects; those of objects get their places. */
function placed(files: FileContents, statuses: readonly ObjectStatus[]): readonly Diagnostic[] {
  const ofObjects = statuses.flatMap(({ key, diagnostics }) =>
    diagnostics.map((diagnostic): Diagnostic => {
      const position = diagnostic.position ??
        files.locate(diagnostic.object ?? key, diagnostic.path);
      return position === undefined ? diagnostic : { ...diagnostic, position };
    })
  );
  return [...files.diagnostics, ...ofObjects].sort(byPlace);
}

/** A row for every HTTPProxy: those that are judged, and those that did not come so far. */
function statusRows(files: FileContents, statuses: readonly ObjectStatus[]): readonly StatusRow[] {
  const objects = new Map(files.objects.map((object) => [keyId(keyOf(object)), object]));
  const rows = new Map<string, StatusRow>();
  for (const { key, status } of statuses) {
    if (status === undefined) continue;
    const shown = columnsOf(objects.get(keyId(key)));
    rows.set(keyId(key), { key, ...shown, verdict: { kind: "judged", status } });
  }
  for (const { object: key, severity, message } of files.diagnostics) {
    if (key?.kind !== "HTTPProxy" || severity !== "error" || objects.has(keyId(key))) continue;
    if (rows.has(keyId(key))) continue;
    rows.set(keyId(key), {
      key,
      fqdn: "",
      tlsSecret: "",
      verdict: { kind: "rejected", reason: message },
    });
  }
  return [...rows.values()].sort((a, b) => compareKeys(a.key, b.key));
}

function columnsOf(object: KubeObject | undefined): { fqdn: string; tlsSecret: string } {
  const host = object?.kind === "HTTPProxy" ? object.spec.virtualhost : undefined;
  return { fqdn: host?.fqdn ?? "", tlsSecret: host?.tls?.secretName ?? "" };
}

function compareKeys(a: ObjectKey, b: ObjectKey): number {
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
