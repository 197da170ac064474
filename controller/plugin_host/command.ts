import { pluginProcessWord } from "./word.ts";

/**
 * How the process of a plugin is started: by Deno from source, else by this very program. What only
 * answers may read files and nothing else, as far as Deno can see to that.
 */
export function pluginCommand(
  task: "answers" | "service",
): { readonly program: string; readonly args: readonly string[] } {
  const program = Deno.execPath();
  if (Deno.build.standalone) return { program, args: [pluginProcessWord] };
  const permissions = task === "service" ? ["--allow-all"] : ["--allow-read", "--allow-env"];
  const main = new URL("./plugin_process.ts", import.meta.url).href;
  return { program, args: ["run", "--quiet", "--no-prompt", ...permissions, main] };
}
