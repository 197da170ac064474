/** A logger whose lines are one event each: `time`, `level`, `msg`, then the fields in their order. */
export function logger(options: LoggerOptions): Logger {
  return withFields(options, {});
}

/** Writes events. A level below the threshold costs nothing but the call. */
export interface Logger {
  /** For whoever looks for a fault. */
  debug(msg: string, fields?: LogFields): void;
  /** What happened. */
  info(msg: string, fields?: LogFields): void;
  /** Served, but somebody should look. */
  warn(msg: string, fields?: LogFields): void;
  /** Something was asked for and is not served. */
  error(msg: string, fields?: LogFields): void;
  /** The same logger, with these fields on every line. */
  with(fields: LogFields): Logger;
}

/** Facts beside the message. `undefined` leaves the key out; `time`, `level` and `msg` are taken. */
export type LogFields = { readonly [key: string]: string | number | boolean | undefined };

/** How and where a logger writes. */
export interface LoggerOptions {
  readonly format: LogFormat;
  /** The lowest level written. */
  readonly level: "debug" | "info";
  /** Gets one line, with its newline. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** `text`: `key=value` pairs for people and grep; `json`: one object a line. */
export type LogFormat = (typeof logFormats)[number];

/** Every {@link LogFormat}. */
export const logFormats = ["text", "json"] as const;

type Level = "debug" | "info" | "warn" | "error";

/** Writes to standard error, where everything goes that is not the answer of a command. */
export function writeToStderr(line: string): void {
  const bytes = new TextEncoder().encode(line);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stderr.writeSync(bytes.subarray(written));
  }
}

function withFields(options: LoggerOptions, own: LogFields): Logger {
  const render = options.format === "json" ? jsonLine : textLine;
  const log = (level: Level) => (msg: string, fields: LogFields = {}) => {
    if (level === "debug" && options.level !== "debug") return;
    const time = options.now().toISOString();
    options.write(`${render({ ...own, ...fields, time, level, msg })}\n`);
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    with: (fields) => withFields(options, { ...own, ...fields }),
  };
}

interface Event extends LogFields {
  readonly time: string;
  readonly level: Level;
  readonly msg: string;
}

function jsonLine({ time, level, msg, ...fields }: Event): string {
  return JSON.stringify({ time, level, msg, ...fields });
}

function textLine({ time, level, msg, ...fields }: Event): string {
  return Object.entries({ time, level, msg, ...fields })
    .flatMap(([key, value]) => value === undefined ? [] : [`${key}=${quoted(String(value))}`])
    .join(" ");
}

/** As logfmt has it: quotes only where a reader would lose the end of the value. */
function quoted(value: string): string {
  return /^[\w./:@%+,;*~#()[\]{}-]+$/u.test(value) ? value : JSON.stringify(value);
}
