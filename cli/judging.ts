import { paintFor, UsageError } from "../command_line/mod.ts";
import { type PolicyKinds, readRaw } from "../controller/api/mod.ts";
import { configure, envoyOptionsOf, settingsOf } from "../controller/configuration/mod.ts";
import { defaultEnvoyOptions, type EnvoyOptions } from "../controller/envoy/mod.ts";
import { furnish, type Furnishing } from "../controller/plugin/mod.ts";
import type { PluginRequest } from "../controller/plugin_host/mod.ts";
import { defaultSettings, type Settings } from "../controller/store/mod.ts";
import type { CommandContext } from "./command_context.ts";
import type { JudgingFlags } from "./judging_flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { usedPlugins } from "./used_plugins.ts";

/**
 * What is configured: what `--config` says, beneath the other flags. Throws a `UsageError` when the
 * file cannot be read or used; what is wrong with it goes to standard error.
 */
export async function readJudging(
  flags: JudgingFlags,
  context: JudgingContext,
): Promise<Judging> {
  const { requests, ...base } = await configuredAs(flags, context);
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

/**
 * What `--config` or `--contour-config-name` says, the defaults without them, and the plugins that it
 * asks for. Throws as {@link readJudging} does.
 */
export async function configuredAs(
  flags: JudgingFlags,
  context: JudgingContext,
): Promise<Configured> {
  const { config, contourConfigName } = flags;
  if (config !== undefined) return await configuredByFile(config, context);
  if (contourConfigName !== undefined) {
    return await configuredByResource(contourConfigName, flags, context);
  }
  return { settings: defaultSettings, requests: [] };
}

/** See {@link configuredAs}. */
export interface Configured extends Judging {
  readonly requests: readonly PluginRequest[];
}

/** Whom to ask for a ContourConfiguration, and where to say what is wrong. */
export type JudgingContext = Pick<CommandContext, "terminal" | "color" | "parts">;

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

async function configuredByFile(path: string, context: JudgingContext): Promise<Configured> {
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
  return configuredBySource(sourceOf(text, path), `configuration file "${path}"`, context);
}

async function configuredByResource(
  written: string,
  flags: JudgingFlags,
  context: JudgingContext,
): Promise<Configured> {
  const { terminal, parts } = context;
  const { accessFlags } = await import("./cluster_objects.ts");
  const [, namespace = terminal.env("CONTOUR_NAMESPACE") || "projectcontour", name = ""] =
    /^(?:([^/]+)\/)?([^/]+)$/.exec(written) ?? [];
  if (name === "") {
    throw new UsageError(
      `"${written}" is no name of a ContourConfiguration: contour, or ns/contour`,
    );
  }
  const key = { namespace, name };
  const value = await parts.contourConfiguration(await accessFlags(flags), key).catch((cause) => {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const what = `ContourConfiguration "${namespace}/${name}"`;
  return configuredBySource({ kind: "resource", value }, what, context);
}

function configuredBySource(
  source: ConfigurationSource,
  what: string,
  { terminal, color }: JudgingContext,
): Configured {
  const configured = configure({ source, flags: {}, namespace: "projectcontour" });
  if (configured.ok) {
    const { configuration, plugins } = configured;
    return {
      settings: settingsOf(configuration),
      envoy: envoyOptionsOf(configuration),
      requests: plugins,
    };
  }
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of configured.diagnostics) {
    terminal.err(diagnosticLines(diagnostic, paint));
  }
  const [problem] = configured.problems;
  throw new UsageError(`Cannot use the ${what}${problem === undefined ? "" : `: ${problem}`}`);
}

type ConfigurationSource = NonNullable<Parameters<typeof configure>[0]["source"]>;

/** A ContourConfiguration says what it is, and the file may lie in its ConfigMap. */
function sourceOf(
  text: string,
  name: string,
): ConfigurationSource {
  for (const { value } of readRaw(text, name).objects) {
    if (typeof value !== "object" || value === null || !("kind" in value)) continue;
    if (value.kind === "ContourConfiguration") return { kind: "resource", value };
    if (value.kind !== "ConfigMap" || !("data" in value)) continue;
    const inside = (value.data as Readonly<Record<string, unknown>> | null)?.["contour.yaml"];
    if (typeof inside === "string") return { kind: "file", name, text: inside };
  }
  return { kind: "file", name, text };
}
