/** Bad input of `test`, `explain` and `convert`: a clear message with its place, and nothing hangs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../support/command_line.ts";
import { contourCommand } from "../support/contour_process.ts";

const proxy = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: blog, namespace: web }
spec:
  virtualhost: { fqdn: blog.example.com }
  routes:
    - services: [{ name: blog, port: 80 }]
`;

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: blog, namespace: web }
spec:
  rules:
    - host: blog.example.com
      http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: blog, port: { number: 80 } } } }]
`;

const cases = `version: 1
tests:
  - name: blog
    request: { url: "http://blog.example.com/" }
    expect: { services: ["web/blog:80"] }
`;

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
for (const [i, letter] of [..."bcdefghi"].entries()) {
  bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(", ")}]`);
}

/** What is wrong, and where: file contents by name. */
const faults: Readonly<Record<string, readonly [text: string | Uint8Array, place: string]>> = {
  "binary.yaml": [new Uint8Array(1000).map((_, i) => i * 37), "1:"],
  "bomb.yaml": [bomb.join("\n"), "6:"],
  "cycle.yaml": ["a: &a\n  b: *a\n", "2:7"],
  "latin.yaml": [new Uint8Array([0x61, 0x3a, 0x20, 0xe4, 0x0a]), "1:4"],
  "tabs.yaml": ["kind: HTTPProxy\nspec:\n\tvirtualhost: {}\n", "3:"],
  "deep.yaml": ["[".repeat(5000), "1:"],
  "cut.json": ['{"apiVersion": "v1", ', "1:"],
};

Deno.test("a file that is none costs its objects, is told with its place, and is code 2", async () => {
  for (const [name, [text, place]] of Object.entries(faults)) {
    await inFolder({ [name]: text, "blog.yaml": proxy, "blog-old.yml": ingress }, async (at) => {
      const told = new RegExp(`${name}:${place}.*error\\[CTR\\d+\\]`, "m");
      const explained = await commandLine(["explain", "http://blog.example.com/", at("")]);
      assert.match(explained.err, told);
      assert.match(explained.out, /^-> /m, "the rest is read");
      assert.equal(explained.code, 2, name);

      const converted = await commandLine(["convert", at("")]);
      assert.match(converted.err, told);
      assert.match(converted.out, /fqdn: blog\.example\.com/);
      assert.equal(converted.code, 2, name);

      await Deno.writeTextFile(at("cases.txt"), cases);
      const tested = await commandLine(["test", at("cases.txt"), "-f", at("")]);
      assert.match(tested.err, told);
      assert.match(tested.out, /1 case passed/);
      assert.equal(tested.code, 2, name);

      const itself = await commandLine(["test", at(name), "-f", at("blog.yaml")]);
      assert.match(itself.err, told);
      assert.equal(itself.code, 2, name);
    });
  }
});

Deno.test("a key twice, a carriage return, a byte order mark", async () => {
  const files = {
    "cases.yaml": `\ufeff${cases.replaceAll("\n", "\r\n")}`,
    "blog.yaml": proxy.replaceAll("\n", "\r\n"),
    "twice.txt": cases.replace("version: 1", "version: 1\nversion: 1"),
  };
  await inFolder(files, async (at) => {
    const fine = await commandLine(["test", at("cases.yaml"), "-f", at("blog.yaml")]);
    assert.equal(fine.code, 0, fine.err);
    const twice = await commandLine(["test", at("twice.txt"), "-f", at("blog.yaml")]);
    assert.match(twice.err, /twice\.txt:2:1: error\[CTR002\]/);
    assert.equal(twice.code, 2);
  });
});

Deno.test("what cannot be read is code 2: missing, too large, links in a circle, no permission", async () => {
  await inFolder({ "cases.txt": cases, "blog.yaml": proxy, "old.yaml": ingress }, async (at) => {
    await Deno.writeTextFile(at("large.yaml"), "");
    await Deno.truncate(at("large.yaml"), 100 * 1024 * 1024);
    await Deno.symlink("self.yaml", at("self.yaml"));
    // Nobody, not even root, may read the last one.
    for (const name of ["nothing", "large.yaml", "self.yaml", "/proc/self/mem"]) {
      const path = name.startsWith("/") ? name : at(name);
      for (
        const args of [
          ["explain", "http://blog.example.com/", path],
          ["convert", path],
          ["test", at("cases.txt"), "-f", path],
          ["test", path, "-f", at("blog.yaml")],
        ]
      ) {
        const { code, err } = await commandLine(args);
        assert.equal(code, 2, args.join(" "));
        assert.match(err, new RegExp(`${name}:1:1: error\\[CTR01[35]\\]`), args.join(" "));
      }
    }
    await Deno.remove(at("large.yaml"));
    await Deno.remove(at("self.yaml"));
    await Deno.symlink(".", at("around"));
    const around = await commandLine(["explain", "-v", "http://blog.example.com/", at("")]);
    assert.match(around.err, /around: passed over: it links back/);
    assert.equal(around.code, 0);
    const folder = await commandLine(["test", at(""), "-f", at("blog.yaml")]);
    assert.match(folder.err, /it is a folder: name its files/);
    assert.equal(folder.code, 2);
    const device = await commandLine(["test", "/dev/zero", "-f", at("blog.yaml")]);
    assert.match(device.err, /it is no file/);
  });
});

Deno.test("a reader that has had enough ends test quietly", async () => {
  const many = Array.from(
    { length: 20_000 },
    (_, i) => cases.split("\n").slice(2).join("\n").replace("blog\n", `blog ${i}\n`),
  );
  await inFolder({ "cases.txt": `version: 1\ntests:\n${many.join("")}` }, async (at) => {
    await Deno.writeTextFile(at("blog.yaml"), proxy);
    const [program = "", ...before] = contourCommand;
    const child = new Deno.Command(program, {
      args: [...before, "test", "-v", at("cases.txt"), "-f", at("blog.yaml")],
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

async function inFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (at: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-bad-input-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      await Deno.writeFile(join(folder, name), bytes);
    }
    await use((name) => name === "" ? folder : join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
