import assert from "node:assert/strict";
import { join } from "node:path";
import { fixAll, lint } from "../../mod.ts";

Deno.test("the library finds and mends without a file, a clock or a network", () => {
  const text = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, labels: { public: yes } } # a label is text
spec:
  virtualhost: { fqdn: shop.example.com }
  routes: [{ services: [{ name: shop, port: 80 }] }]
`;
  const files = [{ file: "shop.yaml", text }];
  const { findings, assumed, objects } = lint(files);
  assert.deepEqual(findings.map(({ code, position: at }) => `${code} ${at?.line}:${at?.column}`), [
    "CTR004 3:43",
  ]);
  assert.deepEqual([assumed, objects], [[], []]);
  const { files: [mended], report } = fixAll(files);
  assert.equal(mended?.text, text.replace("yes", '"yes"'));
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.assumed.map(({ name }) => name), ["shop"]);
  assert.deepEqual(lint(files), lint(files));
});

Deno.test("the examples of the library run", async () => {
  // Unchecked: what runs them imports all that the file exports, and unused imports are errors here.
  const files = ["lint/lint.ts", "lint/fix_all.ts"].map((file) => join(root, file));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-check", "-A", ...files],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stdout) + text.decode(stderr));
  assert.match(text.decode(stdout), /2 passed/);
});

const root = join(import.meta.dirname ?? ".", "../..");
