import type { Suggestion, Suggestions } from "../../command_line/mod.ts";

/** Revisions of git beside files; behind `main:` what stands there, as far as the next slash. */
export async function gitNames(typed: string): Promise<Suggestions> {
  const [, revision, folder = ""] = /^([^:]+):(.*\/)?/.exec(typed) ?? [];
  if (revision === undefined) return { values: await revisions(), paths: "files" };
  const head = `${revision}:${folder}`;
  const entries = await git("ls-tree", "-z", head);
  const values = entries.split("\0").flatMap((entry) => {
    const [, type, name = ""] = /^\d+ (blob|tree) [0-9a-f]+\t([^]+)$/.exec(entry) ?? [];
    if (type === undefined || (type === "blob" && !/\.(ya?ml|json)$/i.test(name))) return [];
    return [{ value: `${head}${name}${type === "tree" ? "/" : ""}` }];
  });
  return { values, goesOn: true };
}

async function revisions(): Promise<readonly Suggestion[]> {
  const format = "--format=%(refname:short)%09%(subject)";
  const refs = await git("for-each-ref", format, "refs/heads", "refs/tags");
  return refs.split("\n").filter((line) => line !== "").map((line) => {
    const [value = "", description = ""] = line.split("\t");
    return { value, description };
  });
}

/** What git prints; nothing where there is none, or no repository. */
async function git(...args: string[]): Promise<string> {
  try {
    const command = new Deno.Command("git", { args, stdin: "null", stderr: "null" });
    return new TextDecoder().decode((await command.output()).stdout);
  } catch {
    return "";
  }
}
