import assert from "node:assert/strict";
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
