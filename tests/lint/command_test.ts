/** `contour lint` as people and scripts call it: formats, exit codes, fixes in files, and bad input. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lintFormats } from "../../cli/report/lint/formats.ts";
import { commandLine, type CommandOutcome } from "../support/command_line.ts";
import { contourCommand } from "../support/contour_process.ts";

const faulty = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: web }
spec:
  virtualhost:
    fqdn: shop.example.com
  routes:
    - conditions: [{ prefix: cart }]
      services:
        - name: shop-v2
          port: 80
    - services: [{ name: shop, port: 80 }]
      timeoutPolicy: { response: 10s }
      retryPolicy: { perTryTimeout: 20s }
`;

const good = faulty.replace("prefix: cart", "prefix: /cart")
  .replace("perTryTimeout: 20s", "perTryTimeout: 2s");

Deno.test("every format has the same exit code, and is what it says", async () => {
  await inFolder({ "a.yaml": faulty, "b.yaml": good.replace(/shop\b/g, "blog") }, async (lint) => {
    for (const format of lintFormats) {
      assert.equal((await lint(["-o", format, "."])).code, 1, format);
      assert.equal((await lint(["-o", format, "--exit-zero", "."])).code, 0, format);
      assert.equal((await lint(["-o", format, "b.yaml"])).code, 0, format);
      assert.equal((await lint(["-o", format, "missing"])).code, 2, format);
      assert.equal((await lint(["-o", format, "--fail-level", "warning", "b.yaml"])).code, 0);
      const ignored = ["-o", format, "--ignore", "CTR181", "."];
      assert.equal((await lint(ignored)).code, 0, format);
      assert.equal((await lint(["--fail-level", "warning", ...ignored])).code, 1, format);
    }
  });
});

Deno.test("the framed text", async () => {
  await inFolder({ "a.yaml": faulty }, async (lint) => {
    const { out, err } = await lint(["-o", "text", "a.yaml"], { columns: 80 });
    assert.equal(err, "");
    assert.equal(
      out,
      `error[CTR181]: route: prefix conditions must start with /, cart was supplied
 --> a.yaml:8:30
  |
6 |     fqdn: shop.example.com
7 |   routes:
8 |     - conditions: [{ prefix: cart }]
  |                              ^^^^
  |
  = object: HTTPProxy/web/shop spec.routes[0].conditions[0].prefix
  = status: RouteError/PathMatchConditionsNotValid
  = explain: contour lint --explain CTR181

warning[CTR414]: perTryTimeout 20s is not shorter than the response timeout 10s,
  so no slow try is ever retried
  --> a.yaml:14:37
   |
12 |     - services: [{ name: shop, port: 80 }]
13 |       timeoutPolicy: { response: 10s }
14 |       retryPolicy: { perTryTimeout: 20s }
   |                                     ^^^
   |
   = object: HTTPProxy/web/shop spec.routes[1].retryPolicy.perTryTimeout
   = fix: Remove perTryTimeout, which has no effect (--fix)
   = explain: contour lint --explain CTR414
   = see: a.yaml:13:34: the response timeout

1 error, 1 warning in 1 file (1 object). 1 fixable with --fix.
Not in these files, assumed to exist: Service web/shop, Service web/shop-v2
(--strict-refs to demand them).
`,
    );
    for (const line of out.split("\n")) assert.ok(line.length <= 80, line);
    const colored = await lint(["--color", "always", "-o", "text", "a.yaml"], { columns: 80 });
    assert.equal(withoutColors(colored.out), out);
    assert.notEqual(colored.out, out);
  });
});

Deno.test("piped, the report is a line a finding without colours; a terminal gets frames", async () => {
  await inFolder({ "a.yaml": faulty }, async (lint) => {
    const piped = await lint(["a.yaml"]);
    assert.equal(
      piped.out,
      "a.yaml:8:30: error[CTR181] route: prefix conditions must start with /, cart was supplied (HTTPProxy/web/shop)\n" +
        "a.yaml:14:37: warning[CTR414] perTryTimeout 20s is not shorter than the response timeout 10s, so no slow try is ever retried (HTTPProxy/web/shop) [fixable]\n",
    );
    assert.match(piped.err, /^1 error, 1 warning in 1 file \(1 object\)/);
    const seen = await lint(["a.yaml"], { outIsTerminal: true, columns: 80 });
    assert.match(withoutColors(seen.out), /^error\[CTR181\]: .*\n --> a.yaml:8:30/);
    assert.notEqual(seen.out, withoutColors(seen.out));
    const plain = await lint(["a.yaml"], {
      outIsTerminal: true,
      env: (name) => name === "NO_COLOR" ? "1" : undefined,
    });
    assert.equal(plain.out, withoutColors(plain.out));
    assert.equal((await lint(["-q", "a.yaml"])).err, "");
  });
});

Deno.test("JSON, SARIF and GitLab parse, with nothing found too; the assumed is said", async () => {
  await inFolder({ "a.yaml": faulty, "good.yaml": good }, async (lint) => {
    const json = JSON.parse((await lint(["-o", "json", "a.yaml"])).out);
    assert.equal(json.version, 1);
    assert.deepEqual(json.assumed, ["Service/web/shop", "Service/web/shop-v2"]);
    assert.deepEqual(json.summary, {
      error: 1,
      warning: 1,
      info: 0,
      files: 1,
      objects: 1,
      fixable: 1,
      suppressed: 0,
    });
    const [first, second] = json.diagnostics;
    assert.deepEqual(first, {
      code: "CTR181",
      severity: "error",
      message: "route: prefix conditions must start with /, cart was supplied",
      file: "a.yaml",
      line: 8,
      column: 30,
      endLine: 8,
      endColumn: 34,
      object: "HTTPProxy/web/shop",
      path: "spec.routes[0].conditions[0].prefix",
      condition: { type: "RouteError", reason: "PathMatchConditionsNotValid" },
      docs: "docs/codes.md#ctr181",
    });
    assert.equal(second.fix.safety, "safe");
    assert.equal(JSON.parse((await lint(["-o", "json", "good.yaml"])).out).diagnostics.length, 0);

    const sarif = JSON.parse((await lint(["-o", "sarif", "./a.yaml"])).out);
    const [run] = sarif.runs;
    const [rule] = run.tool.driver.rules;
    assert.equal(rule.helpUri, undefined);
    assert.match(rule.help.markdown, /^\*\*.*\.\*\* [^]*# contour-lint-ignore CTR\d+ -- reason/);
    assert.match(rule.help.text, /# contour-lint-ignore CTR\d+ -- reason$/);
    assert.match(rule.properties["problem.severity"], /^(error|warning|recommendation)$/);
    assert.equal(sarif.version, "2.1.0");
    assert.deepEqual(run.tool.driver.rules.map(({ id }: { id: string }) => id), [
      "CTR181",
      "CTR414",
    ]);
    assert.deepEqual(run.results[0].locations[0].physicalLocation, {
      artifactLocation: { uri: "a.yaml" },
      region: { startLine: 8, startColumn: 30, endLine: 8, endColumn: 34 },
    });
    assert.equal(run.results[1].fixes[0].artifactChanges[0].replacements.length, 1);
    assert.equal(
      JSON.parse((await lint(["-o", "sarif", "good.yaml"])).out).runs[0].results.length,
      0,
    );

    const gitlab = JSON.parse((await lint(["-o", "gitlab", "a.yaml"])).out);
    assert.deepEqual(gitlab.map(({ severity }: { severity: string }) => severity), [
      "critical",
      "minor",
    ]);
    assert.deepEqual(gitlab[0].location, { path: "a.yaml", lines: { begin: 8, end: 8 } });
    assert.deepEqual(JSON.parse((await lint(["-o", "gitlab", "good.yaml"])).out), []);
  });
});

Deno.test("GitHub's commands are escaped, JUnit is XML with a case an object", async () => {
  const odd = faulty.replace("prefix: cart", 'prefix: "100%, <a>\\nb:"');
  await inFolder({ "a,b.yaml": odd }, async (lint) => {
    const github = (await lint(["-o", "github", "a,b.yaml"])).out.split("\n");
    assert.match(
      github[0] ?? "",
      /^::error file=a%2Cb.yaml,line=8,endLine=8,col=30,endColumn=45,title=CTR181::route: .*100%25, <a>%0Ab: was/,
    );
    const junit = (await lint(["-o", "junit", "a,b.yaml"])).out;
    assert.match(junit, /<testsuites name="contour lint" tests="1" failures="1">/);
    assert.match(junit, /<testcase name="HTTPProxy\/web\/shop" classname="a,b.yaml"/);
    assert.match(junit, /&lt;a&gt;&#10;b:/);
  });
});

Deno.test("--strict-refs demands what is referred to", async () => {
  await inFolder({ "a.yaml": good }, async (lint) => {
    assert.equal((await lint(["a.yaml"])).code, 0);
    const strict = await lint(["--strict-refs", "a.yaml"]);
    assert.equal(strict.code, 1);
    assert.match(strict.out, /a.yaml:10:17: error\[CTR201\].*service "web\/shop-v2" not found/);
    assert.doesNotMatch(strict.err, /assumed/);
  });
});

Deno.test("--fix writes files, --diff only shows, standard input comes back mended", async () => {
  const fixable = good.replace("perTryTimeout: 2s", "perTryTimeout: 20s");
  await inFolder(
    { "a.yaml": fixable, "b.yaml": good.replace(/shop\b/g, "blog") },
    async (lint, folder) => {
      const shown = await lint(["--diff", "."]);
      assert.equal(
        shown.out,
        `--- a/a.yaml
+++ b/a.yaml
@@ -11,4 +11,4 @@
           port: 80
     - services: [{ name: shop, port: 80 }]
       timeoutPolicy: { response: 10s }
-      retryPolicy: { perTryTimeout: 20s }
+      retryPolicy: {}
`,
      );
      assert.equal(await Deno.readTextFile(join(folder, "a.yaml")), fixable);
      const fixed = await lint(["--fix", "."]);
      assert.equal(fixed.code, 0);
      assert.match(fixed.err, /Fixed 1 problem in 1 file\n/);
      assert.equal(
        await Deno.readTextFile(join(folder, "a.yaml")),
        fixable.replace("{ perTryTimeout: 20s }", "{}"),
      );
      const piped = await lint(["--fix", "-"], { readStdin: () => Promise.resolve(fixable) });
      assert.equal(piped.out, fixable.replace("{ perTryTimeout: 20s }", "{}"));
    },
  );
});

Deno.test("codes are explained and listed; wrong words are code 2 with what was meant", async () => {
  await inFolder({}, async (lint) => {
    const { out, code } = await lint(["--explain", "ctr401"]);
    assert.equal(code, 0);
    assert.match(out, /^warning\[CTR401\] Route that never takes a request\n/);
    assert.match((await lint(["--rules"])).out, /^CTR001 {2}error {4}Not YAML or JSON$/m);
    const wrong: [args: string[], err: RegExp][] = [
      [[], /name at least one file or folder/],
      [["--explain", "CTR40l"], /there is no code "CTR40l", did you mean CTR40\d\?/],
      [["--select", "CTR9", "."], /There is no code "CTR9"/],
      [["-o", "xml", "."], /Allowed choices are text, concise, json/],
      [["--fail-level", "warn", "."], /Allowed choices are error, warning, info/],
      [["--strict-ref", "."], /Did you mean --strict-refs\?/],
    ];
    for (const [args, expected] of wrong) {
      const { code, out, err } = await lint(args);
      assert.match(err, expected);
      assert.equal(out, "");
      assert.equal(code, 2, args.join(" "));
    }
  });
});

Deno.test("bad input is told with its place, hangs nothing, and the rest is read", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [i, letter] of [..."bcdefghi"].entries()) {
    const before = `*${"abcdefghi"[i]}`;
    bomb.push(`${letter}: &${letter} [${Array(9).fill(before).join(", ")}]`);
  }
  const cases: Readonly<
    Record<string, readonly [text: string | Uint8Array, code: string, place: string]>
  > = {
    "binary.yaml": [new Uint8Array(1000).map((_, i) => i * 37), "CTR001", "1:"],
    "bomb.yaml": [bomb.join("\n"), "CTR012", "6:"],
    "cycle.yaml": ["a: &a\n  b: *a\n", "CTR012", "2:7"],
    "latin.yaml": [new Uint8Array([0x61, 0x3a, 0x20, 0xe4, 0x0a]), "CTR001", "1:4"],
    "tabs.yaml": ["kind: HTTPProxy\nspec:\n\tvirtualhost: {}\n", "CTR001", "3:"],
    "twice.yaml": [faulty.replace("kind:", "kind: HTTPProxy\nkind:"), "CTR002", "3:1"],
    "windows.yaml": [faulty.replaceAll("\n", "\r\n"), "CTR181", "8:30"],
    "deep.yaml": ["[".repeat(5000), "CTR014", "1:"],
    "text.yaml": ["just a text", "CTR007", "1:1"],
    "list.yaml": ["- a\n- b\n", "CTR007", "1:1"],
    "cut.json": ['{"apiVersion": "v1", ', "CTR001", "1:"],
  };
  for (const [file, [text, code, place]] of Object.entries(cases)) {
    await inFolder({ [file]: text, "good.yaml": good.replace(/shop\b/g, "blog") }, async (lint) => {
      const outcome = await lint(["."]);
      assert.match(outcome.out, new RegExp(`^${file}:${place}.*error\\[${code}\\]`, "m"), file);
      assert.equal(outcome.code, 1, file);
      assert.match(outcome.err, / in 1 of 2 files \(\d+ objects?\)/, file);
      for (const format of lintFormats) assert.equal((await lint(["-o", format, "."])).code, 1);
    });
  }
});

Deno.test("what cannot be read is code 2: missing, too large, links in a circle, no permission", async () => {
  await inFolder({ "good.yaml": good }, async (lint, folder) => {
    assert.match((await lint(["nothing"])).out, /nothing:1:1: error\[CTR015\]/);
    await Deno.writeTextFile(join(folder, "large.yaml"), "");
    await Deno.truncate(join(folder, "large.yaml"), 100 * 1024 * 1024);
    const large = await lint(["large.yaml", "good.yaml"]);
    assert.match(large.out, /large.yaml:1:1: error\[CTR013\].*100.0 MiB/);
    assert.equal(large.code, 2);
    await Deno.remove(join(folder, "large.yaml"));

    await Deno.symlink(".", join(folder, "around"));
    assert.equal((await lint(["."])).code, 0);
    assert.match((await lint(["-v", "."])).err, /around: passed over: it links back/);
    await Deno.symlink("self.yaml", join(folder, "self.yaml"));
    const circle = await lint(["."]);
    assert.match(circle.out, /self.yaml:1:1: error\[CTR015\]/);
    assert.equal(circle.code, 2);
    await Deno.remove(join(folder, "self.yaml"));

    // Nobody, not even root, may read this one.
    const denied = await lint(["/proc/self/mem"]);
    assert.match(denied.out, /error\[CTR015\] Cannot read file/);
    assert.equal(denied.code, 2);
  });
});

Deno.test("bytes of a Secret are not shown, and control characters not passed on", async () => {
  const secret = `apiVersion: v1
kind: Secret
metadata: { name: a }
stringData:
  password: [hunter2]
  other: hunter3
`;
  const broken = `apiVersion: v1
kind: Secret
stringData: { password: hunter2
`;
  const escape = faulty.replace("prefix: cart", 'prefix: "\\u001b[2Jcart"');
  await inFolder({ "a.yaml": secret, "b.yaml": broken, "c.yaml": escape }, async (lint) => {
    for (const format of lintFormats) {
      const { out, err } = await lint(["-o", format, "."]);
      assert.doesNotMatch(out + err, /hunter/, format);
      assert.doesNotMatch(out + err, /\p{Cc}\[2J/u, format);
    }
  });
});

Deno.test("a reader that has had enough ends lint quietly", async () => {
  const many = Array.from(
    { length: 3000 },
    (_, i) => faulty.replace("name: shop,", `name: s${i},`),
  );
  await inFolder({ "a.yaml": many.join("---\n") }, async (_lint, folder) => {
    const [program = "", ...before] = contourCommand;
    const child = new Deno.Command(program, {
      args: [...before, "lint", "-o", "text", join(folder, "a.yaml")],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const [status, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
    assert.equal(err, "");
    assert.equal(status.code, 0);
  });
});

Deno.test("a Secret beside what is shown stays hidden: in one line, in a List, and around a change", async () => {
  const secret = {
    kind: "Secret",
    apiVersion: "v1",
    metadata: { name: "s" },
    stringData: { password: "hunter2" },
  };
  const proxy = {
    kind: "HTTPProxy",
    apiVersion: "projectcontour.io/v1",
    metadata: { name: "p" },
    spec: { virtualhost: { fqdn: "P.example.com" } },
  };
  const list = (...items: unknown[]) => JSON.stringify({ kind: "List", apiVersion: "v1", items });
  const old = "metadata: { name: p, annotations: { contour.heptio.com/x: old } }";
  const files = {
    "after.json": list(secret, proxy),
    "before.json": list(proxy, secret),
    "ends.json": list(secret, proxy).replace('"hunter2"', '\n"hunter2"'),
    "anchor.yaml": "kind: &k Secret\napiVersion: v1\nmetadata: { name: s }\ndata:\n  a: hunter2\n" +
      `---\n${faulty}`,
    "escaped.yaml": 'kind: "Sec\\u0072et"\napiVersion: v1\nmetadata: { name: s }\n' +
      "stringData: { a: hunter2, b: 1 }\n",
    "near.yaml":
      `kind: Secret\napiVersion: v1\nmetadata: { name: s }\nstringData:\n  a: hunter2\n---\n` +
      `apiVersion: v1\nkind: Service\n${old}\nspec: {}\n`,
    "flow.yaml": `{ kind: Secret, apiVersion: v1, ${old}, stringData: { a: hunter2 } }\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    await inFolder({ [file]: text }, async (lint) => {
      for (const columns of [40, 80, 400]) {
        const { out, err } = await lint(["-o", "text", file], { columns });
        assert.doesNotMatch(out + err, /hunter2/, file);
        assert.match(out, /\^/, file);
      }
      const { out } = await lint(["--diff", "--unsafe-fixes", file]);
      assert.doesNotMatch(out, /hunter2/, file);
    });
  }
  await inFolder({ "near.yaml": files["near.yaml"] }, async (lint) => {
    const { out } = await lint(["--diff", "--unsafe-fixes", "near.yaml"]);
    assert.match(out, /^@@ -9,1 \+9,1 @@\n-metadata.*\n\+metadata.*projectcontour.io\/x: old/m);
  });
});

Deno.test("what was not read is told whatever is asked for", async () => {
  await inFolder({ "a.yaml": "a: [\n", "good.yaml": good }, async (lint) => {
    for (const asked of [["--select", "CTR4"], ["--ignore", "CTR015"], ["--ignore", "CTR0"]]) {
      const outcome = await lint([...asked, "missing.yaml", "good.yaml"]);
      assert.match(outcome.out, /missing.yaml:1:1: error\[CTR015\]/);
      assert.equal(outcome.code, 2, asked.join(" "));
    }
    assert.equal((await lint(["--select", "CTR4", "a.yaml"])).code, 1);
    assert.equal((await lint(["--ignore", "CTR001", "a.yaml"])).code, 0);
  });
});

Deno.test("a report that cannot be written is code 2, not that of findings", async () => {
  await inFolder({ "a.yaml": faulty }, async (lint) => {
    const outcome = await lint(["--output-file", "nowhere/report.txt", "a.yaml"]);
    assert.equal(outcome.code, 2);
    assert.match(outcome.err, /Cannot write "nowhere\/report.txt": there is no such folder/);
    const written = await lint(["-o", "json", "--output-file", "report.json", "a.yaml"]);
    assert.deepEqual([written.code, written.out], [1, ""]);
  });
});

type Lint = (
  args: readonly string[],
  terminal?: Parameters<typeof commandLine>[1],
) => Promise<CommandOutcome>;

/** Files in a folder of their own, which paths are relative to. */
async function inFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (lint: Lint, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-lint-" });
  const absolute = (arg: string) =>
    arg === "." ? folder : /^(\.\/)?[\w,]+(\.(yaml|json))?$/.test(arg) ? join(folder, arg) : arg;
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(folder, name), bytes);
    }
    await test(async (args, terminal) => {
      const flags = new Set(["-o", "--color", "--fail-level", "--ignore", "--select", "--explain"]);
      const given = args.map((arg, i) => flags.has(args[i - 1] ?? "") ? arg : absolute(arg));
      const { code, out, err } = await commandLine(["lint", ...given], terminal);
      const relative = (text: string) =>
        text.replaceAll(`a/${folder.slice(1)}/`, "a/").replaceAll(`b/${folder.slice(1)}/`, "b/")
          .replaceAll(`file://${folder}/`, "").replaceAll(`${folder}/`, "");
      return { code, out: relative(out), err: relative(err) };
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function withoutColors(text: string): string {
  return text.replace(/\p{Cc}\[\d+m/gu, "");
}
