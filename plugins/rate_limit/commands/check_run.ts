import { type CommandSurroundings, UsageError } from "../../../command_line/mod.ts";
import {
  compile,
  type Compiled,
  type ConfigurationProblem,
  problemLine,
  readConfigurationFiles,
} from "../mod.ts";
import type { CheckFlags } from "./check.ts";
import { reachProblems } from "./reach.ts";

/** Says what is wrong with files, and with what HTTPProxies ask of them. */
export async function runCheck(
  paths: readonly string[],
  { mergeDomainConfigs, manifests }: CheckFlags,
  { terminal, exit }: CommandSurroundings,
): Promise<void> {
  const { compiled, problems, files } = await readLimits(paths, mergeDomainConfigs);
  for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
  if (problems.some(({ severity }) => severity === "error")) return exit(1);
  const { domains: limits } = compiled;
  const unreached = manifests === undefined ? [] : await reachProblems(manifests, limits);
  for (const problem of unreached) terminal.err(`${problemLine(problem)}\n`);
  const domains = count(compiled.domains.size, "domain");
  terminal.out(`all rate limit configs ok: ${domains} in ${count(files, "file")}\n`);
}

/** Reads limits as `serve` does. Throws a {@link UsageError} for a path that cannot be read. */
export async function readLimits(
  paths: readonly string[],
  mergeDomains: boolean,
): Promise<ReadLimits> {
  const options = { algorithm: "gcra", mergeDomains, nearLimitRatio: 0.8 } as const;
  const check = (source: Parameters<typeof compile>[0][number]) =>
    compile([source], options).problems;
  try {
    const state = await readConfigurationFiles(paths, check);
    const compiled = compile(state.sources, options);
    return { compiled, problems: [...state.problems, ...compiled.problems], files: state.files };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    const reason = error instanceof Deno.errors.NotFound ? "it is not there" : "access is denied";
    throw new UsageError(`Cannot read "${paths.join('", "')}": ${reason}`, { cause: error });
  }
}

/** What files say, and what is wrong with them. */
export interface ReadLimits {
  readonly compiled: Compiled;
  readonly problems: readonly ConfigurationProblem[];
  readonly files: number;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
