import { InvalidArgumentError } from "commander";
import { isIP } from "node:net";
import { UsageError } from "./usage_error.ts";

/** Makes a parser of ours one of commander's, which reports what the parser throws. */
export function parsed<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** A whole number, 0 or more. Throws a `RangeError` that says so. */
export function parseCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RangeError("A whole number is needed, 0 or more");
}

/** A port from its digits. Throws a `RangeError` that says what one is. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new RangeError("A port is a whole number from 0 (any free one) to 65535");
}

/** An IP address to listen on. Throws a `RangeError` that says what one is. */
export function parseIp(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new RangeError("An IP address is needed, such as 127.0.0.1, 0.0.0.0 or ::1");
}

/** Names between commas, blanks around them taken off. Throws a `RangeError` on an empty one. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new RangeError("Names are needed, separated by commas");
}

/** The name of a namespace. Throws a `RangeError` that says what one is. */
export function parseNamespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new RangeError(
    "A namespace is 1 to 63 lower-case letters, digits and '-', with no '-' at either end",
  );
}

/**
 * A duration as Go writes it, `15s` or `1m30s`, in milliseconds, 0 or more. Throws a `RangeError` that
 * says so. What reads durations of objects is larger, and would be read with every list of flags.
 */
export function parseTime(text: string): number {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (parts.length > 0 && parts.map(([part]) => part).join("") === text) {
    return parts.reduce((ms, [, count, unit = ""]) => ms + Number(count) * (units[unit] ?? 0), 0);
  }
  throw new RangeError("A duration is needed, such as 15s or 1m30s");
}

/** In milliseconds. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** A duration above zero. Throws a `RangeError` that says so. */
export function parseMilliseconds(text: string): number {
  const ms = parseTime(text);
  if (ms > 0) return ms;
  throw new RangeError("A duration is needed, such as 15s or 1m30s");
}

/**
 * The value of a flag, read when the command runs, by a parser that is not read before. Throws a
 * `UsageError` in the words in which commander reports others.
 *
 * @param flag as it was declared: `--admin-address <address>`
 */
export function flagValue<Value>(
  flag: string,
  text: string,
  parse: (text: string) => Value,
): Value {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`option '${flag}' argument '${text}' is invalid. ${error.message}`, {
      cause: error,
    });
  }
}
