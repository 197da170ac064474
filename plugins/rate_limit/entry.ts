import type { PluginEntry } from "../mod.ts";

/** Rate limits and the service that counts them, as the box lists them. */
const rateLimit: PluginEntry = {
  load: async () => (await import("./plugin.ts")).default,
  commands: [{
    name: "ratelimit",
    usage: "[command]",
    summary: "run the rate limit service that Envoy asks, and try its configuration",
    load: async (surroundings) =>
      (await import("./commands/ratelimit.ts")).rateLimitCommand(surroundings),
  }],
};

export default rateLimit;
