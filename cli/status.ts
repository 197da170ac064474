import { Command, Option } from "commander";
import { paintFor } from "../command_line/mod.ts";
import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
} from "../controller/api/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import { addClusterOptions, scopeOption } from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, recursiveOption } from "./flags.ts";
import { type GivenFlags, type GivenObjects, readGiven } from "./given_objects.ts";
import { addJudgingOptions, type JudgingFlags, readJudging } from "./judging_flags.ts";
import { byPlace, diagnosticLines, summaryLine } from "./report/diagnostics.ts";
import { statusJson, type StatusRow, statusTable, statusYaml } from "./report/statuses.ts";

/** `contour status`: what a cluster with these files would say of its objects. */
export function statusCommand(context: CommandContext): Command {
  const command = new Command("status")
    .description(
      "print the status that objects in files would get in a cluster\n\n" +
        "Problems go to standard error with file, line and column. The exit code is 0 when there " +
        "are none but warnings, 1 when there are errors. With a cluster files are looked at as " +
        "they would stand in it; without files its own objects are.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(outputs).default("table"),
    )
    .option("-v, --verbose", "also say what is passed over", false);
  return addClusterOptions(addJudgingOptions(command))
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour status routes/\n" +
        "  contour status -o yaml - < shop.yaml\n" +
        "  contour status --context prod routes/",
    )
    .action((paths: string[], flags: StatusFlags) =>
      status([...paths, ...flags.filename ?? []], flags, context)
    );
}

interface StatusFlags extends GivenFlags, JudgingFlags {
  readonly filename?: readonly string[];
  readonly output: (typeof outputs)[number];
}

const outputs = ["table", "yaml", "json"] as const;

async function status(
  paths: readonly string[],
  flags: StatusFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, parts, color, exit } = context;
  const { output, verbose } = flags;
  const { settings, plugins } = await readJudging(flags, context);
  const given = await readGiven(paths, flags, context, { policyKinds: plugins?.policyKinds });
  const subjects = new Set(given.subjects.map((object) => keyId(keyOf(object))));
  const statuses = (await parts.statuses(given.objects, settings, plugins))
    .filter(({ key }) => subjects.has(keyId(key)));
  const diagnostics = placed(given, statuses)
    .filter(({ severity }) => verbose || severity !== "info");
  const rows = statusRows(given, statuses);
  terminal.out(render(rows));

  const paint = paintFor("err", terminal, color());
  for (const diagnostic of diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  if (diagnostics.length > 0) {
    const read = { files: given.files.fileCount, objects: given.subjects.length };
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

/** The problems of files and of objects; those of objects get their places. */
function placed(
  { files, diagnostics }: GivenObjects,
  statuses: readonly ObjectStatus[],
): readonly Diagnostic[] {
  const ofObjects = statuses.flatMap(({ key, diagnostics }) =>
    diagnostics.map((diagnostic): Diagnostic => {
      const position = diagnostic.position ??
        files.locate(diagnostic.object ?? key, diagnostic.path);
      return position === undefined ? diagnostic : { ...diagnostic, position };
    })
  );
  return [...diagnostics, ...ofObjects].sort(byPlace);
}

/** A row for every HTTPProxy: those that are judged, and those that did not come so far. */
function statusRows(
  { diagnostics, subjects }: GivenObjects,
  statuses: readonly ObjectStatus[],
): readonly StatusRow[] {
  const objects = new Map(subjects.map((object) => [keyId(keyOf(object)), object]));
  const rows = new Map<string, StatusRow>();
  for (const { key, status } of statuses) {
    if (status === undefined) continue;
    const shown = columnsOf(objects.get(keyId(key)));
    rows.set(keyId(key), { key, ...shown, verdict: { kind: "judged", status } });
  }
  for (const { object: key, severity, message } of diagnostics) {
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
