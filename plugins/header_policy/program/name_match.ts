/** Which names of headers, in lower case. */
export type NameMatch =
  | { readonly kind: "exact"; readonly text: string }
  | { readonly kind: "prefix"; readonly text: string }
  | { readonly kind: "suffix"; readonly text: string }
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "pattern"; readonly text: string };

/** What a removal takes away. Text but for patterns is brought to lower case. */
export function nameMatch(removal: {
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
  readonly contains?: string | undefined;
  readonly pattern?: string | undefined;
}): NameMatch {
  const { name, prefix, suffix, contains, pattern } = removal;
  if (pattern !== undefined) return { kind: "pattern", text: pattern };
  if (prefix !== undefined) return { kind: "prefix", text: prefix.toLowerCase() };
  if (suffix !== undefined) return { kind: "suffix", text: suffix.toLowerCase() };
  if (contains !== undefined) return { kind: "contains", text: contains.toLowerCase() };
  return { kind: "exact", text: (name ?? "").toLowerCase() };
}

/** Whether a header of that name, in lower case, is one of them; `undefined`: nobody can tell here. */
export function reaches(match: NameMatch, name: string): boolean | undefined {
  switch (match.kind) {
    case "exact":
      return name === match.text;
    case "prefix":
      return name.startsWith(match.text);
    case "suffix":
      return name.endsWith(match.text);
    case "contains":
      return name.includes(match.text);
    case "pattern":
      return undefined;
  }
}
