/** `contour diff` names the policy by which requests are treated otherwise, and those requests alone. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../../tests/support/command_line.ts";

const before = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: default }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - services: [{ name: shop, port: 80 }]
    - conditions: [{ prefix: /login }]
      services: [{ name: login, port: 80 }]
---
apiVersion: policy.projectcontour.io/v1alpha1
kind: HeaderPolicy
metadata: { name: team, namespace: default }
spec:
  targetRef: { kind: HTTPProxy, name: shop }
  response: [{ set: { name: x-team, value: shop } }]
---
apiVersion: policy.projectcontour.io/v1alpha1
kind: HeaderPolicy
metadata: { name: login, namespace: default }
spec:
  targetRef: { kind: HTTPProxy, name: shop, sectionName: /login }
  inherit: false
  request: [{ remove: { name: x-debug } }]
`;

const edits:
  readonly (readonly [what: string, edit: (text: string) => string, ...told: string[]])[] = [
    [
      "the policy of the host, where no other stands in its place",
      (text) => text.replace("value: shop", "value: cart"),
      "/** policy HeaderPolicy default/team response[0].set.value shop -> cart",
    ],
    [
      "the policy of a rule",
      (text) => text.replace("name: x-debug", "prefix: x-debug-"),
      "/login** policy HeaderPolicy default/login request[0].remove.name x-debug -> (none)",
      "/login** policy HeaderPolicy default/login request[0].remove.prefix (none) -> x-debug-",
    ],
    ["nothing", (text) => text],
  ];

for (const [what, edit, ...told] of edits) {
  Deno.test(`diff: ${what}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "contour-diff-" });
    try {
      const files = [join(folder, "before.yaml"), join(folder, "after.yaml")];
      await Deno.writeTextFile(files[0] ?? "", before);
      await Deno.writeTextFile(files[1] ?? "", edit(before));
      const { out, err } = await commandLine(["diff", ...files, "-o", "json"]);
      const { hosts }: JsonReport = JSON.parse(out);
      const found = hosts.flatMap(({ classes }) =>
        classes.flatMap(({ path, changes }) =>
          changes.map(({ name, before, after }) =>
            `${path} ${name} ${before || "(none)"} -> ${after || "(none)"}`
          )
        )
      );
      assert.deepEqual(found.sort(), [...told].sort(), err);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

interface JsonReport {
  readonly hosts: readonly {
    readonly classes: readonly {
      readonly path: string;
      readonly changes: readonly Readonly<Record<"name" | "before" | "after", string>>[];
    }[];
  }[];
}
