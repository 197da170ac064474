/** The same text for the same value, in whatever order its members stand. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_name, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}
