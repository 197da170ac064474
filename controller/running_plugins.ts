import type { Logger, Verdict } from "./admin/mod.ts";
import type { Diagnostic, PolicyKinds } from "./api/mod.ts";
import type { EnvoyOptions } from "./envoy/mod.ts";
import { type EnvoyReach, type FeedChange, furnish, type PluginSet } from "./plugin/mod.ts";
import { type LoadedPlugins, noPlugins, startServices } from "./plugin_host/mod.ts";

/** The plugins of a controller, as its parts need them. */
export interface RunningPlugins {
  readonly set: PluginSet;
  /** What they add for all hosts; empty where there is no plugin. */
  readonly envoy: Pick<EnvoyOptions, "plugins">;
  readonly policyKinds: PolicyKinds;
  /** Whether one looks at annotations of Namespaces. */
  readonly needsNamespaces: boolean;
  /** Plugins that cannot be used. */
  readonly diagnostics: readonly Diagnostic[];
  readonly feed: (changes: ReadonlyMap<string, FeedChange>) => void;
  readonly metrics: () => Promise<string>;
  /** What the services add to how well everything is. */
  readonly health: (verdict: Verdict) => Verdict;
  /** Resolves when nothing is left of them, after the signal. */
  readonly ended: () => Promise<void>;
}

/** Starts the services of plugins, builds their filters, and tells of those that cannot be used. */
export async function runPlugins(
  loaded: LoadedPlugins = noPlugins,
  { log, signal, envoys }: {
    readonly log: Logger;
    readonly signal: AbortSignal;
    readonly envoys: EnvoyReach;
  },
): Promise<RunningPlugins> {
  const services = await startServices(loaded, {
    log: (level, message, fields) => log[level](message, fields),
    signal,
    envoys,
  });
  const { set, envoy, diagnostics } = furnish(loaded.plugins, services.addresses, envoys);
  const all = [...loaded.diagnostics, ...diagnostics];
  for (const { code, message, position: at } of all) {
    const place = at === undefined ? {} : { at: `${at.file}:${at.line}:${at.column}` };
    log.error(message, { code, ...place });
  }
  return {
    set,
    envoy: loaded.plugins.length === 0 ? {} : { plugins: envoy },
    policyKinds: loaded.policyKinds,
    needsNamespaces: set.policies.some(({ facts }) =>
      facts.annotations.length > 0 && facts.targets.includes("Namespace")
    ),
    diagnostics: all,
    feed: services.feed,
    metrics: services.metrics,
    health: ({ ok, reasons }) => {
      const troubles = services.troubles();
      return { ok: ok && troubles.length === 0, reasons: [...reasons, ...troubles] };
    },
    ended: async () => {
      await services.ended;
      loaded.close();
    },
  };
}
