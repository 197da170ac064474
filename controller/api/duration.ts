/**
 * Durations as Go reads and prints them, in milliseconds.
 * See https://pkg.go.dev/time#ParseDuration
 */
import { goQuoted } from "./go_quoted.ts";

/**
 * Reads a Go duration: an optional sign, then one or more decimal numbers with a unit each
 * (`ns us µs ms s m h`), or a bare `0`. Beyond about 292 years is an error, as in Go. Milliseconds
 * are exact down to the nanosecond up to about 104 days, and rounded beyond.
 */
export function parseDuration(text: string): DurationResult {
  const nanoseconds = parseNanoseconds(text);
  if (typeof nanoseconds === "string") return { ok: false, message: nanoseconds };
  return { ok: true, ms: Number(nanoseconds) / 1e6 };
}

/** The milliseconds, or what Go says is wrong. */
export type DurationResult =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly message: string };

/** How Go prints a duration: `1m30s`, `500ms`, `1h0m0s`, `1.5s`, `100µs`, `0s`. */
export function goDurationText(ms: number): string {
  const nanoseconds = BigInt(Math.round(ms * 1e6));
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < second) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const seconds = decimal(size % minute, second);
  const minutes = size / minute;
  if (minutes === 0n) return `${sign}${seconds}s`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

/**
 * Reads a timeout field of an HTTPProxy. Absent, empty and zero all ask for the default;
 * `infinity` and `infinite` disable the timeout. The message is the end of a condition's message.
 */
export function parseTimeout(text: string | undefined): TimeoutResult {
  if (text === undefined || text === "") return { ok: true, timeout: { kind: "default" } };
  if (text === "infinity" || text === "infinite") {
    return { ok: true, timeout: { kind: "disabled" } };
  }
  const duration = parseDuration(text);
  if (!duration.ok) {
    return {
      ok: false,
      message: `unable to parse timeout string ${goQuoted(text)}: ${duration.message}`,
    };
  }
  return duration.ms === 0
    ? { ok: true, timeout: { kind: "default" } }
    : { ok: true, timeout: { kind: "explicit", ms: duration.ms } };
}

/** What a timeout field asks for. */
export type Timeout =
  | { readonly kind: "default" }
  | { readonly kind: "disabled" }
  | { readonly kind: "explicit"; readonly ms: number };

/** The timeout, or why the text is none. */
export type TimeoutResult =
  | { readonly ok: true; readonly timeout: Timeout }
  | { readonly ok: false; readonly message: string };

/**
 * What the schema of a duration says of a value that is not even text. By these words it is told from
 * other text, which a number only has to be quoted to be.
 */
export const durationWanted = "must be a duration";

/** {@link durationWanted}, where `"0"` needs no unit. */
export const durationOrZeroWanted = "must be a duration or 0";

const second = 1_000_000_000n;
const minute = 60n * second;

/** Nanoseconds in a unit. Both spellings of micro are in use: U+00B5 and U+03BC. */
const units = new Map<string, bigint>([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", second],
  ["m", minute],
  ["h", 60n * minute],
]);

const largest = (1n << 63n) - 1n;

/** The nanoseconds, or what is wrong with the text in Go's words. */
function parseNanoseconds(text: string): bigint | string {
  const invalid = `time: invalid duration ${quote(text)}`;
  const negative = text.startsWith("-");
  let rest = negative || text.startsWith("+") ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") return invalid;
  const limit = negative ? largest + 1n : largest;
  let total = 0n;
  while (rest !== "") {
    const number = /^([0-9]*)(\.([0-9]*))?/.exec(rest);
    const whole = number?.[1] ?? "";
    const fraction = number?.[3] ?? "";
    if (number === null || whole + fraction === "") return invalid;
    rest = rest.slice(number[0].length);
    // Longer than any number that fits, and not worth a conversion.
    if (whole.replace(/^0+/, "").length > 19) return invalid;
    const unitText = /^[^.0-9]*/.exec(rest)?.[0] ?? "";
    if (unitText === "") return `time: missing unit in duration ${quote(text)}`;
    rest = rest.slice(unitText.length);
    const unit = units.get(unitText);
    if (unit === undefined) {
      return `time: unknown unit ${quote(unitText)} in duration ${quote(text)}`;
    }
    total += BigInt(whole || "0") * unit + fractionOf(fraction, unit);
    if (total > limit) return invalid;
  }
  return negative ? -total : total;
}

/** The nanoseconds of a fraction of a unit, rounded down; no unit has use for 18 digits. */
function fractionOf(digits: string, unit: bigint): bigint {
  const significant = digits.slice(0, 18);
  if (significant === "") return 0n;
  return BigInt(significant) * unit / 10n ** BigInt(significant.length);
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit).toString().padStart(unit.toString().length - 1, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}

/** As Go's `time` package quotes: backslashes, quotes, and whatever is not plain ASCII as bytes. */
function quote(text: string): string {
  let quoted = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") quoted += `\\${character}`;
    else if (code >= 0x20 && code < 0x80) quoted += character;
    else for (const byte of new TextEncoder().encode(character)) quoted += hexadecimal(byte);
  }
  return `"${quoted}"`;
}

function hexadecimal(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
