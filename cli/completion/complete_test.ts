import assert from "node:assert/strict";
import { join } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../../tests/support/command_line.ts";
import { commands } from "../commands.ts";
import { bashWords } from "./bash.ts";
import { shellNames } from "./shell.ts";

/** What may follow these words, as a script would be told: values, their descriptions, and the kind. */
async function after(
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly values: readonly string[]; readonly told: readonly string[]; kind: string }> {
  const words = line.split(" ");
  const word = words.pop() ?? "";
  const { out, err, code } = await commandLine(["__complete", "zsh", `=${word}`, ...words], {
    env: (name) => env[name],
  });
  assert.equal(err, "");
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n");
  const kind = lines.pop() ?? "";
  const values = lines.map((line) => line.split("\t")[0] ?? "");
  return { values, told: lines.map((line) => line.split("\t")[1] ?? ""), kind };
}

/** Every command that can be called, by its words. */
async function everyCommand(): Promise<readonly (readonly [words: string, command: Command])[]> {
  const { buildProgram } = await import("../program.ts");
  const terminal = {
    out: () => {},
    err: () => {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    env: () => undefined,
    readStdin: () => Promise.resolve(""),
    interrupted: () => new AbortController().signal,
  };
  const unexpected = () => {
    throw new Error("Nothing is run");
  };
  const parts = {
    serve: unexpected,
    statuses: unexpected,
    contourConfiguration: unexpected,
    secrets: unexpected,
  };
  const program = await buildProgram(commands.map(({ name }) => name), terminal, parts, () => {});
  const below = (command: Command, words: string): [string, Command][] => [
    [words, command],
    ...command.commands.flatMap((child) => below(child, `${words}${child.name()} `)),
  ];
  return below(program, "");
}

Deno.test("of every command all that its help lists is offered: commands, flags, choices", async () => {
  const all = await everyCommand();
  assert.ok(all.some(([words]) => words === "plugins check "));
  for (const [words, command] of all) {
    const help = command.createHelp();
    const flags = (await after(`${words}-`)).values;
    for (const { long, short, argChoices } of help.visibleOptions(command)) {
      for (const name of [long, short]) if (name) assert.ok(flags.includes(name), words + name);
      if (argChoices === undefined) continue;
      for (const line of [`${words}${long} `, `${words}${long}=`, `${words}${short ?? long} `]) {
        assert.deepEqual((await after(line)).values, argChoices, line);
      }
    }
    assert.ok(flags.includes("--color"), words);
    const { values } = await after(words);
    for (const child of help.visibleCommands(command)) {
      assert.ok(values.includes(child.name()), `${words}${child.name()}`);
    }
  }
});

Deno.test("every value that is a file or a folder is completed to one", async () => {
  const paths = /[<[](file|path|log|folder|config)\b/;
  for (const [words, command] of await everyCommand()) {
    for (const { long, flags } of command.createHelp().visibleOptions(command)) {
      if (!paths.test(flags)) continue;
      const { kind } = await after(`${words}${long} `);
      assert.equal(kind, flags.includes("<folder>") ? ":folders" : ":files", words + flags);
    }
  }
  assert.equal((await after("lint ")).kind, ":files");
  assert.equal((await after("lint a.yaml b.yaml ")).kind, ":files");
  assert.equal((await after("explain GET ")).kind, ":words");
  assert.equal((await after("explain GET http://x/ ")).kind, ":files");
  assert.equal((await after("explain http://x/ -X GET -- ")).kind, ":files");
  assert.equal((await after("test ")).kind, ":files");
  assert.equal((await after("certgen ")).kind, ":folders");
  assert.equal((await after("plugins check ")).kind, ":files");
  assert.equal((await after("plugins new ")).kind, ":words");
});

Deno.test("codes come with their titles, several between commas", async () => {
  const { values, told } = await after("lint --explain ");
  assert.equal(told[values.indexOf("CTR001")], "Not YAML or JSON");
  assert.equal(values.length, new Set(values).size);
  const second = await after("lint --select CTR001,");
  assert.ok(second.values.includes("CTR001,CTR002"));
  assert.ok(!second.values.includes("CTR001,CTR001"));
});

Deno.test("words are read as they are when the command runs", async () => {
  const formats = (await after("lint -o ")).values;
  assert.ok(formats.includes("sarif"));
  for (const line of ["lint -qo ", "lint a.yaml -vo ", "--color never lint -o "]) {
    assert.deepEqual((await after(line)).values, formats, line);
  }
  assert.deepEqual((await after("lint -qojs")).values[2], "-qojson");
  // A value that is called like a command or a flag is a value.
  assert.deepEqual((await after("lint --output-file diff --fail-level ")).values, [
    "error",
    "warning",
    "info",
  ]);
  assert.equal((await after("lint --output-file ")).kind, ":files");
  assert.deepEqual(await after("lint -- -"), { values: [], told: [], kind: ":files" });
  assert.deepEqual((await after("help envoy ")).values, []);
  assert.ok((await after("help ")).values.includes("serve"));
  assert.deepEqual((await after("completion ")).values, shellNames);
  assert.ok((await after("version ")).values.includes("--output"));
  assert.deepEqual((await after("no-such-command ")).values, []);
});

Deno.test("names of the kubeconfig are those of the files that would be read", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-completion-" });
  try {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    await Deno.writeTextFile(first, kubeconfig("https://127.0.0.1:1", "prod", "dev"));
    await Deno.writeTextFile(second, kubeconfig("https://127.0.0.1:1", "test", "dev"));
    const env = { KUBECONFIG: `${first}:${second}:${folder}/none`, HOME: folder };
    const contexts = await after("diff --context ", env);
    assert.deepEqual(contexts.values, ["prod", "dev", "test"]);
    assert.deepEqual(contexts.told, ["the current context", "", ""]);
    assert.deepEqual((await after("status --cluster=", env)).values, [
      "prod-cluster",
      "dev-cluster",
      "test-cluster",
    ]);
    assert.deepEqual((await after("lint --user ", env)).values.length, 3);
    const named = await after(`lint --kubeconfig ${second} --context `, env);
    assert.deepEqual(named.values, ["test", "dev"]);
    const atHome = await after("lint --kubeconfig ~/second --context ", env);
    assert.deepEqual(atHome.values, ["test", "dev"]);
    await Deno.writeTextFile(second, "{ no: kubeconfig");
    for (const env of [{ KUBECONFIG: second }, { HOME: folder }]) {
      assert.deepEqual(await after("lint --context ", env), {
        values: [],
        told: [],
        kind: ":words",
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("namespaces are those of the cluster, if it answers at once", async () => {
  const asked: string[] = [];
  const end = Promise.withResolvers<Response>();
  const items = ["default", "web"].map((name) => ({ metadata: { name } }));
  await using api = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.push(`${request.headers.get("impersonate-user") ?? ""} ${pathname}`);
      return pathname.startsWith("/slow")
        ? new Promise<Response>((resolve) =>
          request.signal.addEventListener("abort", () => resolve(new Response()))
        )
        : Response.json({ items });
    },
  );
  const file = await Deno.makeTempFile({ prefix: "contour-completion-" });
  try {
    const server = `http://127.0.0.1:${api.addr.port}`;
    await Deno.writeTextFile(file, kubeconfig(server, "prod"));
    const line = `lint --kubeconfig ${file} --as me -n `;
    assert.deepEqual((await after(line)).values, ["default", "web"]);
    assert.deepEqual(asked, ["me /api/v1/namespaces"]);
    const more = await after(`serve --kubeconfig ${file} --watch-namespaces default,`);
    assert.deepEqual(more.values, ["default,web"]);
    await Deno.writeTextFile(file, kubeconfig(`${server}/slow`, "prod"));
    assert.deepEqual(await after(line), { values: [], told: [], kind: ":words" });
    await Deno.writeTextFile(file, kubeconfig("http://127.0.0.1:1", "prod"));
    assert.deepEqual(await after(line), { values: [], told: [], kind: ":words" });
  } finally {
    end.resolve(new Response());
    await Deno.remove(file);
  }
});

Deno.test("diff completes revisions of git, and what stands in them", async () => {
  const { values, kind } = await after("diff HEAD:manifests/");
  assert.ok(values.includes("HEAD:manifests/crds/"), values.join());
  assert.equal(kind, ":words goes on");
  assert.equal((await after("diff ")).kind, ":files");
});

Deno.test("bash gets back what it is to put in, behind what it takes for a beginning", async () => {
  const answer = async (line: string) =>
    (await commandLine(["__complete", "bash", "\"'@><=;|&(:", line])).out;
  assert.equal(await answer("contour li"), "lint\t\n:words\n");
  assert.equal(await answer("contour lint --output=sar"), "sarif\t\n:words\n");
  assert.equal(await answer("contour lint --output='sar"), "sarif\t\n:words\n");
  assert.equal(await answer("contour lint x >"), ":files\n");
  const breaks = "\"'><=:";
  const words = (line: string) => {
    const { before, word, kept, quote, isRedirected } = bashWords(line, breaks);
    return [before, word, kept, quote, isRedirected];
  };
  assert.deepEqual(words("a 'b c' d\\ e"), [["a", "b c"], "d e", "", "", false]);
  assert.deepEqual(words('a --x="b c'), [["a"], "--x=b c", "--x=", '"', false]);
  assert.deepEqual(words("a --x=arn:aws:e"), [["a"], "--x=arn:aws:e", "--x=arn:aws:", "", false]);
  assert.deepEqual(words("a '' "), [["a", ""], "", "", "", false]);
  assert.deepEqual(words("a b > out c"), [["a", "b"], "c", "", "", false]);
  assert.deepEqual(words("a b 2> ou"), [["a", "b"], "ou", "", "", true]);
});

Deno.test("fish and PowerShell get whole words, PowerShell those alone that begin like it", async () => {
  const answer = async (shell: string, word: string, ...before: readonly string[]) =>
    (await commandLine(["__complete", shell, `=${word}`, ...before])).out;
  assert.match(await answer("fish", "--output=sa", "lint"), /^--output=sarif\t$/m);
  assert.match(await answer("fish", "--output=sa", "lint"), /^--output=text\t$/m);
  assert.equal(await answer("powershell", "--OUTPUT-F", "lint").then(lineCount), 2);
  assert.equal(await answer("powershell", "--output=sa", "lint"), "--output=sarif\t\n:words\n");
  assert.equal(await answer("powershell", "", "lint", "--output-file"), ":files\n");
  assert.match(await answer("powershell", "", "help"), /^serve\tserve what/);
});

function lineCount(text: string): number {
  return text.trimEnd().split("\n").length;
}

Deno.test("whatever is asked, nothing is said but an answer", async () => {
  for (const args of [[], ["csh"], ["bash"], ["zsh"], ["fish", ""], ["powershell", "=x"]]) {
    const { code, err } = await commandLine(["__complete", ...args]);
    assert.deepEqual([code, err], [0, ""], args.join());
  }
});

/** The first is the current one. */
function kubeconfig(server: string, ...names: readonly string[]): string {
  return JSON.stringify({
    "current-context": names[0],
    contexts: names.map((name) => ({
      name,
      context: { cluster: `${name}-cluster`, user: `${name}-user` },
    })),
    clusters: names.map((name) => ({ name: `${name}-cluster`, cluster: { server } })),
    users: names.map((name) => ({ name: `${name}-user`, user: { token: "secret" } })),
  });
}
