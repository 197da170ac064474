/**
 * What a line of Envoy's own log means to whoever reads ours. Lines that Envoy wrote without a
 * head of their own (the rest of a message of several lines) are warnings.
 */
export function readEnvoyLine(text: string): EnvoyLine {
  const [, word = "", component, message] = line.exec(text) ?? [];
  if (component === undefined || message === undefined) return { level: "warn", message: text };
  return {
    level: harmless.test(message) ? "debug" : levels.get(word) ?? "warn",
    component,
    message,
  };
}

/**
 * Reads line by line. The rest of a message of several lines matters as much as its head: what Envoy
 * refused it writes out in full.
 */
export function envoyLogReader(): (text: string) => EnvoyLine {
  let isHarmless = false;
  return (text) => {
    const read = readEnvoyLine(text);
    if (read.component !== undefined) isHarmless = read.level === "debug";
    return read.component === undefined && isHarmless ? { ...read, level: "debug" } : read;
  };
}

/** A line of Envoy's log in our terms. */
export interface EnvoyLine {
  readonly level: "debug" | "info" | "warn" | "error";
  /** The part of Envoy that speaks: `config`, `main`. */
  readonly component?: string;
  /** Without time and place in Envoy's source. */
  readonly message: string;
}

/**
 * `[2026-11-24 06:41:28.154][14056][warning][main] [source/server/server.cc:1038] message`
 * (https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-log-format)
 */
const line = /^\[[^\]]+\]\[\d+\]\[(\w+)\]\[([^\]]+)\] (?:\[[^\]]+\] )?(.*)$/s;

const levels = new Map<string, EnvoyLine["level"]>([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warning", "warn"],
  ["error", "error"],
  ["critical", "error"],
]);

/**
 * What needs nobody's eyes: said at every start when no limit of connections was asked for, and what
 * Envoy refused, since it answers that to us, and we know whose it is.
 */
const harmless =
  /no configured limit to the number of allowed active downstream connections|^(gRPC|delta) config for \S+ rejected: /;
