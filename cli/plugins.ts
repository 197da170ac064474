import { Command } from "commander";
import { dirname, join } from "node:path";
import { paintFor, UsageError } from "../command_line/mod.ts";
import type { Diagnostic } from "../controller/api/mod.ts";
import { readConfigurationFile } from "../controller/configuration/mod.ts";
import { checkPlugin } from "../controller/conformance/mod.ts";
import { furnish } from "../controller/plugin/mod.ts";
import type { LoadedPlugins, PluginRequest } from "../controller/plugin_host/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { pluginOption } from "./flags.ts";
import { newPlugin } from "./new_plugin.ts";
import { pluginManifests } from "./plugin_manifests.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { usedPlugins } from "./used_plugins.ts";

/** `contour plugins`: which plugins there are, and what helps to write one. */
export function pluginsCommand(context: CommandContext): Command {
  return new Command("plugins")
    .description("list the plugins in use, with the order of filters, and help to write others")
    .addOption(pluginOption())
    .option("-c, --config-path <file>", "configuration file with more of them")
    .action((flags: PluginFlags) => list(flags, context))
    .addCommand(
      new Command("crds")
        .description("print the definitions of the kinds of plugins, and the right to see them")
        .action((_: unknown, command: Command) =>
          printCrds(command.optsWithGlobals<PluginFlags>(), context)
        ),
    )
    .addCommand(
      new Command("new")
        .description("write a plugin that works, with its test")
        .argument("<name>", "its name, and that of the folder to make")
        .action((name: string) => create(name, context)),
    )
    .addCommand(
      new Command("check")
        .description("try whether a plugin keeps the contract")
        .argument("<file>", "the plugin, a file or a package")
        .action((file: string) => check(file, context)),
    );
}

interface PluginFlags {
  readonly plugin?: readonly string[];
  readonly configPath?: string;
}

async function list(flags: PluginFlags, context: CommandContext): Promise<void> {
  const { terminal, exit } = context;
  const loaded = await usedPlugins(await requestsOf(flags));
  try {
    const { envoy, diagnostics } = furnish(loaded.plugins);
    const usable = new Set(loaded.plugins.map(({ plugin }) => plugin));
    for (const { plugin: { facts }, from } of loaded.plugins) {
      const version = facts.version === undefined ? "" : ` ${facts.version}`;
      terminal.out(`${facts.name}${version} (${from}): ${facts.summary}\n`);
      for (const { name, apiVersion, field, annotations, targets } of facts.policies) {
        const ways = [
          ...(field === undefined ? [] : [`field plugins.${field}`]),
          ...(annotations.length === 0 ? [] : [`annotations ${annotations.join(", ")}`]),
        ];
        terminal.out(`  policy ${name} of ${apiVersion} for ${targets.join(", ")}\n`);
        if (ways.length > 0) terminal.out(`    also by ${ways.join(", and by ")}\n`);
      }
      for (const service of facts.services) terminal.out(`  service ${service}\n`);
      for (const rule of facts.lintRules) terminal.out(`  lint rule ${facts.name}/${rule.name}\n`);
    }
    if (usable.size === 0) terminal.out("No plugins are in use.\n");
    terminal.out("\nFilters, in the order requests pass them:\n");
    for (const stage of envoy.chain) {
      terminal.out(
        stage.kind === "role" ? `  ${stage.role}\n` : `  ${stage.filter.name} (plugin)\n`,
      );
    }
    exit(tell([...loaded.diagnostics, ...diagnostics], context));
  } finally {
    loaded.close();
  }
}

async function printCrds(flags: PluginFlags, context: CommandContext): Promise<void> {
  const loaded = await usedPlugins(await requestsOf(flags));
  try {
    context.terminal.out(pluginManifests(loaded.plugins.map(({ plugin }) => plugin)));
    context.exit(tell(loaded.diagnostics, context));
  } finally {
    loaded.close();
  }
}

async function check(file: string, context: CommandContext): Promise<void> {
  const { terminal, exit } = context;
  const paint = paintFor("out", terminal, context.color());
  const loaded: LoadedPlugins = await usedPlugins([{ from: file }]);
  try {
    const found = loaded.plugins.find(({ from }) => from === file);
    if (found === undefined) return exit(tell(loaded.diagnostics, context));
    const checks = checkPlugin(found.plugin, found.settings);
    for (const { name, failure } of checks) {
      terminal.out(
        failure === undefined
          ? `${paint.green("ok")}     ${name}\n`
          : `${paint.red("failed")} ${name}\n       ${failure}\n`,
      );
    }
    const failures = checks.filter(({ failure }) => failure !== undefined).length;
    terminal.out(
      failures === 0
        ? `${found.plugin.facts.name} keeps the contract: ${checks.length} checks\n`
        : `${failures} of ${checks.length} checks failed\n`,
    );
    exit(failures === 0 ? 0 : 1);
  } finally {
    loaded.close();
  }
}

async function create(name: string, { terminal, exit }: CommandContext): Promise<void> {
  const files = newPlugin(name);
  for (const [path, text] of files) {
    const file = join(name, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    try {
      await Deno.writeTextFile(file, text, { createNew: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      throw new UsageError(`${file} is there already`);
    }
    terminal.out(`${file}\n`);
  }
  terminal.out(`\nTry it:\n  contour plugins check ${join(name, "plugin.ts")}\n`);
  exit(0);
}

/** The plugins that flags and a configuration file ask for. Throws a `UsageError` for a bad file. */
async function requestsOf({ plugin = [], configPath }: PluginFlags): Promise<PluginRequest[]> {
  const asked = plugin.map((from) => ({ from }));
  if (configPath === undefined) return asked;
  const reading = readConfigurationFile(await Deno.readTextFile(configPath), configPath);
  if (reading.ok) return [...reading.plugins, ...asked];
  throw new UsageError(reading.diagnostics.map(({ message }) => message).join("; "));
}

/** Says what is wrong, and gives back the exit code. */
function tell(diagnostics: readonly Diagnostic[], { terminal, color }: CommandContext): number {
  const paint = paintFor("err", terminal, color());
  for (const diagnostic of diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  return diagnostics.length === 0 ? 0 : 1;
}
