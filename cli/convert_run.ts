import { dirname, resolve } from "node:path";
import { paintFor, UsageError } from "../command_line/mod.ts";
import type { Diagnostic, KubeObject } from "../controller/api/mod.ts";
import type { RunningPlugin } from "../controller/plugin/mod.ts";
import type { PluginRequest } from "../controller/plugin_host/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import { type FileEvent, readFiles } from "../controller/files/mod.ts";
import {
  type Conversion,
  conversionReport,
  convert,
  type ConvertOptions,
  type SourceFile,
  writeRequestTests,
} from "../convert/mod.ts";
import { asksForCluster } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import type { ConvertFlags } from "./convert.ts";
import { configuredFindings, losesPlainHttp } from "./convert_configured.ts";
import { configuredAs } from "./judging.ts";
import { byPlace, diagnosticLines } from "./report/diagnostics.ts";
import { skippedLine } from "./skipped_line.ts";
import { usedPlugins } from "./used_plugins.ts";

/** Converts what is given, and writes it with the report of what changes. */
export async function runConvert(
  paths: readonly string[],
  flags: ConvertFlags,
  context: CommandContext,
): Promise<void> {
  if (paths.length === 0 && !asksForCluster(flags)) {
    throw new UsageError(
      "name at least one file or folder, or - for stdin, or a cluster (--context)",
    );
  }
  if (paths.length > 0 && flags.selector !== undefined) {
    throw new UsageError("-l chooses among the Ingresses of a cluster: leave the files out");
  }
  const { terminal, color, exit } = context;
  const configured = await configuredAs(flags, context);
  const { sources, unreadable, objects } = await read(paths, flags, context);
  const plugins = await convertingPlugins(flags, configured.requests, context);
  // A controller that answers to classes passes over what has none of them.
  const [targetClass] = flags.targetClass === undefined
    ? configured.settings.ingressClassNames
    : [flags.targetClass];
  const conversion = convert(sources, {
    ...convertOptions(flags),
    ...(targetClass === undefined ? {} : { targetClass }),
    plugins,
  });
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
  const isRefused = isConfigured(flags) &&
    tellConfigured(conversion, configured.settings, objects, context);
  const isLossy = isRefused ||
    conversion.notes.some(({ verdict }) => verdict === "lost" || verdict === "unknown");
  if (diagnostics.some(({ severity }) => severity === "error")) return exit(2);
  exit(flags.strict && isLossy ? 1 : 0);
}

function isConfigured({ config, contourConfigName }: ConvertFlags): boolean {
  return config !== undefined || contourConfigName !== undefined;
}

/** Says what the controller will not serve as it is configured. Returns whether there is something. */
function tellConfigured(
  conversion: Conversion,
  settings: Settings,
  beside: readonly KubeObject[],
  { terminal, color }: CommandContext,
): boolean {
  const paint = paintFor("err", terminal, color());
  const findings = configuredFindings(conversion, settings, beside);
  for (const finding of findings) {
    const message = `as the controller is configured: ${finding.message}`;
    terminal.err(diagnosticLines({ ...finding, message }, paint));
  }
  const isPlainLost = losesPlainHttp(conversion, settings);
  if (isPlainLost) {
    terminal.err(
      "note: the controller is configured with disablePermitInsecure: hosts with TLS answer HTTP with a redirect\n",
    );
  }
  return isPlainLost || findings.length > 0;
}

/** None unless they are asked for: a cluster has to know the kinds of their policies. */
async function convertingPlugins(
  { policies, plugin = [] }: ConvertFlags,
  configured: readonly PluginRequest[],
  { terminal, color }: CommandContext,
): Promise<readonly RunningPlugin[]> {
  if (!policies && plugin.length === 0) return [];
  const loaded = await usedPlugins([...configured, ...plugin.map((from) => ({ from }))]);
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of loaded.diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  return loaded.plugins.map(({ plugin }) => plugin);
}

async function read(
  paths: readonly string[],
  flags: ConvertFlags,
  { terminal }: CommandContext,
): Promise<{
  readonly sources: readonly SourceFile[];
  readonly unreadable: readonly Diagnostic[];
  /** Those of files that the controller knows. */
  readonly objects: readonly KubeObject[];
}> {
  const { namespace = "default", verbose } = flags;
  const texts = new Map<string, string>();
  const { diagnostics, objects } = await readFiles({
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
  return { sources, unreadable, objects };
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
  try {
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotADirectory ||
        cause instanceof Deno.errors.AlreadyExists
      ? "a file is in the way of its folder"
      : cause instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : cause instanceof Deno.errors.IsADirectory
      ? "it is a folder"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new UsageError(`Cannot write "${file}": ${reason}`, { cause });
  }
}
