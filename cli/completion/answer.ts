import type { Command } from "commander";
import type { Terminal } from "../../command_line/mod.ts";
import { bash } from "./bash.ts";
import { complete } from "./complete.ts";
import { fish } from "./fish.ts";
import { powershell } from "./powershell.ts";
import type { Shell, ShellName } from "./shell.ts";
import { zsh } from "./zsh.ts";

/** Every shell that completes our commands. */
export const shells: Readonly<Record<ShellName, Shell>> = { bash, zsh, fish, powershell };

/**
 * Answers the script of a shell: a line for each suggestion, then one that begins with a colon and says
 * whether they are all there is. Whatever goes wrong, a prompt is no place to say it.
 *
 * @param args name of the shell, and what its script adds
 * @param programFor the commands, with those read that the words name
 */
export async function answer(
  [name = "", ...args]: readonly string[],
  programFor: (words: readonly string[]) => Promise<Command>,
  { out, env }: Pick<Terminal, "out" | "env">,
): Promise<void> {
  if (!Object.hasOwn(shells, name)) return;
  const shell = shells[name as ShellName];
  try {
    const { line, print } = shell.read(args);
    const program = await programFor(line.before);
    out(print(await complete(program, { ...line, env })));
  } catch {
    out(":words\n");
  }
}
