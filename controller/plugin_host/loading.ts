import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import type { Diagnostic, Position } from "../api/mod.ts";
import {
  type Admission,
  admit,
  builtInPlace,
  type GivenSettings,
  inProcess,
  notUsable,
  type Plugin,
  type RunningPlugin,
} from "../plugin/mod.ts";
import { type Budget, openStranger } from "./stranger.ts";
import { inProcessServices, processServices, type StartService } from "./start_service.ts";

/** A plugin that is asked for in the configuration or by a flag. */
export interface PluginRequest {
  /** A path, or the name of a package. Absent: one that is built in, by its name. */
  readonly from?: string | undefined;
  readonly name?: string | undefined;
  /** Whether it is left out, though it is built in. */
  readonly disabled?: boolean | undefined;
  readonly settings?: unknown;
  /** Where it is asked for, and its settings: `settings.limits[0]`. Absent: in no file. */
  readonly locate?: (path: string) => Position;
}

/** The plugins in use. */
export interface LoadedPlugins extends Admission {
  /** Starts a service of one of them. */
  readonly startService: (plugin: RunningPlugin, service: string) => StartService;
  /** Ends the processes of plugins; nothing can be asked afterwards. */
  readonly close: () => void;
}

/** No plugin at all. */
export const noPlugins: LoadedPlugins = {
  ...admit([]),
  startService: () => () => Promise.reject(new Error("There are no plugins")),
  close: () => {},
};

/**
 * Reads the plugins that are asked for, beside those that are built in. What is wrong with one is a
 * diagnostic, and the others are there. Plugins from outside run in processes of their own.
 */
export function loadPlugins(
  { builtIn, requests, folder, budget }: {
    readonly builtIn: readonly Plugin[];
    readonly requests: readonly PluginRequest[];
    /** What paths are relative to, and where packages are looked for. */
    readonly folder: string;
    readonly budget?: Budget;
  },
): LoadedPlugins {
  const diagnostics: Diagnostic[] = [];
  const settings = new Map<string, GivenSettings>();
  const starters = new Map<RunningPlugin, (service: string) => StartService>();
  const closing: (() => void)[] = [];
  const disabled = new Set(
    requests.filter((request) => request.disabled).flatMap(({ name }) => name ?? []),
  );
  const requested = builtIn.filter(({ name }) => !disabled.has(name)).map((definition) => {
    const plugin = inProcess(definition);
    starters.set(plugin, (service) => inProcessServices(definition, service));
    return { plugin, from: builtInPlace };
  });
  const names = new Set(builtIn.map(({ name }) => name));
  for (const { from, name, settings: value, disabled: isOut, locate: placeOf } of requests) {
    if (isOut) continue;
    const given = { value, ...(placeOf === undefined ? {} : { locate: placeOf }) };
    if (from === undefined) {
      if (name !== undefined && (value !== undefined || !names.has(name))) {
        settings.set(name, given);
      }
      continue;
    }
    const path = locate(from, folder);
    if (path === undefined) {
      diagnostics.push(
        notUsable(from, `there is no such file, and no such package in node_modules`),
      );
      continue;
    }
    const opened = openStranger(path, budget);
    if (!opened.ok) {
      diagnostics.push(notUsable(from, opened.message));
      continue;
    }
    const { plugin } = opened;
    closing.push(() => plugin.close());
    starters.set(plugin, (service) => processServices(path, service));
    if (name !== undefined && name !== plugin.facts.name) {
      diagnostics.push(notUsable(from, `its name is "${plugin.facts.name}", not "${name}"`));
      plugin.close();
      continue;
    }
    if (value !== undefined && !settings.has(plugin.facts.name)) {
      settings.set(plugin.facts.name, given);
    }
    requested.push({ plugin, from });
  }
  const admission = admit(requested, settings);
  return {
    ...admission,
    diagnostics: [...diagnostics, ...admission.diagnostics],
    startService: (plugin, service) =>
      starters.get(plugin)?.(service) ??
        (() => Promise.reject(new Error(`There is no service "${service}"`))),
    close: () => closing.forEach((close) => close()),
  };
}

/** The module that is meant; `undefined`: there is none. */
function locate(from: string, folder: string): string | undefined {
  const path = isAbsolute(from) ? from : join(folder, from);
  if (isFile(path)) return resolve(path);
  if (from.startsWith(".") || isAbsolute(from)) return undefined;
  try {
    return createRequire(join(resolve(folder), "plugin.js")).resolve(from.replace(/^npm:/, ""));
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
