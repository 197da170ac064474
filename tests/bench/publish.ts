/** Prints a report, and keeps it among the results under a name when there is one. */
export async function publish(
  text: string,
  name: string | undefined,
  results = new URL("results/", import.meta.url),
): Promise<void> {
  console.log(text);
  if (name === undefined) return;
  await Deno.writeTextFile(new URL(`${name}.md`, results), text);
}
