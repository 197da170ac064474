import { type Command, Option } from "commander";
import { paintFor, UsageError } from "../command_line/mod.ts";
import { type PolicyKinds, readRaw } from "../controller/api/mod.ts";
import { configure, envoyOptionsOf, settingsOf } from "../controller/configuration/mod.ts";
import { defaultEnvoyOptions, type EnvoyOptions } from "../controller/envoy/mod.ts";
import { furnish, type Furnishing } from "../controller/plugin/mod.ts";
import type { PluginRequest } from "../controller/plugin_host/mod.ts";
import { defaultSettings, type Settings } from "../controller/store/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { ingressClassOption, pluginOption, rootNamespacesOption } from "./flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { usedPlugins } from "./used_plugins.ts";

/** The flags that say what the operator configured, as far as it has a say in verdicts. */
export function addJudgingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--config <file>",
        "configuration file, or ContourConfiguration, of the controller",
      ),
    )
    .addOption(pluginOption())
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .option("--enable-external-name-service", "take ExternalName Services as usable")
    .addOption(new Option("--no-enable-external-name-service").hideHelp());
}

/** See {@link addJudgingOptions}. */
export interface JudgingFlags {
  readonly config?: string;
  readonly plugin?: readonly string[];
  readonly ingressClassName?: readonly string[];
  readonly rootNamespaces?: readonly string[];
  readonly enableExternalNameService?: boolean;
}

/**
 * What is configured: what `--config` says, beneath the other flags. Throws a `UsageError` when the
 * file cannot be read or used; what is wrong with it goes to standard error.
 */
export async function readJudging(
  flags: JudgingFlags,
  context: Pick<CommandContext, "terminal" | "color">,
): Promise<Judging> {
  const { requests, ...base } = flags.config === undefined
    ? { settings: defaultSettings, requests: [] }
    : await configuredBy(flags.config, context);
  const plugins = await judgedPlugins(
    [...requests, ...(flags.plugin ?? []).map((from) => ({ from }))],
    context,
  );
  const { ingressClassName, rootNamespaces, enableExternalNameService } = flags;
  return {
    ...base,
    ...(plugins === undefined ? {} : {
      plugins,
      envoy: { ...base.envoy ?? defaultEnvoyOptions, plugins: plugins.envoy },
    }),
    settings: {
      ...base.settings,
      ...(ingressClassName === undefined ? {} : { ingressClassNames: ingressClassName }),
      ...(rootNamespaces === undefined ? {} : { rootNamespaces }),
      ...(enableExternalNameService === undefined ? {} : { enableExternalNameService }),
      nowMs: Date.now(),
    },
  };
}

/** What verdicts and routes depend on beside objects. */
export interface Judging {
  readonly settings: Settings;
  /** Absent: the defaults. */
  readonly envoy?: EnvoyOptions;
  /** Absent: none. */
  readonly plugins?: JudgedPlugins;
}

/** The plugins in use, as far as they have a say in verdicts. */
export interface JudgedPlugins extends Omit<Furnishing, "diagnostics"> {
  readonly policyKinds: PolicyKinds;
}

/** What is wrong with plugins goes to standard error. */
async function judgedPlugins(
  requests: readonly PluginRequest[],
  { terminal, color }: Pick<CommandContext, "terminal" | "color">,
): Promise<JudgedPlugins | undefined> {
  const loaded = await usedPlugins(requests);
  const { set, envoy, diagnostics } = furnish(loaded.plugins);
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of [...loaded.diagnostics, ...diagnostics]) {
    terminal.err(diagnosticLines(diagnostic, paint));
  }
  return loaded.plugins.length === 0 ? undefined : { set, envoy, policyKinds: loaded.policyKinds };
}

async function configuredBy(
  path: string,
  { terminal, color }: Pick<CommandContext, "terminal" | "color">,
): Promise<Judging & { readonly requests: readonly PluginRequest[] }> {
  let text: string;
  try {
    const bytes = await Deno.readFile(path);
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new UsageError(`Cannot read the configuration file "${path}": ${reason}`, { cause });
  }
  const configured = configure({
    source: sourceOf(text, path),
    flags: {},
    namespace: "projectcontour",
  });
  if (configured.ok) {
    const { configuration, file } = configured;
    return {
      settings: settingsOf(configuration),
      envoy: envoyOptionsOf(configuration),
      requests: file?.plugins ?? [],
    };
  }
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of configured.diagnostics) {
    terminal.err(diagnosticLines(diagnostic, paint));
  }
  const [problem] = configured.problems;
  throw new UsageError(
    `Cannot use the configuration file "${path}"${problem === undefined ? "" : `: ${problem}`}`,
  );
}

/** A ContourConfiguration says what it is, and the file may lie in its ConfigMap. */
function sourceOf(
  text: string,
  name: string,
): NonNullable<Parameters<typeof configure>[0]["source"]> {
  for (const { value } of readRaw(text, name).objects) {
    if (typeof value !== "object" || value === null || !("kind" in value)) continue;
    if (value.kind === "ContourConfiguration") return { kind: "resource", value };
    if (value.kind !== "ConfigMap" || !("data" in value)) continue;
    const inside = (value.data as Readonly<Record<string, unknown>> | null)?.["contour.yaml"];
    if (typeof inside === "string") return { kind: "file", name, text: inside };
  }
  return { kind: "file", name, text };
}
