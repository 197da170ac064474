/** Running short programs of the system. */

/** What a program wrote; throws what it said when it failed. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  throw new Error(`${[program, ...args].join(" ")}: ${said}${new TextDecoder().decode(stderr)}`);
}
