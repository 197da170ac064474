import type { PluginEntry } from "../mod.ts";

/** Header policies, as the box lists them. */
const headerPolicy: PluginEntry = {
  load: async () => (await import("./mod.ts")).default,
};

export default headerPolicy;
