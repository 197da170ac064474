/** The command line with a terminal that remembers. */
import type { Terminal } from "../../command_line/mod.ts";
import type { Parts } from "../../cli/parts.ts";
import { run } from "../../cli/program.ts";

/** What came of a command. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `contour` with arguments; parts that a test does not give must not be needed. */
export async function commandLine(
  args: readonly string[],
  { parts = {}, onErr = () => {}, ...terminal }: Partial<Terminal> & {
    readonly parts?: Partial<Parts>;
    /** Hears what is written to standard error, as it is written. */
    readonly onErr?: (text: string) => void;
  } = {},
): Promise<CommandOutcome> {
  const written = { out: "", err: "" };
  const unexpected = () => {
    throw new Error("This command has no business there");
  };
  const code = await run(args, {
    out: (text) => written.out += text,
    err: (text) => {
      written.err += text;
      onErr(text);
    },
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 120,
    env: () => undefined,
    readStdin: () => Promise.resolve(""),
    interrupted: () => new AbortController().signal,
    ...terminal,
  }, {
    serve: unexpected,
    statuses: unexpected,
    contourConfiguration: unexpected,
    secrets: unexpected,
    ...parts,
  });
  return { code, ...written };
}
