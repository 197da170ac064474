import { Argument, Command } from "commander";
import { exampled, UsageError } from "../../command_line/mod.ts";
import type { CommandContext } from "../command_context.ts";
import { shells } from "./answer.ts";
import { type ShellName, shellNames } from "./shell.ts";

/** `contour completion`: a script that makes a shell complete commands, flags and their values. */
export function completionCommand({ terminal, exit }: CommandContext): Command {
  const command = new Command("completion")
    .usage("<shell>")
    .description(
      "print a script that completes commands and flags\n\n" +
        "Also completes names of the kubeconfig, namespaces of its cluster, codes and files.",
    )
    .addArgument(new Argument("[shell]", "your shell").choices(shellNames))
    .action((shell?: ShellName) => {
      if (shell === undefined) {
        throw new UsageError(`name your shell: contour completion ${shellNames.join("|")}`);
      }
      terminal.out(shells[shell].script);
      exit(0);
    });
  return exampled(command, [
    "source <(contour completion bash)    # in ~/.bashrc",
    "source <(contour completion zsh)     # in ~/.zshrc",
    "contour completion fish > ~/.config/fish/completions/contour.fish",
    "contour completion powershell | Out-String | Invoke-Expression    # in $PROFILE",
  ]);
}
