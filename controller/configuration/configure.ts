import type { Diagnostic } from "../api/mod.ts";
import type { Configuration } from "./configuration.ts";
import type { ConfigurationFile } from "./configuration_file.ts";
import type { ContourConfigurationSpec } from "./contour_configuration.ts";
import { withoutEffect } from "./keys.ts";
import { beneath, fileBeneathFlags } from "./overlay.ts";
import { type PluginEntry, readConfigurationFile, readContourConfiguration } from "./read.ts";
import { resolve } from "./resolve.ts";
import { conflicts } from "./rules.ts";

/**
 * The configuration that all sources together make: a ContourConfiguration decides alone, a file
 * lies beneath the flags. Whatever is wrong is told, and then there is none.
 */
export function configure(sources: ConfigurationSources): Configured {
  const { source, flags, defaults = {}, namespace, watchNamespaces = [] } = sources;
  const settle = (
    spec: ContourConfigurationSpec,
    unused: readonly string[],
    read?: { readonly file: ConfigurationFile; readonly plugins: readonly PluginEntry[] },
  ): Configured => {
    const configuration = resolve(beneath(defaults, spec), {
      source: source?.kind === "resource" ? "resource" : "flags",
      namespace,
    });
    const problems = conflicts(configuration, { watchNamespaces });
    if (problems.length > 0) return { ok: false, diagnostics: [], problems };
    const unusedKeys = unused.length === 0 ? {} : { unusedKeys: unused };
    const { file, plugins = [] } = read ?? {};
    return {
      ok: true,
      configuration,
      plugins,
      ...unusedKeys,
      ...(file === undefined ? {} : { file }),
    };
  };
  switch (source?.kind) {
    case undefined:
      return settle(fileBeneathFlags(fileDefaults, flags), []);
    case "file": {
      const reading = readConfigurationFile(source.text, source.name);
      if (!reading.ok) return { ok: false, diagnostics: reading.diagnostics, problems: [] };
      const { spec, file } = reading;
      return settle(fileBeneathFlags(spec, flags), withoutEffect("file", file), reading);
    }
    case "resource": {
      const reading = readContourConfiguration(source.value);
      if (!reading.ok) return { ok: false, diagnostics: [], problems: reading.problems };
      return settle(reading.spec, withoutEffect("resource", reading.spec));
    }
  }
}

/** No file is as good as an empty one. */
const fileDefaults: ContourConfigurationSpec = (() => {
  const reading = readConfigurationFile("", "");
  return reading.ok ? reading.spec : {};
})();

/** Where a configuration comes from. */
export interface ConfigurationSources {
  /** Absent: flags alone. */
  readonly source?:
    | { readonly kind: "file"; readonly name: string; readonly text: string }
    /** A ContourConfiguration, as the API server gives it. */
    | { readonly kind: "resource"; readonly value: unknown };
  /** What flags and environment variables say; nothing that they leave at its default. */
  readonly flags: ContourConfigurationSpec;
  /** What holds where nobody says anything, in place of Contour's own defaults. */
  readonly defaults?: ContourConfigurationSpec;
  /** Where the controller runs. */
  readonly namespace: string;
  /** Namespaces whose objects are seen; empty: all. */
  readonly watchNamespaces?: readonly string[];
}

/** See {@link configure}. */
export type Configured =
  | {
    readonly ok: true;
    readonly configuration: Configuration;
    /** The file, for what it alone can say: how to reach the API server, and whether to log more. */
    readonly file?: ConfigurationFile;
    /** What it asks for of plugins, with their places. */
    readonly plugins: readonly PluginEntry[];
    /** Keys that say something and have no effect yet; absent: none. */
    readonly unusedKeys?: readonly string[];
  }
  | {
    readonly ok: false;
    /** What is wrong in the file, with its place. */
    readonly diagnostics: readonly Diagnostic[];
    /** What else is wrong, a sentence each. */
    readonly problems: readonly string[];
  };
