import type { PolicyKind } from "../api/mod.ts";
import { input } from "../query/mod.ts";
import type { RunningPlugin } from "./calls.ts";
import type { PolicyFacts } from "./facts.ts";

/** The plugins in use, for the engine; absent: none. Set once, before anything else. */
export const pluginsInput = input<"plugins", PluginSet>("plugins");

/** A kind of policy, and how its plugin is asked about it. */
export interface InstalledPolicy {
  readonly plugin: RunningPlugin;
  /** Its place in the list of the plugin. */
  readonly index: number;
  readonly facts: PolicyFacts;
}

/** What the engine looks up of plugins. */
export interface PluginSet {
  /** In the order of the plugins, and in that of each. */
  readonly policies: readonly InstalledPolicy[];
  readonly byField: ReadonlyMap<string, InstalledPolicy>;
  readonly byKind: ReadonlyMap<PolicyKind, InstalledPolicy>;
  /** Names of filters that are in the chain. */
  readonly filters: ReadonlySet<string>;
  readonly plugins: readonly ConfiguredPlugin[];
}

/** A plugin with the settings of the administrator. */
export interface ConfiguredPlugin {
  readonly plugin: RunningPlugin;
  readonly settings: unknown;
}

/** The set of these plugins, no two of which have a name, field or kind in common. */
export function pluginSet(
  plugins: readonly ConfiguredPlugin[],
  filters: ReadonlySet<string>,
): PluginSet {
  const policies = plugins.flatMap(({ plugin }) =>
    plugin.facts.policies.map((facts, index) => ({ plugin, index, facts }))
  );
  return {
    policies,
    byField: new Map(
      policies.flatMap((policy) =>
        policy.facts.field === undefined ? [] : [[policy.facts.field, policy]]
      ),
    ),
    byKind: new Map(policies.map((policy) => [policy.facts.kind, policy])),
    filters,
    plugins,
  };
}
