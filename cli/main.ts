#!/usr/bin/env -S deno run -A
import process from "node:process";
import type { Parts } from "./parts.ts";
import { run } from "./program.ts";
import { systemTerminal } from "./terminal.ts";

/** The commands with the real controller behind them, each part read when it is first used. */
export const parts: Parts = {
  serve: async (options, context) => {
    const { serve } = await import("../controller/serve.ts");
    return serve(options, context);
  },
  statuses: async (objects, settings) => {
    const { defaultSettings } = await import("../controller/store/mod.ts");
    const { statuses } = await import("../controller/translation/mod.ts");
    return statuses(objects, { ...defaultSettings, ...settings, nowMs: Date.now() });
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

if (import.meta.main) process.exit(await run(Deno.args, systemTerminal(), parts));
