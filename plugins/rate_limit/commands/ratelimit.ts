import { Command } from "commander";
import type { CommandSurroundings } from "../../../command_line/mod.ts";
import { checkCommand } from "./check.ts";
import { testCommand } from "./descriptor_tests.ts";
import { serveCommand } from "./serve.ts";

/** `contour ratelimit`: the service that Envoy asks whether a request may pass, and its files. */
export function rateLimitCommand(surroundings: CommandSurroundings): Command {
  return new Command("ratelimit")
    .description("run the rate limit service that Envoy asks, and try its configuration")
    .addCommand(serveCommand(surroundings))
    .addCommand(testCommand(surroundings))
    .addCommand(checkCommand(surroundings));
}
