import { Command } from "commander";
import type { CommandContext } from "./command_context.ts";
import { checkCommand } from "./ratelimit/check.ts";
import { serveCommand } from "./ratelimit/serve.ts";
import { testCommand } from "./ratelimit/test.ts";

/** `contour ratelimit`: the service that Envoy asks whether a request may pass, and its files. */
export function rateLimitCommand(context: CommandContext): Command {
  return new Command("ratelimit")
    .description("run the rate limit service that Envoy asks, and try its configuration")
    .addCommand(serveCommand(context))
    .addCommand(testCommand(context))
    .addCommand(checkCommand(context));
}
