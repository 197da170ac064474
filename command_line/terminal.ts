import process from "node:process";

/** The world of a command: where its words go, and what it may ask. */
export interface Terminal {
  /** Data: the answer of the command. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** Whether a person reads along. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  env(name: string): string | undefined;
  /** All of standard input. */
  readStdin(): Promise<string>;
  /** The same as it is, for what is no text; absent where there is no such thing. */
  stdinBytes?(): ReadableStream<Uint8Array>;
  /** Aborted by SIGINT or SIGTERM, which from the first call on end nothing by themselves. */
  interrupted(): AbortSignal;
}

/** The terminal, or pipe, this process was started with. */
export function systemTerminal(): Terminal {
  return {
    out: (text) => write(Deno.stdout, text),
    err: (text) => write(Deno.stderr, text),
    outIsTerminal: Deno.stdout.isTerminal(),
    errIsTerminal: Deno.stderr.isTerminal(),
    columns: Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 80,
    env: (name) => Deno.env.get(name),
    readStdin: async () => await new Response(Deno.stdin.readable).text(),
    stdinBytes: () => Deno.stdin.readable,
    interrupted() {
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        Deno.addSignalListener(signal, () => stop.abort());
      }
      return stop.signal;
    },
  };
}

/** Whether and how to colour what goes to a stream. */
export interface Paint {
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  /** For what frames the rest: arrows, line numbers. */
  blue(text: string): string;
}

/** When to colour: `auto` leaves it to the stream and the environment. */
export type ColorChoice = (typeof colorChoices)[number];

/** Every {@link ColorChoice}. */
export const colorChoices = ["auto", "always", "never"] as const;

/**
 * The paint for a stream. A flag beats the environment: `NO_COLOR` (https://no-color.org) and
 * `TERM=dumb` turn colours off, `FORCE_COLOR` and `CLICOLOR_FORCE` on.
 */
export function paintFor(
  stream: "out" | "err",
  terminal: Terminal,
  choice: ColorChoice = "auto",
): Paint {
  const isTerminal = stream === "out" ? terminal.outIsTerminal : terminal.errIsTerminal;
  const code = wantsColor(terminal, isTerminal, choice)
    ? (open: number, close: number) => (text: string) => `\x1b[${open}m${text}\x1b[${close}m`
    : () => (text: string) => text;
  return {
    red: code(31, 39),
    yellow: code(33, 39),
    green: code(32, 39),
    blue: code(94, 39),
    bold: code(1, 22),
    dim: code(2, 22),
  };
}

function wantsColor(terminal: Terminal, isTerminal: boolean, choice: ColorChoice): boolean {
  switch (choice) {
    case "always":
      return true;
    case "never":
      return false;
    case "auto": {
      const isSet = (name: string) => (terminal.env(name) ?? "") !== "";
      if (isSet("NO_COLOR") || terminal.env("TERM") === "dumb") return false;
      return isTerminal || isSet("FORCE_COLOR") || isSet("CLICOLOR_FORCE");
    }
  }
}

function write(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) {
      written += stream.writeSync(bytes.subarray(written));
    }
  } catch (error) {
    // Whoever read has had enough (`| head`): there is nobody left to tell.
    if (error instanceof Deno.errors.BrokenPipe) process.exit(0);
    throw error;
  }
}
