/** Running scripts of this tree with Deno, from whatever folder. */
import { fileURLToPath } from "node:url";

/** The words that run a script, with its packages. */
export function denoCommand(script: URL, ...args: readonly string[]): readonly string[] {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const flags = ["run", "-A", "--no-check", "--config", config];
  return [Deno.execPath(), ...flags, fileURLToPath(script), ...args];
}
