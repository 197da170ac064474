/** Whatever is written into the folder: it is told with its place, and nobody else notices. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { answering, httpProxy, secret } from "./manifests.ts";
import { mistakes } from "./mistakes.ts";
import { type Stage, startStage } from "./stage.ts";

Deno.test("bad input is told with file, line and column, and the rest is served", async (t) => {
  await using stage = await startStage();
  for (const { name, make, at, code, message, hint } of mistakes) {
    await t.step(`${name} keeps the last good form`, async () => {
      const [file, host] = [`${name}.yaml`, `${name}.localhost`];
      await stage.write(file, answering(name, "first"));
      await stage.answers(host, "first");

      const before = stage.lines.length;
      await stage.write(file, make(answering(name, "broken")));
      const line = await stage.told(name, { level: "error", at: `${file}:${at}`, code }, before);
      assert.match(line.msg, message);
      if (hint !== undefined) assert.match(String(line.fields["hint"]), hint);
      assert.equal((await stage.ask(host)).body, "first");

      await stage.write(file, answering(name, "mended"));
      await stage.answers(host, "mended");
      await stage.told("the mending", { level: "info", file, message: /usable again/ }, before);

      await stage.remove(file);
      await stage.answers(host, 404);
      stage.steady();
    });
  }

  for (const [name, test] of Object.entries({ ...judged, ...paths, ...writing })) {
    await t.step(name, async () => {
      await test(stage);
      stage.steady();
    });
  }
});

type Steps = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** The document is well; what it asks for cannot be served, as in a cluster. */
const judged: Steps = {
  async "a regular expression"(stage) {
    const good = answering("regex", "yes");
    await stage.write("regex.yaml", good);
    await stage.answers("regex.localhost", "yes");
    const bad = good.replace("  - timeout", '  - conditions: [{regex: "/a("}]\n      timeout');
    const before = stage.lines.length;
    await stage.write("regex.yaml", bad);
    const { msg } = await stage.told("it", { level: "error", at: "regex.yaml:9:28" }, before);
    assert.match(msg, /supplied regex: \/a\( invalid/);
    await stage.answers("regex.localhost", 404);
    await stage.write("regex.yaml", good);
    await stage.answers("regex.localhost", "yes");
    await stage.told("that it is well", { level: "info", message: /valid again/ }, before);
    await stage.remove("regex.yaml");
  },

  async "a Secret that is missing, does not fit its key, or is old"(stage) {
    const host = "tls.localhost";
    const proxy = httpProxy(
      "tls",
      `  virtualhost:
    fqdn: ${host}
    tls:
      secretName: pair
  routes:
    - directResponsePolicy: {statusCode: 200, body: secured}
`,
    );
    const now = new Date();
    const year = validityAround(now, 365);
    const past = validityAround(new Date(now.getTime() - 1_000 * 24 * 3_600_000), 365);
    const algorithm = "ecdsa";
    const authority = await makeAuthority({ commonName: "CA", validity: year, algorithm });
    const issue = (validity: typeof year) =>
      authority.issue({ dnsNames: [host], validity, algorithm });
    const [good, other, old] = [await issue(year), await issue(year), await issue(past)];
    const verdict = async (problem: RegExp, level: "warn" | "error", act: () => Promise<void>) => {
      const before = stage.lines.length;
      await act();
      await stage.told("the problem", { level, at: "tls.yaml:9:19", message: problem }, before);
    };

    await verdict(/Secret not found/, "error", () => stage.write("tls.yaml", proxy));
    await stage.write("pair.yaml", secret("pair", good));
    await served(good);
    await verdict(
      /does not belong to the certificate/,
      "error",
      () => stage.write("pair.yaml", secret("pair", { ...good, privateKey: other.privateKey })),
    );
    await refused();
    await verdict(/expired/, "warn", () => stage.write("pair.yaml", secret("pair", old)));
    await served(old);
    await verdict(/Secret not found/, "error", () => stage.remove("pair.yaml"));
    await refused();
    const before = stage.lines.length;
    await stage.write("pair.yaml", secret("pair", good));
    await served(good);
    await stage.told("that it is well", { level: "info", message: /valid again/ }, before);
    await stage.remove("pair.yaml");
    await stage.remove("tls.yaml");

    async function served({ certificate }: { readonly certificate: string }) {
      await stage.presents(host, certificate);
    }
    async function refused() {
      await stage.presents(host, undefined);
    }
  },

  async "a Secret that cannot be read keeps the last good form, and none of it is told"(stage) {
    const text = answering("spoilt", "yes") + "---\n" +
      secret("spoilt", { certificate: "certificate", privateKey: "the private key" });
    await stage.write("spoilt.yaml", text);
    await stage.answers("spoilt.localhost", "yes");
    const hidden = btoa("the private key");
    const edits = [
      `${hidden.slice(0, 8)}?${hidden}`,
      `!${hidden}`,
      `*${hidden.slice(0, 12)}`,
      `"${hidden}`,
      `${hidden}\n  tls.key: ${hidden}`,
    ];
    for (const edit of edits) {
      const before = stage.lines.length;
      await stage.write("spoilt.yaml", text.replace(hidden, edit));
      await stage.told(edit, { level: "error", message: /./ }, before);
      const everything = JSON.stringify(stage.lines.slice(before));
      assert.ok(!everything.includes(hidden.slice(0, 8)), everything);
      assert.equal((await stage.ask("spoilt.localhost")).body, "yes");
    }
    await stage.remove("spoilt.yaml");
  },

  async "includes in a circle"(stage) {
    const including = (name: string, other: string) =>
      httpProxy(
        name,
        `  includes:
    - name: ${other}
      conditions: [{prefix: /${other}}]
  routes:
    - directResponsePolicy: {statusCode: 200, body: ${name}}
`,
      );
    const root = answering("circle", "root")
      .replace("  routes:", "  includes: [{name: one, conditions: [{prefix: /one}]}]\n  routes:");
    await stage.write("circle/root.yaml", root);
    await stage.write("circle/one.yaml", including("one", "two"));
    await stage.write("circle/two.yaml", including("two", "three"));
    await stage.write("circle/three.yaml", answeringChild("three"));
    await stage.answers("circle.localhost", "root");
    const before = stage.lines.length;
    await stage.write("circle/three.yaml", including("three", "one"));
    const line = await stage.told("the circle", { level: "error", message: /cycle/i }, before);
    assert.match(String(line.fields["at"]), /circle\/\w+\.yaml:\d+:\d+$/);
    await stage.answers("circle.localhost", "root");
    await stage.write("circle/three.yaml", answeringChild("three"));
    await stage.answers("circle.localhost", "root");
    await stage.remove("circle");
  },

  async "a host that two claim"(stage) {
    await stage.write("mine.yaml", answering("mine", "mine"));
    await stage.answers("mine.localhost", "mine");
    const before = stage.lines.length;
    const theirs = answering("theirs", "theirs").replace("theirs.localhost", "mine.localhost");
    await stage.write("theirs.yaml", theirs);
    await stage.told("one", { level: "error", at: "mine.yaml:7:11", code: "CTR102" }, before);
    await stage.told("other", { level: "error", at: "theirs.yaml:7:11", code: "CTR102" }, before);
    await stage.answers("mine.localhost", 404);
    await stage.remove("theirs.yaml");
    await stage.answers("mine.localhost", "mine");
    await stage.remove("mine.yaml");
  },

  async "an object that two files give"(stage) {
    await stage.write("b.yaml", answering("twice", "b"));
    await stage.answers("twice.localhost", "b");
    const before = stage.lines.length;
    await stage.write("c.yaml", answering("twice", "c"));
    await stage.told("it", { level: "error", at: "c.yaml:4:9", code: "CTR011" }, before);
    assert.equal((await stage.ask("twice.localhost")).body, "b");
    await stage.remove("b.yaml");
    await stage.answers("twice.localhost", "c");
    await stage.remove("c.yaml");
  },
};

/** What stands at a path is not what it should be. */
const paths: Steps = {
  async "a link that leads in a circle, or nowhere, keeps what was there"(stage) {
    for (const target of ["link.yaml", "nothing-here.yaml"]) {
      await stage.write("link.yaml", answering("link", "file"));
      await stage.answers("link.localhost", "file");
      const before = stage.lines.length;
      await Deno.symlink(target, stage.path("beside"));
      await Deno.rename(stage.path("beside"), stage.path("link.yaml"));
      await stage.told("it", { level: "error", at: "link.yaml:1:1", code: "CTR015" }, before);
      assert.equal((await stage.ask("link.localhost")).body, "file");
      await stage.remove("link.yaml");
      await stage.answers("link.localhost", 404);
    }
  },

  async "a folder by the name of a file takes the place of the file"(stage) {
    await stage.write("kind.yaml", answering("kind", "file"));
    await stage.answers("kind.localhost", "file");
    await stage.remove("kind.yaml");
    await stage.write("kind.yaml/in.yaml", answering("kind", "folder"));
    await stage.answers("kind.localhost", "folder");
    await stage.remove("kind.yaml");
    await stage.answers("kind.localhost", 404);
  },

  async "a file of 50 MB is read, one of 65 MB is refused"(stage) {
    const line = `# ${"x".repeat(97)}\n`;
    const filler = line.repeat(500_000);
    await stage.write("large.yaml", filler + answering("large", "first"));
    await stage.answers("large.localhost", "first");
    let before = stage.lines.length;
    await stage.write("large.yaml", filler + answering("large", "second").replace("body", "bdy"));
    await stage.told("the typing error", { level: "error", at: "large.yaml:500012:9" }, before);
    assert.equal((await stage.ask("large.localhost")).body, "first");
    before = stage.lines.length;
    await stage.write("large.yaml", line.repeat(700_000) + answering("large", "third"));
    await stage.told("its size", { level: "error", at: "large.yaml:1:1", code: "CTR013" }, before);
    assert.equal((await stage.ask("large.localhost")).body, "first");
    await stage.write("large.yaml", answering("large", "fourth"));
    await stage.answers("large.localhost", "fourth");
    await stage.remove("large.yaml");
  },

  async "the folder vanishes and comes back"(stage) {
    await stage.write("stays.yaml", answering("stays", "before"));
    await stage.answers("stays.localhost", "before");
    const before = stage.lines.length;
    const away = `${stage.folder}-away`;
    await Deno.rename(stage.folder, away);
    await stage.told("it", { level: "error", at: ":1:1", message: /has vanished/ }, before);
    assert.equal((await stage.ask("stays.localhost")).body, "before");
    await Deno.writeTextFile(`${away}/stays.yaml`, answering("stays", "after"));
    await Deno.rename(away, stage.folder);
    await stage.answers("stays.localhost", "after");
    await stage.remove("stays.yaml");
    await stage.answers("stays.localhost", 404);
  },
};

/** Ways in which files are written. */
const writing: Steps = {
  async "lines may end as on Windows, after a byte order mark"(stage) {
    const windows = (body: string) => `\ufeff${answering("crlf", body)}`.replaceAll("\n", "\r\n");
    await stage.write("crlf.yaml", windows("first"));
    await stage.answers("crlf.localhost", "first");
    const before = stage.lines.length;
    await stage.write("crlf.yaml", windows("second").replace("body", "bdy"));
    await stage.told("the mistake", { level: "error", at: "crlf.yaml:12:9" }, before);
    await stage.write("crlf.yaml", windows("third"));
    await stage.answers("crlf.localhost", "third");
    await stage.remove("crlf.yaml");
  },

  async "an editor writes beside the file and renames over it"(stage) {
    await stage.write("edited.yaml", answering("edited", "0"));
    await stage.answers("edited.localhost", "0");
    for (let save = 1; save <= 5; save++) {
      await stage.write(".edited.yaml.swp", answering("edited", "scratch"));
      await Deno.rename(stage.path("edited.yaml"), stage.path("edited.yaml~"));
      await stage.write("4913", "");
      await stage.write(".edited.yaml.new", answering("edited", String(save)));
      await Deno.rename(stage.path(".edited.yaml.new"), stage.path("edited.yaml"));
      await stage.answers("edited.localhost", String(save));
    }
    for (const name of ["edited.yaml", "edited.yaml~", ".edited.yaml.swp", "4913"]) {
      await stage.remove(name);
    }
    await stage.answers("edited.localhost", 404);
  },

  async "a file that is half written never costs a host"(stage) {
    const all = (round: number) =>
      [1, 2, 3].map((n) => answering(`half-${n}`, String(round))).join("---\n");
    await stage.write("half.yaml", all(0));
    await stage.answers("half-3.localhost", "0");
    for (let round = 1; round <= 10; round++) {
      const text = all(round);
      // Where a document ends is the worst place: what is there is well, and something is missing.
      const cut = round % 2 === 0 ? text.indexOf("---") : Math.floor(text.length * round / 11);
      using file = await Deno.open(stage.path("half.yaml"), { write: true, truncate: true });
      await writeAll(file, text.slice(0, cut));
      await file.syncData();
      const hosts = ["half-1", "half-2", "half-3"].map((name) => `${name}.localhost`);
      const answers = await Promise.all(hosts.map((host) => stage.ask(host)));
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200], `round ${round}`);
      await writeAll(file, text.slice(cut));
      await stage.answers("half-3.localhost", String(round));
    }
    await stage.remove("half.yaml");
  },

  async "a thousand quick edits: the last one counts"(stage) {
    await stage.write("quick.yaml", answering("quick", "0"));
    await stage.answers("quick.localhost", "0");
    const before = stage.lines.length;
    for (let edit = 1; edit <= 1_000; edit++) {
      const text = answering("quick", String(edit));
      await stage.write("quick.yaml", edit % 100 === 50 ? text.slice(0, 60) : text);
    }
    await stage.answers("quick.localhost", "1000");
    await stage.write("quick.yaml", answering("quick", "last"));
    await stage.answers("quick.localhost", "last");
    const settled = stage.lines.slice(before).filter(({ msg }) => msg === "Settled").length;
    assert.ok(settled < 1_000, `${settled} times worked through`);
    await stage.remove("quick.yaml");
  },
};

function answeringChild(name: string): string {
  return httpProxy(
    name,
    `  routes:\n    - directResponsePolicy: {statusCode: 200, body: ${name}}\n`,
  );
}

async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
