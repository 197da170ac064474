import { Command, Option } from "commander";
import { dirname, resolve } from "node:path";
import { paintFor, parsed, UsageError } from "../command_line/mod.ts";
import type { Diagnostic } from "../controller/api/mod.ts";
import type { RunningPlugin } from "../controller/plugin/mod.ts";
import { type FileEvent, readFiles } from "../controller/files/mod.ts";
import {
  type Conversion,
  conversionReport,
  convert,
  type ConvertOptions,
  type Dialect,
  dialects,
  type ReportFormat,
  reportFormats,
  type SourceFile,
  writeRequestTests,
} from "../convert/mod.ts";
import {
  addClusterOptions,
  asksForCluster,
  type ClusterAccessFlags,
  scopeOption,
} from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { filenameOption, pluginOption, recursiveOption } from "./flags.ts";
import { byPlace, diagnosticLines } from "./report/diagnostics.ts";
import { skippedLine } from "./skipped_line.ts";
import { usedPlugins } from "./used_plugins.ts";

/** `contour convert`: HTTPProxies of Ingresses and IngressRoutes. */
export function convertCommand(context: CommandContext): Command {
  const command = new Command("convert")
    .description(
      "make HTTPProxies of Ingresses and IngressRoutes\n\n" +
        "Writes YAML to standard output, with comments where something is not as it " +
        "was, and a report of that to standard error. Services and ConfigMaps among the " +
        "files are looked at. The exit code is 0, with --strict 1 when something is lost, " +
        "and 2 when something could not be read. With a cluster and no files the Ingresses of the cluster " +
        "are converted; with files, its Services are looked at.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to write objects").choices(["yaml", "json"])
        .default("yaml"),
    )
    .option("--out-dir <folder>", "write a file there for each file read")
    .addOption(
      new Option(
        "--provider <name>",
        "whose rules Ingresses follow; found out for each if left out",
      )
        .choices(dialects),
    )
    .option("--ingress-class <name>", "convert Ingresses of this class alone")
    .option("--target-class <name>", "class of the HTTPProxies")
    .addOption(listOption("--host <name>", "host that rules without a host are for"))
    .addOption(secretOption("--default-certificate", "Secret of hosts whose TLS names none"))
    .addOption(secretOption("--nginx-configmap", "ConfigMap of ingress-nginx, among what is read"))
    .option(
      "--open-unprotected",
      "let everybody in where access control is lost, in place of answering 403",
      false,
    )
    .option("--policies", "let plugins make policies of the annotations that they know", false)
    .addOption(pluginOption())
    .option("--report <file>", "write the report there")
    .addOption(
      new Option("--report-format <format>", "how to write it; by the name of the file, else text")
        .choices(reportFormats),
    )
    .option("--tests <file>", "write requests and what has to become of them")
    .option("--strict", "exit with 1 when something is lost or unknown", false)
    .option("-q, --quiet", "no report on standard error", false)
    .option("-v, --verbose", "report what is kept, too", false);
  return addClusterOptions(command, "convert the Ingresses of")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour convert ingress.yaml > httpproxy.yaml\n" +
        "  contour convert --out-dir proxies --report report.md ingresses/\n" +
        "  contour convert --strict --provider ingress-nginx -f ingress.yaml -f services.yaml\n" +
        "  contour convert -A --out-dir proxies\n" +
        "  contour convert --context prod -n web -l app=shop",
    )
    .action((paths: string[], flags: ConvertFlags) =>
      run([...paths, ...flags.filename ?? []], flags, context)
    );
}

interface ConvertFlags extends ClusterAccessFlags {
  readonly filename?: readonly string[];
  readonly output: "yaml" | "json";
  readonly outDir?: string;
  readonly provider?: Dialect;
  readonly ingressClass?: string;
  readonly targetClass?: string;
  readonly host?: readonly string[];
  readonly defaultCertificate?: string;
  readonly nginxConfigmap?: string;
  readonly openUnprotected: boolean;
  readonly policies: boolean;
  readonly plugin?: readonly string[];
  readonly report?: string;
  readonly reportFormat?: ReportFormat;
  readonly tests?: string;
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

async function run(
  paths: readonly string[],
  flags: ConvertFlags,
  context: CommandContext,
): Promise<void> {
  if (paths.length === 0 && !asksForCluster(flags)) {
    throw new UsageError(
      "name at least one file or folder, or - for stdin, or a cluster (--context)",
    );
  }
  const { terminal, color, exit } = context;
  const { sources, unreadable } = await read(paths, flags, context);
  const plugins = await convertingPlugins(flags, context);
  const conversion = convert(sources, { ...convertOptions(flags), plugins });
  const inputs = new Set(sources.map(({ file }) => resolve(file)));
  for (const { file, text } of conversion.files) {
    if (flags.outDir === undefined) terminal.out(text);
    else await write(file, text, inputs);
  }
  // Whoever reads JSON gets some, whatever there was.
  if (flags.output === "json" && flags.outDir === undefined && conversion.files.length === 0) {
    terminal.out(
      `${JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }, undefined, 2)}\n`,
    );
  }
  const diagnostics = [...unreadable, ...conversion.diagnostics].sort(byPlace);
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  await report(conversion, flags, inputs, context);
  if (flags.tests !== undefined) {
    await write(flags.tests, writeRequestTests(conversion.tests), inputs);
  }
  const isLossy = conversion.notes.some(({ verdict }) =>
    verdict === "lost" || verdict === "unknown"
  );
  if (diagnostics.some(({ severity }) => severity === "error")) return exit(2);
  exit(flags.strict && isLossy ? 1 : 0);
}

/** None unless they are asked for: a cluster has to know the kinds of their policies. */
async function convertingPlugins(
  { policies, plugin = [] }: ConvertFlags,
  { terminal, color }: CommandContext,
): Promise<readonly RunningPlugin[]> {
  if (!policies && plugin.length === 0) return [];
  const loaded = await usedPlugins(plugin.map((from) => ({ from })));
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of loaded.diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  return loaded.plugins.map(({ plugin }) => plugin);
}

async function read(
  paths: readonly string[],
  flags: ConvertFlags,
  { terminal }: CommandContext,
): Promise<
  { readonly sources: readonly SourceFile[]; readonly unreadable: readonly Diagnostic[] }
> {
  const { namespace = "default", verbose } = flags;
  const texts = new Map<string, string>();
  const { diagnostics } = await readFiles({
    paths: paths.filter((path) => path !== "-"),
    namespace,
    ...(paths.includes("-") ? { stdin: await terminal.readStdin() } : {}),
    notify: (event: FileEvent) => {
      if (verbose && event.kind === "skipped") terminal.err(skippedLine(event));
    },
    onText: (file, text) => texts.set(file, text),
  });
  const live = asksForCluster(flags) ? await readLive(paths.length === 0, flags, terminal) : [];
  const sources = [...texts].map(([file, text]) => ({ file, text })).concat(live)
    .sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : 0);
  // What stands in files that were read is judged by the rules of older kinds.
  const unreadable = diagnostics.filter(({ position }) =>
    position === undefined || !texts.has(position.file)
  );
  return { sources, unreadable };
}

/** The objects of a cluster as files; without its Ingresses where those of files are converted. */
async function readLive(
  isConverted: boolean,
  flags: ConvertFlags,
  { err }: CommandContext["terminal"],
): Promise<readonly SourceFile[]> {
  const { forbiddenLines, legacyKinds, readClusterObjects } = await import("./cluster_objects.ts");
  const cluster = await readClusterObjects(flags, {
    needed: ["Ingress"],
    kinds: ["Ingress", "Service", "ConfigMap", "TLSCertificateDelegation"],
    others: legacyKinds,
  });
  err(forbiddenLines(cluster, flags));
  const beside = cluster.texts(["Service", "ConfigMap", "TLSCertificateDelegation"]);
  return isConverted
    ? [...cluster.texts(["Ingress", "IngressRoute"], { isChosen: true }), ...beside]
    : beside;
}

function convertOptions(flags: ConvertFlags): Parameters<typeof convert>[1] {
  const { namespace = "default", output, openUnprotected } = flags;
  const options: { -readonly [Name in keyof ConvertOptions]: ConvertOptions[Name] } = {
    namespace,
    openUnprotected,
  };
  if (flags.provider !== undefined) options.provider = flags.provider;
  if (flags.ingressClass !== undefined) options.ingressClass = flags.ingressClass;
  if (flags.targetClass !== undefined) options.targetClass = flags.targetClass;
  if (flags.host !== undefined) options.hosts = flags.host;
  if (flags.defaultCertificate !== undefined) options.defaultCertificate = flags.defaultCertificate;
  if (flags.nginxConfigmap !== undefined) options.nginxConfigMap = flags.nginxConfigmap;
  return {
    ...options,
    format: output,
    ...(flags.outDir === undefined ? {} : { outDir: flags.outDir.replace(/(?<=.)\/+$/, "") }),
  };
}

async function report(
  conversion: Conversion,
  { report, reportFormat, quiet, verbose }: ConvertFlags,
  inputs: ReadonlySet<string>,
  { terminal }: CommandContext,
): Promise<void> {
  if (report === undefined) {
    const format = reportFormat ?? "text";
    if (!quiet) terminal.err(conversionReport(conversion, format, { all: verbose }));
    return;
  }
  const format = reportFormat ??
    (report.endsWith(".json") ? "json" : /\.(md|markdown)$/.test(report) ? "markdown" : "text");
  await write(report, conversionReport(conversion, format, { all: verbose }), inputs);
  if (quiet) return;
  const brief = conversionReport({ ...conversion, notes: conversion.notes }, "text").trimEnd();
  terminal.err(`${brief.slice(brief.lastIndexOf("\n") + 1)}\n`);
}

/** Writes a file, with the folders above it. What was read is never written over. */
async function write(file: string, text: string, inputs: ReadonlySet<string>): Promise<void> {
  if (inputs.has(resolve(file))) {
    throw new UsageError(`"${file}" is a file that was read: name another place`);
  }
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, text);
}

function listOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    parsed((text: string) => [...text.split(",").map((name) => name.trim().toLowerCase())]),
  );
}

function secretOption(flag: string, description: string): Option {
  return new Option(`${flag} <ns/name>`, description).argParser(parsed((text: string) => {
    if (/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*$/.test(text)) return text;
    throw new RangeError("A namespace and a name are needed, such as web/shop-tls");
  }));
}
