import { type Diagnostic, formatPath, type Position, readDocument, readValue } from "../api/mod.ts";
import { ConfigurationFile } from "./configuration_file.ts";
import { ContourConfiguration, type ContourConfigurationSpec } from "./contour_configuration.ts";
import { specOfFile } from "./from_file.ts";

/** Reads a configuration file. `name` is what positions call it. */
export function readConfigurationFile(text: string, name: string): ConfigurationReading {
  const reading = readDocument(text, ConfigurationFile, name);
  if (!reading.ok) return reading;
  const { value: file, locate } = reading;
  const plugins = (file.plugins ?? []).map((entry, i): PluginEntry => ({
    ...entry,
    locate: (path) => locate([`plugins[${i}]`, ...(path === "" ? [] : [path])].join(".")),
  }));
  return { ok: true, spec: specOfFile(file), file, plugins };
}

/** A plugin that the file asks for, and where its fields stand: `settings.limits[0]`. */
export type PluginEntry = NonNullable<ConfigurationFile["plugins"]>[number] & {
  readonly locate: (path: string) => Position;
};

/** What a source says, or why it cannot be used. */
export type ConfigurationReading =
  | {
    readonly ok: true;
    /** In the form that all sources share. */
    readonly spec: ContourConfigurationSpec;
    /** What the file alone can say. */
    readonly file: ConfigurationFile;
    readonly plugins: readonly PluginEntry[];
  }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Takes a ContourConfiguration as an API server gives it. Fields that a newer schema has are
 * dropped. Problems are sentences with the path of the field.
 */
export function readContourConfiguration(value: unknown): ResourceReading {
  const reading = readValue(structuredClone(value), ContourConfiguration, { strict: false });
  if (reading.ok) return { ok: true, spec: reading.value.spec };
  const problems = reading.problems.map(({ path, message }) =>
    path.length === 0 ? message : `${formatPath(path)}: ${message}`
  );
  return { ok: false, problems };
}

/** See {@link readContourConfiguration}. */
export type ResourceReading =
  | { readonly ok: true; readonly spec: ContourConfigurationSpec }
  | { readonly ok: false; readonly problems: readonly string[] };
