/**
 * Ranges of addresses that are in `allowed` and not in `denied`, as few as possible. Undefined when a
 * text is no range.
 */
export function without(
  allowed: readonly string[],
  denied: readonly string[],
): readonly string[] | undefined {
  let ranges: Range[] = [];
  for (const text of allowed) {
    const range = rangeOf(text);
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  for (const text of denied) {
    const range = rangeOf(text);
    if (range === undefined) return undefined;
    ranges = ranges.flatMap((each) => subtract(each, range));
  }
  return ranges.map(textOf);
}

/** Whether a text is an address or a range of addresses. */
export function isRange(text: string): boolean {
  return rangeOf(text) !== undefined;
}

/** A range: the bits of the address, and how many of them are fixed. */
interface Range {
  readonly bits: bigint;
  readonly length: number;
  readonly size: 32 | 128;
}

function rangeOf(text: string): Range | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const parsed = address.includes(":") ? ipv6(address) : ipv4(address);
  if (parsed === undefined || rest.length > 0) return undefined;
  const { size } = parsed;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > size)) {
    return undefined;
  }
  const fixed = length === undefined ? size : Number(length);
  const host = BigInt(size - fixed);
  return { bits: (parsed.bits >> host) << host, length: fixed, size };
}

function ipv4(text: string): { bits: bigint; size: 32 } | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return { bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n), size: 32 };
}

function ipv6(text: string): { bits: bigint; size: 128 } | undefined {
  const [head = "", tail, ...rest] = text.split("::");
  if (rest.length > 0) return undefined;
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array<string>(tail === undefined ? 0 : missing).fill("0"), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), size: 128 };
}

function subtract(from: Range, taken: Range): Range[] {
  if (from.size !== taken.size || !overlap(from, taken)) return [from];
  if (taken.length <= from.length) return [];
  const length = from.length + 1;
  const half = { ...from, length };
  const other = { ...half, bits: from.bits | (1n << BigInt(from.size - length)) };
  return [...subtract(half, taken), ...subtract(other, taken)];
}

function overlap(a: Range, b: Range): boolean {
  const shift = BigInt(a.size - Math.min(a.length, b.length));
  return a.bits >> shift === b.bits >> shift;
}

function textOf({ bits, length, size }: Range): string {
  const width = size === 32 ? 8n : 16n;
  const count = size === 32 ? 4 : 8;
  const parts = Array.from(
    { length: count },
    (_, i) => (bits >> (width * BigInt(count - 1 - i))) & ((1n << width) - 1n),
  );
  const address = size === 32
    ? parts.join(".")
    : parts.map((part) => part.toString(16)).join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
  return length === size ? address : `${address}/${length}`;
}
