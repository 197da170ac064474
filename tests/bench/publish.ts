/** Prints a report, and keeps it in `results/` under a name when there is one. */
export async function publish(text: string, name: string | undefined): Promise<void> {
  console.log(text);
  if (name === undefined) return;
  await Deno.writeTextFile(new URL(`results/${name}.md`, import.meta.url), text);
}
