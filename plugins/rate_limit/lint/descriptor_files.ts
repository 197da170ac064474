import { join } from "node:path";
import { compile } from "../configuration/compile.ts";
import type { CompiledDomain } from "../configuration/compiled.ts";
import type { ConfigurationProblem } from "../configuration/problem.ts";
import { readConfiguration } from "../configuration/read.ts";

/**
 * The limits of files and folders as the service reads them, and what is wrong with them, at once: rules
 * do not wait. A path that cannot be read is one of the problems.
 */
export function readDescriptorFiles(paths: readonly string[]): DescriptorFiles {
  const problems: ConfigurationProblem[] = [];
  const sources = paths.flatMap((path) => [...filesAt(path, problems)]).flatMap((name) => {
    const text = attempt(name, () => Deno.readTextFileSync(name), problems);
    if (text === undefined) return [];
    const reading = readConfiguration(text, name);
    problems.push(...(reading.ok ? reading.warnings : reading.problems));
    return reading.ok ? [{ ...reading, name }] : [];
  });
  const options = { algorithm: "gcra", mergeDomains: true, nearLimitRatio: 0.8 } as const;
  const compiled = compile(sources, options);
  return {
    domains: [...compiled.domains.values()],
    problems: [...problems, ...compiled.problems],
  };
}

/** See {@link readDescriptorFiles}. */
export interface DescriptorFiles {
  readonly domains: readonly CompiledDomain[];
  readonly problems: readonly ConfigurationProblem[];
}

function* filesAt(path: string, problems: ConfigurationProblem[]): Iterable<string> {
  const info = attempt(path, () => Deno.statSync(path), problems);
  if (info?.isFile) yield path;
  if (!info?.isDirectory) return;
  const names = attempt(path, () => [...Deno.readDirSync(path)], problems) ?? [];
  for (const { name } of names.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (!name.startsWith(".")) yield* filesAt(join(path, name), problems);
  }
}

function attempt<T>(path: string, read: () => T, problems: ConfigurationProblem[]): T | undefined {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "it is not there"
      : error instanceof Error
      ? error.message
      : String(error);
    problems.push({ severity: "error", message: `cannot read "${path}": ${reason}` });
    return undefined;
  }
}
