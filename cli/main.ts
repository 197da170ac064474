#!/usr/bin/env -S deno run -A
import process from "node:process";
import { systemTerminal } from "../command_line/mod.ts";
import type { Parts } from "./parts.ts";
import { run } from "./program.ts";

/** The commands with the real controller behind them, each part read when it is first used. */
export const parts: Parts = {
  serve: async (options, context, requests) => {
    const { serve } = await import("../controller/serve.ts");
    const { usedPlugins } = await import("./used_plugins.ts");
    const plugins = await usedPlugins(requests);
    return serve(
      plugins.plugins.length + plugins.diagnostics.length === 0 ? options : {
        ...options,
        plugins,
      },
      context,
    );
  },
  statuses: async (objects, settings, plugins, refused) => {
    const { defaultSettings } = await import("../controller/store/mod.ts");
    const { statuses } = await import("../controller/translation/mod.ts");
    const all = { ...defaultSettings, ...settings, nowMs: Date.now() };
    return statuses(objects, all, plugins, refused);
  },
  contourConfiguration: async (cluster, key) => {
    const { contourConfiguration } = await import("./cluster.ts");
    return await contourConfiguration(cluster, key);
  },
  secrets: async (cluster) => {
    const { clusterSecrets } = await import("./cluster_secrets.ts");
    return await clusterSecrets(cluster);
  },
};

if (import.meta.main) {
  // No command for people: how a compiled program starts the process of a plugin.
  if (Deno.args[0] === "plugin-process") {
    const { pluginProcess } = await import("../controller/plugin_host/mod.ts");
    await pluginProcess();
    process.exit(0);
  }
  process.exit(await run(Deno.args, systemTerminal(), parts));
}
