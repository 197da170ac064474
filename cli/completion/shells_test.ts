import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shellBinary } from "../../tests/support/shell_binaries.ts";

/** What is typed, and what stands there once TAB was pressed. `|` is the cursor, at the end if absent. */
type Typed = readonly [typed: string, completed: string];

const everywhere: readonly Typed[] = [
  ["contour li", "contour lint "],
  ["contour plugins ch", "contour plugins check "],
  ["contour lint --output-f", "contour lint --output-file "],
  ["contour lint -o sar", "contour lint -o sarif "],
  ["contour lint --output=sar", "contour lint --output=sarif "],
  ["contour lint --explain CTR10", "contour lint --explain CTR10"],
  ["contour lint --explain CTR40", "contour lint --explain CTR40"],
  ["contour lint --select CTR401,CTR11", "contour lint --select CTR401,CTR11"],
  ["contour explain PO", "contour explain POST "],
  ["contour help conv", "contour help convert "],
  ["contour completion powers", "contour completion powershell "],
  ["contour lint rou", "contour lint routes/"],
  ["contour lint --config=sho", "contour lint --config=shop.yaml "],
  ["contour lint --config oth", "contour lint --config other\\ file.yaml "],
  ["contour convert --out-dir rou", "contour convert --out-dir routes/"],
  ["contour lint --context sta", "contour lint --context staging\\ two "],
  [
    "contour lint --kubeconfig second.kube --context on",
    "contour lint --kubeconfig second.kube --context only ",
  ],
  ["contour lint --cluster=arn:aws:e", "contour lint --cluster=arn:aws:eks "],
  ["contour nothing", "contour nothing"],
];

Deno.test("bash completes", async () => {
  await tryShell("bash", { start: ["--norc", "--noprofile", "-i"], before: bashSetup }, [
    ...everywhere,
    ['contour lint --context "sta', 'contour lint --context "staging two" '],
    ["contour lint --context 'sta", "contour lint --context 'staging two' "],
    ["contour lint --context=sta", "contour lint --context=staging\\ two "],
    ["contour lint < sho", "contour lint < shop.yaml "],
    ["X=1 contour li", "X=1 contour lint "],
    ["true; contour li", "true; contour lint "],
  ]);
});

Deno.test("zsh completes", async () => {
  const { functions } = await shellBinary("zsh");
  await tryShell("zsh", { start: ["-f", "-i"], before: zshSetup(functions) }, everywhere);
});

Deno.test("fish completes", async () => {
  await using place = await stage();
  const { path, env } = await shellBinary("fish");
  for (const [typed, completed] of everywhere) {
    const script = `source (contour completion fish | psub); complete -C ${quoted(typed)}`;
    const { stdout, stderr } = await new Deno.Command(path, {
      args: ["--no-config", "-c", script],
      cwd: place.folder,
      env: { ...place.env, ...env },
    }).output();
    assert.equal(text(stderr), "", typed);
    const values = text(stdout).split("\n").filter((line) => line !== "")
      .map((line) => line.split("\t")[0] ?? "");
    const word = /(?<=^|\s)(\\.|\S)*$/.exec(completed.trimEnd())?.[0].replaceAll("\\", "") ?? "";
    const typedWord = /\S*$/.exec(typed)?.[0] ?? "";
    // Where there is nothing to add, fish shows what is like it in some way.
    if (word !== typedWord) assert.deepEqual(values, [word], typed);
  }
});

const bashSetup = [
  "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind 'set show-all-if-ambiguous off'",
  `bind -x '"\\C-g": printf "\\n<%s>\\n" "$READLINE_LINE"'`,
  "source <(contour completion bash)",
];

function zshSetup(functions: readonly string[]): readonly string[] {
  return [
    ...functions.length === 0 ? [] : [`fpath=(${functions.join(" ")})`],
    "unset zle_bracketed_paste; unsetopt beep; setopt no_list_ambiguous no_auto_list",
    `shown() { print -r -- "" ; print -r -- "<$BUFFER>" }; zle -N shown; bindkey '^G' shown; bindkey '^U' kill-whole-line`,
    "autoload -Uz compinit; compinit -u -D",
    "source <(contour completion zsh)",
  ];
}

/** Types into an interactive shell at a terminal, and compares what then stands in its line. */
async function tryShell(
  name: "bash" | "zsh",
  { start, before }: { readonly start: readonly string[]; readonly before: readonly string[] },
  cases: readonly Typed[],
): Promise<void> {
  await using place = await stage();
  const { path, env } = await shellBinary(name);
  const shell = new Deno.Command("script", {
    args: ["-qfec", [path, ...start].join(" "), "/dev/null"],
    cwd: place.folder,
    env: { ...place.env, ...env, TERM: "dumb", PS1: "> ", COLUMNS: "200" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keys = shell.stdin.getWriter();
  const type = (text: string) => keys.write(new TextEncoder().encode(text));
  const screen = new Screen(shell.stdout);
  try {
    for (const line of before) await type(`${line}\n`);
    await type("echo rea''dy\n");
    await screen.until(/ready/);
    for (const [typed, completed] of cases) {
      await type(`\x15${typed}\t\x07`);
      const [, line] = await screen.until(/<([^\n]*)>\r?\n/);
      assert.equal(line, completed, `${name}: ${typed}`);
    }
    await type("\x15exit\n");
    await shell.status;
  } finally {
    await keys.close().catch(() => {});
    try {
      shell.kill();
    } catch {
      // It is gone already.
    }
    await screen.end();
  }
}

/** What a terminal shows, read as it comes. */
class Screen {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(
      new TextDecoderStream() as TransformStream<Uint8Array, string>,
    )
      .getReader();
  }

  /** Waits for something, and forgets all up to its end. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length);
        return found;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`The shell ended before ${pattern}: ${this.#text}`);
      this.#text += value;
    }
  }

  async end(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** A folder with files to find, a kubeconfig, and a `contour` on the PATH. */
async function stage() {
  const folder = await Deno.makeTempDir({ prefix: "contour-completion-" });
  await Deno.mkdir(join(folder, "bin"));
  await Deno.mkdir(join(folder, "routes"));
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  await write("shop.yaml", "");
  await write("other file.yaml", "");
  await write("config.kube", kubeconfig("staging two", "arn:aws:eks"));
  await write("second.kube", kubeconfig("only", "one"));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  await write(
    "bin/contour",
    `#!/bin/sh\nexec ${quoted(Deno.execPath())} run -A --no-check --quiet ` +
      `--config ${quoted(`${root}deno.json`)} ${quoted(`${root}cli/main.ts`)} "$@"\n`,
  );
  await Deno.chmod(join(folder, "bin/contour"), 0o755);
  return {
    folder,
    env: {
      PATH: `${join(folder, "bin")}${delimiter}${Deno.env.get("PATH") ?? ""}`,
      HOME: folder,
      KUBECONFIG: join(folder, "config.kube"),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
      LC_ALL: "C.UTF-8",
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function kubeconfig(context: string, cluster: string): string {
  return JSON.stringify({
    "current-context": context,
    contexts: [{ name: context, context: { cluster, user: "me" } }],
    clusters: [{ name: cluster, cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "me", user: { token: "secret" } }],
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
