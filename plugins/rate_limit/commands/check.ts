import { Command } from "commander";
import type { CommandSurroundings } from "../../../command_line/mod.ts";

/** `contour ratelimit check`: whether files can be served as they are. */
export function checkCommand(surroundings: CommandSurroundings): Command {
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
    .action(async (paths: string[], flags: CheckFlags) => {
      const { runCheck } = await import("./check_run.ts");
      await runCheck(paths, flags, surroundings);
    });
}

/** As given. */
export interface CheckFlags {
  readonly mergeDomainConfigs: boolean;
  readonly manifests?: readonly string[];
}
