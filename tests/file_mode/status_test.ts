/** What is wrong in files, as `contour status` tells it: on standard error, with exit code 1. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parts } from "../../cli/main.ts";
import { commandLine } from "../support/command_line.ts";
import { answering, secret } from "./manifests.ts";
import { mistakes } from "./mistakes.ts";

Deno.test("every mistake of a file is an error with its place, and the output still parses", async (t) => {
  for (const { name, make, at, code, message } of mistakes) {
    await t.step(name, async () => {
      const files = {
        "good.yaml": answering("good", "yes"),
        [`${name}.yaml`]: make(answering(name, "x")),
      };
      const { exit, out, err, folder } = await status(files);
      assert.equal(exit, 1, err);
      const [first = ""] = err.split("\n");
      const place = `${folder}/${name}.yaml:${at}: error[${code}] `;
      assert.equal(first.slice(0, place.length), place);
      assert.match(first.slice(place.length), message);
      assert.deepEqual(itemsOf(out).map(({ metadata, status }) => [metadata.name, status]), [
        ["good", "valid"],
      ]);
      assert.match(err, /\n1 error, 0 warnings in \d files? \(1 object\)\n$/);
    });
  }
});

Deno.test("what is well written and cannot be served is told at the field to blame", async () => {
  const one = answering("one", "x");
  const tls = (name: string) =>
    one.replace("  routes", `    tls:\n      secretName: ${name}\n  routes`);
  const junk = { certificate: "certificate", privateKey: "key" };
  const cases: readonly [text: string, line: string, status: string][] = [
    [
      one.replace("  - timeout", '  - conditions: [{regex: "/a("}]\n      timeout'),
      "one.yaml:9:28: error[CTR181] route: supplied regex: /a( invalid. error: error parsing regexp",
      "invalid",
    ],
    [
      tls("missing"),
      'one.yaml:9:19: error[CTR123] Spec.VirtualHost.TLS Secret "missing" is invalid',
      "invalid",
    ],
    [
      `${tls("junk")}---\n${secret("junk", junk)}`,
      'one.yaml:9:19: error[CTR123] Spec.VirtualHost.TLS Secret "junk" is invalid',
      "invalid",
    ],
    [
      one.replace("  routes", "  includes: [{name: nobody}]\n  routes"),
      "one.yaml:8:21: error[CTR172] include default/nobody not found",
      "invalid",
    ],
    [
      `${one}---\n${one.replace("name: one", "name: two")}`,
      "one.yaml:7:11: error[CTR102] ",
      "invalid",
    ],
    [`${one}---\n${one}`, "one.yaml:17:9: error[CTR011] ", "valid"],
  ];
  for (const [text, line, verdict] of cases) {
    const { exit, out, err, folder } = await status({ "one.yaml": text });
    assert.equal(exit, 1, err);
    assert.ok(err.startsWith(`${folder}/${line}`), `${line}\n${err}`);
    assert.equal(itemsOf(out)[0]?.status, verdict);
  }
});

Deno.test("paths that cannot be read are errors, an empty folder is a warning", async () => {
  const empty = await status({});
  assert.equal(empty.exit, 0);
  assert.match(empty.err, /^\S+:1:1: warning\[CTR017\] Folder .* holds no \.yaml/);
  assert.deepEqual(itemsOf(empty.out), []);
  const missing = await status({}, "nowhere");
  assert.equal(missing.exit, 1);
  assert.match(missing.err, /nowhere:1:1: error\[CTR015\] Cannot read .* no such file or folder/);
  const device = await contourStatus("/dev/null");
  assert.equal(device.exit, 1);
  assert.match(device.err, /^\/dev\/null:1:1: error\[CTR015\] .*\n {4}hint: /);
});

Deno.test("a file that is refused for its size, and aliases that cannot be, are told at once", async () => {
  const { exit, err, out } = await status({
    "large.yaml": `# ${"x".repeat(97)}\n`.repeat(700_000),
    "small.yaml": answering("small", "yes"),
  });
  assert.equal(exit, 1);
  assert.match(err, /large\.yaml:1:1: error\[CTR013\] .*66\.8 MiB/);
  assert.equal(itemsOf(out).length, 1);
});

/** Runs `contour status -o json` on a folder of these files, or on a path in it. */
async function status(files: Readonly<Record<string, string | Uint8Array>>, path = "") {
  const folder = await Deno.makeTempDir({ prefix: "contour-status-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(folder, name), bytes);
    }
    return { folder, ...await contourStatus(join(folder, path)) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function contourStatus(path: string) {
  const { code, out, err } = await commandLine(["status", path, "-o", "json"], { parts });
  return { exit: code, out, err };
}

interface Item {
  readonly metadata: { readonly name: string };
  readonly status: { readonly currentStatus: string };
}

function itemsOf(out: string) {
  const { kind, items }: { kind: string; items: readonly Item[] } = JSON.parse(out);
  assert.equal(kind, "List");
  return items.map(({ metadata, status }) => ({ metadata, status: status.currentStatus }));
}
