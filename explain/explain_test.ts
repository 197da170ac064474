import assert from "node:assert/strict";
import { explain } from "./mod.ts";

/** A root that includes one HTTPProxy twice, once below another one. */
const files = [{
  file: "web.yaml",
  text: `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: root }
spec:
  virtualhost: { fqdn: web.test }
  includes:
    - { name: part, conditions: [{ prefix: /a }, { header: { name: x-a, exact: "1" } }] }
    - { name: part, conditions: [{ prefix: /a }, { header: { name: x-a, exact: "2" } }] }
    - { name: between, conditions: [{ prefix: /b }] }
  routes:
    - directResponsePolicy: { statusCode: 200 }
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: between }
spec:
  includes:
    - { name: part, conditions: [{ prefix: /c }] }
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: part }
spec:
  routes:
    - conditions: [{ prefix: /x }]
      directResponsePolicy: { statusCode: 200 }
`,
}];

Deno.test("the way to a rule is the one by whose includes it took the request", () => {
  const way = (path: string, ...headers: string[]) =>
    explain(files, { url: `web.test${path}`, headers }).rule?.includedBy
      .map(({ object, path, position, prefix }) =>
        `${object.name} ${path} ${prefix} ${position?.line}`
      );
  assert.deepEqual(way("/a/x", "x-a: 1"), ["root spec.includes[0] /a 8"]);
  assert.deepEqual(way("/a/x", "x-a: 2"), ["root spec.includes[1] /a 9"]);
  assert.deepEqual(way("/b/c/x"), [
    "between spec.includes[0] /c 19",
    "root spec.includes[2] /b 10",
  ]);
  assert.deepEqual(way("/elsewhere"), []);
});

Deno.test("a rule that is reached twice loses by the way that is nearest", () => {
  const { rule, candidates } = explain(files, { url: "web.test/a/x", headers: ["x-a: 3"] });
  assert.equal(rule?.path, "spec.routes[0]");
  assert.deepEqual(candidates.map(({ reason }) => reason), [
    'header x-a is "3", not "1"',
    'header x-a is "3", not "2"',
    "path has no prefix /b/c/x",
  ]);
});
