import { Command, Option } from "commander";
import type { CommandSurroundings } from "../../../command_line/mod.ts";

/** `contour ratelimit test`: which limit a descriptor falls under, and why not under the others. */
export function testCommand(surroundings: CommandSurroundings): Command {
  return new Command("test")
    .usage("[options] <config> <descriptor...>")
    .description(
      "say which limit a descriptor falls under, and why not under the others\n\n" +
        "A descriptor is written as its entries in their order: remote_address=10.0.0.1,path=/login.\n" +
        "The exit code is 0 when every descriptor has a limit, 1 when one has none, and 2 when the\n" +
        "configuration cannot be used.",
    )
    .argument("<config>", "a file, or a folder with all beneath it")
    .argument("<descriptor...>", "entries as key=value, separated by commas; \\, is a comma")
    .option("-d, --domain <name>", "of which domain, where there are several")
    .option("--merge-domain-configs", "several files may be of one domain", false)
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(["text", "json"])
        .default("text"),
    )
    .action(async (config: string, descriptors: string[], flags: TestFlags) => {
      const { runTest } = await import("./descriptor_tests_run.ts");
      await runTest(config, descriptors, flags, surroundings);
    });
}

/** As given. */
export interface TestFlags {
  readonly domain?: string;
  readonly mergeDomainConfigs: boolean;
  readonly output: "text" | "json";
}
