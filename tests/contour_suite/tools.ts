/** The programs that suites call by their names, as scripts. */
import { join } from "node:path";
import { denoCommand } from "./deno_command.ts";

/** Writes them into a folder, which belongs in front of the PATH, and returns it. */
export async function writeTools(folder: string, contour: readonly string[]): Promise<string> {
  const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
  const kubectl = denoCommand(new URL("./kubectl.ts", import.meta.url));
  const scripts: Readonly<Record<string, string>> = {
    "contour": `exec ${quoted(contour)} "$@"`,
    "kubectl": `exec ${quoted(kubectl)} "$@"`,
    // What a suite builds as its contour is ours.
    "go": `
while test $# -gt 0; do
  if test "$1" = -o; then exec cp '${folder}/contour' "$2"; fi
  shift
done
exit 1`,
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(scripts)) {
    await Deno.writeTextFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}
