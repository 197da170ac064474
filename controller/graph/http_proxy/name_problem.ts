/** Why Envoy would refuse the name of a header or parameter to look at. `limit` is in bytes. */
export function nameProblem(name: string, limit: number): string | undefined {
  if (name === "") return "the name is empty";
  if (/[\r\n\0]/.test(name)) return "the name has line breaks or NUL characters";
  // A character has three bytes at most in its UTF-16 unit, so that few have to be counted.
  const isLong = name.length * 3 > limit && new TextEncoder().encode(name).length > limit;
  return isLong ? `the name has more than ${limit} bytes` : undefined;
}
