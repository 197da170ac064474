import { Command } from "commander";
import { UsageError } from "../../command_line/mod.ts";
import {
  compile,
  type Compiled,
  type ConfigurationProblem,
  problemLine,
  readConfigurationFiles,
} from "../../plugins/rate_limit/mod.ts";
import type { CommandContext } from "../command_context.ts";
import { reachProblems } from "./reach.ts";

/** `contour ratelimit check`: whether files can be served as they are. */
export function checkCommand({ terminal, exit }: CommandContext): Command {
  return new Command("check")
    .description(
      "say whether configuration files can be served\n\n" +
        "With --manifests it warns of descriptors of HTTPProxies that no limit is about, and of limits\n" +
        "that none of them leads to.\n\n" +
        "The exit code is 0 when they can, 1 when something is wrong with them, and 2 when one cannot\n" +
        "be read.",
    )
    .argument("<config...>", "files, and folders with all beneath them")
    .option("--merge-domain-configs", "several files may be of one domain", false)
    .option("--manifests <path...>", "files and folders with HTTPProxies")
    .action(async (paths: string[], { mergeDomainConfigs, manifests }: CheckFlags) => {
      const { compiled, problems, files } = await readLimits(paths, mergeDomainConfigs);
      for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
      if (problems.length > 0) return exit(1);
      const { domains: limits } = compiled;
      const unreached = manifests === undefined ? [] : await reachProblems(manifests, limits);
      for (const problem of unreached) terminal.err(`${problemLine(problem)}\n`);
      const domains = count(compiled.domains.size, "domain");
      terminal.out(`all rate limit configs ok: ${domains} in ${count(files, "file")}\n`);
    });
}

interface CheckFlags {
  readonly mergeDomainConfigs: boolean;
  readonly manifests?: readonly string[];
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
