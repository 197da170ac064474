/** Configurations of tests, read and compiled as the service does. */
import {
  compile,
  type Compiled,
  type CompiledDomain,
  type CompileOptions,
  problemLine,
  readConfiguration,
} from "../mod.ts";

const defaults: CompileOptions = {
  algorithm: "fixed_window",
  mergeDomains: false,
  nearLimitRatio: 0.8,
};

/** Files by name, as `serve` would take them; with what is wrong, a line each. */
export function configured(
  files: Readonly<Record<string, string>>,
  options: Partial<CompileOptions> = {},
): { readonly compiled: Compiled; readonly problems: readonly string[] } {
  const sources = [];
  const problems: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const reading = readConfiguration(text, name);
    if (reading.ok) {
      sources.push({ ...reading, name });
      problems.push(...reading.warnings.map(problemLine));
    } else problems.push(...reading.problems.map(problemLine));
  }
  const compiled = compile(sources, { ...defaults, ...options });
  return { compiled, problems: [...problems, ...compiled.problems.map(problemLine)] };
}

/** The one domain of a text, which has to be right. */
export function domainOf(text: string, options: Partial<CompileOptions> = {}): CompiledDomain {
  const { compiled, problems } = configured({ "limits.yaml": text }, options);
  const [domain] = compiled.domains.values();
  if (domain === undefined || problems.length > 0) throw new Error(problems.join("\n"));
  return domain;
}
