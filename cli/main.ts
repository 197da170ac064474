#!/usr/bin/env -S deno run -A
import process from "node:process";
import { serve } from "../controller/serve.ts";
import { defaultSettings } from "../controller/store/mod.ts";
import { statuses } from "../controller/translation/mod.ts";
import { contourConfiguration } from "./cluster.ts";
import { clusterSecrets } from "./cluster_secrets.ts";
import type { Parts } from "./parts.ts";
import { run } from "./program.ts";
import { systemTerminal } from "./terminal.ts";

/** The commands with the real controller behind them. */
export const parts: Parts = {
  serve,
  statuses: (objects, settings) =>
    statuses(objects, { ...defaultSettings, ...settings, nowMs: Date.now() }),
  contourConfiguration,
  secrets: clusterSecrets,
};

if (import.meta.main) process.exit(await run(Deno.args, systemTerminal(), parts));
