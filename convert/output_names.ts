/**
 * The names of output files: those of the input, below the folder they have in common, and never two
 * the same.
 */
export function outputNames(
  files: readonly string[],
  format: "yaml" | "json",
): ReadonlyMap<string, string> {
  const split = files.map((file) => file.split(/[\\/]/));
  const [first = []] = split;
  let common = 0;
  while (split.every((parts) => parts.length > common + 1 && parts[common] === first[common])) {
    if (split.length === 0) break;
    common++;
  }
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [index, file] of files.entries()) {
    const parts = (split[index] ?? []).slice(common).filter((part) =>
      !["", ".", ".."].includes(part)
    );
    const base = parts.join("/").replace(/[<>:"|?*]/g, "").replace(/\.(ya?ml|json)$/, "") ||
      "converted";
    let name = `${base}.${format}`;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}.${format}`;
    taken.add(name);
    names.set(file, name);
  }
  return names;
}
