/** `contour diff` as people and scripts call it: sides, formats, exit codes, traffic, and bad input. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { diffFormats } from "../../cli/report/diff/formats.ts";
import { commandLine, type CommandOutcome } from "../support/command_line.ts";

function shop(service: string, { prefix = "/", fqdn = "shop.test" } = {}): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: web }
spec:
  virtualhost: { fqdn: ${fqdn} }
  routes:
    - conditions: [{ prefix: ${prefix} }]
      services: [{ name: ${service}, port: 80 }]
`;
}

Deno.test("every format has the same exit code, and json always parses", async () => {
  const files = {
    "a.yaml": shop("a"),
    "b.yaml": shop("b"),
    "broken.yaml": `${shop("a")}---\nkind: [`,
  };
  await inFolder(files, async (path) => {
    for (const format of diffFormats) {
      const diff = (...args: readonly string[]) => run(["-o", format, ...args]);
      const [a, b, broken] = [path("a.yaml"), path("b.yaml"), path("broken.yaml")];
      assert.equal((await diff(a, a)).code, 0, format);
      assert.equal((await diff(a, b)).code, 1, format);
      assert.equal((await diff("--exit-zero", a, b)).code, 0, format);
      // Against what is not there everything would be lost: there is no answer.
      const missing = await diff(a, path("missing"));
      assert.deepEqual([missing.code, missing.out], [2, ""], format);
      const unread = await diff(b, broken);
      assert.equal(unread.code, 2, format);
      assert.match(unread.out, /web\/a:80/, "what could be read is compared");
      assert.match(unread.err, /broken\.yaml:\d+:\d+: error\[CTR001\]/);
      if (format !== "json") continue;
      for (const args of [[a, a], [a, b], ["--resources", a, b]]) {
        assert.equal(JSON.parse((await diff(...args)).out).version, 1);
      }
    }
  });
});

Deno.test("markdown and annotations say what text does", async () => {
  await inFolder({ "a.yaml": shop("a|b".slice(0, 1)), "b.yaml": shop("b") }, async (path) => {
    const sides = [path("a.yaml"), path("b.yaml")];
    const { out: markdown } = await run(["-o", "markdown", ...sides]);
    assert.match(
      markdown,
      /\| `~` moved \| `\* \/\*\*` \| `web\/a:80 -> web\/b:80` \| `GET http:\/\/shop\.test\/` \|/,
    );
    const { out: github } = await run(["-o", "github", ...sides]);
    assert.match(
      github,
      /^::warning file=.*b\.yaml,line=7,endLine=8,title=Requests moved::shop\.test: \* \/\*\*%0Aweb\/a:80 -> web\/b:80%0A/,
    );
    assert.match(github, /::notice title=Difference::Requests: 1 moved in 1 of 1 host\.\n$/);
  });
});

Deno.test("the same change of many hosts is told once, and one of a whole host in a line", async () => {
  const many = (service: string, timeout: string) =>
    Array.from(
      { length: 40 },
      (_, i) =>
        shop(service, { fqdn: `h${i}.test` }).replace("name: shop", `name: shop${i}`) +
        `      timeoutPolicy: { response: ${timeout} }\n` +
        "    - conditions: [{ prefix: /x }]\n" +
        `      services: [{ name: x${i}, port: 80 }]\n` +
        `      timeoutPolicy: { response: ${timeout} }\n`,
    ).join("---\n");
  await inFolder({ "a.yaml": many("a", "20s"), "b.yaml": many("a", "30s") }, async (path) => {
    const { out } = await run([path("a.yaml"), path("b.yaml")]);
    assert.match(out, /^h0\.test, h1\.test and 38 more hosts\n/);
    assert.match(out, / {2}~ \* all requests \(2 classes\) .*CHANGED\n {6}timeout 20s -> 30s\n/);
    assert.match(out, /\nRequests: 80 changed in 40 of 40 hosts\.\n$/);
    const { out: all } = await run(["-v", path("a.yaml"), path("b.yaml")]);
    assert.match(all, /\/x\*\*/);
  });
});

Deno.test("standard input is a side", async () => {
  await inFolder({ "a.yaml": shop("a") }, async (path) => {
    const readStdin = () => Promise.resolve(shop("b"));
    const { code, out } = await commandLine(["diff", path("a.yaml"), "-"], { readStdin });
    assert.equal(code, 1);
    assert.match(out, /a\.yaml:7 -> <stdin>:7/);
    assert.equal((await commandLine(["diff", "-", "-"], { readStdin })).code, 2);
  });
});

Deno.test("wrong calls get code 2 and say what is wanted", async () => {
  await inFolder({ "a.yaml": shop("a") }, async (path) => {
    const a = path("a.yaml");
    for (
      const [args, message] of [
        [[], /name two sides/],
        [[a], /what to compare/],
        [[a, a, a], /two sides/],
        [["-o", "xml", a, a], /Allowed choices are text, json, markdown, github/],
        [[a, a, "--traffic", path("none.log")], /Cannot read the traffic in ".*none\.log"/],
        [["nosuchrevision:x", a], /Cannot read "nosuchrevision:x"/],
        [[a, "-", "--traffic", "-"], /either a side or the traffic/],
        [[a, a, "--wrong"], /unknown option/],
      ] as const
    ) {
      const { code, err } = await run(args);
      assert.equal(code, 2, args.join(" "));
      assert.match(err, message);
    }
  });
});

Deno.test("revisions of git: against the files here, two of them, and a path of one", async () => {
  await inRepository(async ({ git, write, diff }) => {
    await write("routes/shop.yaml", shop("a"));
    await write("routes/notes.txt", "no manifest");
    await git("add", ".");
    await git("commit", "-m", "one");
    await git("tag", "v1");
    await write("routes/shop.yaml", shop("b"));
    await git("commit", "-am", "two");
    await write("routes/shop.yaml", shop("c"));

    const moved = (before: string, after: string) =>
      new RegExp(`web/${before}:80 -> web/${after}:80`);
    const cases: readonly (readonly [args: string[], before: string, after: string])[] = [
      [["HEAD", "--", "routes/"], "b", "c"],
      [["v1", "routes"], "a", "c"],
      [["v1"], "a", "c"],
      [["v1..HEAD", "routes/"], "a", "b"],
      [["v1...HEAD"], "a", "b"],
      [["v1", "HEAD", "routes"], "a", "b"],
      [["v1:routes", "routes"], "a", "c"],
      [["v1:routes/shop.yaml", "HEAD:routes/"], "a", "b"],
      [["HEAD~1:", "HEAD:"], "a", "b"],
    ];
    for (const [args, before, after] of cases) {
      const { code, out, err } = await diff(...args);
      assert.equal(code, 1, args.join(" ") + err);
      assert.match(out, moved(before, after), args.join(" "));
    }
    assert.match(
      (await diff("v1", "routes")).out,
      /\(v1:routes\/shop\.yaml:7 -> routes\/shop\.yaml:7\)/,
    );
    // A file that is gone is a difference, and no mistake.
    await Deno.remove("routes/shop.yaml");
    const gone = await diff("HEAD", "--", "routes/shop.yaml");
    assert.equal(gone.code, 1);
    assert.match(gone.out, /LOST/);
    const { code, err } = await diff("v1:routes/none.yaml", "routes");
    assert.equal(code, 2);
    assert.match(err, /path 'routes\/none\.yaml' does not exist in 'v1'/);
  });
});

Deno.test("kubectl calls it with two folders of files without an ending", async () => {
  const secret = (value: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: cert, namespace: web }\ndata: { tls.key: "${value}" }\n`;
  const status = "status:\n  currentStatus: valid\n";
  const name = "projectcontour.io.v1.HTTPProxy.web.shop";
  await inFolder({
    [`LIVE-123/${name}`]: shop("a") + status,
    [`MERGED-456/${name}`]: shop("b") + status,
    "LIVE-123/v1.Secret.web.cert": secret("*** (before)"),
    "MERGED-456/v1.Secret.web.cert": secret("*** (after)"),
    "LIVE-123/apps.v1.Deployment.web.shop": "",
    "MERGED-456/apps.v1.Deployment.web.shop":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop, namespace: web }\n",
  }, async (path) => {
    const { code, out, err } = await run([path("LIVE-123"), path("MERGED-456")]);
    assert.equal(code, 1);
    assert.match(out, /web\/a:80 -> web\/b:80 +MOVED/);
    assert.match(err, /^note: Secret web\/cert changes; kubectl hides its values/m);
    assert.doesNotMatch(err, /error/);
    assert.equal((await run([path("LIVE-123"), path("LIVE-123")])).code, 1 - 1);
  });
});

Deno.test("traffic: both formats, packed or not, and what a log does not tell", async () => {
  const text = (method: string, path: string, host: string) =>
    `[2026-01-01T00:00:00.000Z] "${method} ${path} HTTP/1.1" 200 - 0 12 3 2 "10.0.0.1" "a "b" c" "id" "${host}" "10.0.0.2:80"`;
  const json = (fields: object) => JSON.stringify({ protocol: "HTTP/1.1", ...fields });
  const log = [
    text("GET", "/cart?x=1", "shop.test"),
    text("GET", "/cart/7", "SHOP.test:8080"),
    text("POST", "/about", "shop.test"),
    json({ method: "GET", path: "/cart", authority: "shop.test", requested_server_name: "" }),
    json({ method: "GET", path: "/", authority: "elsewhere.test", response_code: 404 }),
    "",
    "what is this",
    "{ broken",
  ].join("\n");
  const packed = new Uint8Array(
    await new Response(
      new Blob([log]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );
  const about =
    "    - conditions: [{ prefix: /about }]\n      services: [{ name: about, port: 80 }]\n";
  await inFolder({
    "a.yaml": shop("a", { prefix: "/cart" }) + about,
    "b.yaml": shop("b", { prefix: "/cart" }) + about,
    "access.log": log,
  }, async (path) => {
    await Deno.writeFile(path("odd.name"), packed);
    const sides = [path("a.yaml"), path("b.yaml")];
    const expected = {
      requests: 5,
      changed: 3,
      unlisted: 0,
      unreadable: 2,
      unknownScheme: 4,
      unknownHeaders: 0,
    };
    for (const file of ["access.log", "odd.name"]) {
      const { out } = await run(["-o", "json", ...sides, "--traffic", path(file)]);
      const { traffic, hosts } = JSON.parse(out);
      assert.deepEqual(traffic, expected, file);
      assert.equal(hosts[0].classes[0].requests, 3);
    }
    const twice = await run([
      ...["-o", "json", ...sides, "--traffic", path("access.log")],
      ...["--traffic", path("odd.name")],
    ]);
    assert.equal(JSON.parse(twice.out).traffic.requests, 10);
    const piped = await commandLine(["diff", ...sides, "--traffic", "-"], {
      readStdin: () => Promise.resolve(log),
    });
    assert.match(piped.out, /MOVED {2}3 requests\n/);
    assert.match(piped.out, /^Traffic: 3 of 5 requests change \(60\.0%\)\n/m);
    assert.match(piped.out, /^ {2}2 lines could not be read$/m);
  });
});

Deno.test("headers that a log does not hold are told", async () => {
  const beta = (service: string) =>
    `${shop("web")}    - conditions: [{ header: { name: x-beta, present: true } }]\n` +
    `      services: [{ name: ${service}, port: 80 }]\n`;
  const line = (fields: object) =>
    `${
      JSON.stringify({
        method: "GET",
        path: "/",
        authority: "shop.test",
        scheme: "http",
        ...fields,
      })
    }\n`;
  await inFolder({
    "a.yaml": beta("a"),
    "b.yaml": beta("b"),
    "log": line({}) + line({ x_beta: "1" }),
  }, async (path) => {
    const { out } = await run([
      "-o",
      "json",
      path("a.yaml"),
      path("b.yaml"),
      "--traffic",
      path("log"),
    ]);
    const { traffic } = JSON.parse(out);
    assert.equal(traffic.changed, 1);
    assert.equal(traffic.unknownHeaders, 1);
  });
});

Deno.test("bad input is told and ends", async () => {
  const bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" +
    [..."bcdefghi"].map((name, i) => `${name}: &${name} [${`*${"abcdefgh"[i]},`.repeat(9)}]\n`)
      .join("");
  await inFolder({
    "a.yaml": shop("a"),
    "binary.yaml": "\0\x01\x02",
    "bomb.yaml": bomb,
    "tabs.yaml": "kind:\n\t- x\n",
    "twice.yaml": "kind: HTTPProxy\nkind: Service\n",
    "crlf.yaml": shop("a").replaceAll("\n", "\r\n"),
  }, async (path) => {
    await Deno.writeFile(path("invalid.yaml"), new Uint8Array([0xff, 0xfe, 0x41]));
    for (const name of ["binary", "bomb", "tabs", "invalid"]) {
      const { code, err } = await run([path("a.yaml"), path(`${name}.yaml`)]);
      assert.equal(code, 2, name);
      assert.match(err, new RegExp(`${name}\\.yaml:\\d+:\\d+: error`), name);
    }
    assert.equal((await run([path("a.yaml"), path("crlf.yaml")])).code, 0);
    await Deno.symlink(path("."), path("loop"));
    assert.notEqual((await run([path("."), path(".")])).code, 1);
  });
});

Deno.test("what is found is never more than a line, whatever a manifest holds", async () => {
  const evil = (service: string) => shop(service, { prefix: '"/\\u001b[2J"' });
  await inFolder({ "a.yaml": evil("a"), "b.yaml": evil("b") }, async (path) => {
    for (const format of diffFormats) {
      const { out, err } = await run(["-o", format, path("a.yaml"), path("b.yaml")]);
      assert.ok(!(out + err).includes("\x1b"), format);
    }
  });
});

function run(args: readonly string[]): Promise<CommandOutcome> {
  return commandLine(["diff", ...args]);
}

async function inFolder(
  files: Readonly<Record<string, string>>,
  work: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    await work((name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Repository {
  readonly git: (...args: readonly string[]) => Promise<void>;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly diff: (...args: readonly string[]) => Promise<CommandOutcome>;
}

/** A repository of its own, as the folder we are in. */
async function inRepository(work: (repository: Repository) => Promise<void>): Promise<void> {
  const before = Deno.cwd();
  await inFolder({}, async (path) => {
    const git = async (...args: readonly string[]) => {
      const { success, stderr } = await new Deno.Command("git", {
        args: ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args],
        env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    };
    Deno.chdir(path("."));
    try {
      await git("init", "--quiet");
      await work({
        git,
        write: async (name, text) => {
          await Deno.mkdir(join(name, ".."), { recursive: true });
          await Deno.writeTextFile(name, text);
        },
        diff: (...args) => run(args),
      });
    } finally {
      Deno.chdir(before);
    }
  });
}
