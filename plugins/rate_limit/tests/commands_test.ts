/** What commands about files say of limits, by the settings that `--config` has for the plugin. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../../tests/support/command_line.ts";
import { contourCommand, runToEnd } from "../../../tests/support/contour_process.ts";

const shop = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: default }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - services: [{ name: shop, port: 80 }]
      rateLimitPolicy:
        global:
          descriptors:
            - entries: [{ genericKey: { value: all } }]
            - entries: [{ genericKey: { value: nobody } }]
`;

const limits = `domain: shop
descriptors:
  - key: generic_key
    value: all
    rate_limit: { unit: second, requests_per_unit: 5 }
  - key: remote_address
    rate_limit: { unit: second, requests_per_unit: 5 }
`;

Deno.test("lint: descriptors and limits of the files that the settings name", () =>
  inFolder({ "shop.yaml": shop, "limits.txt": limits }, async (at) => {
    await Deno.writeTextFile(at("contour.txt"), settings(at("limits.txt")));
    const lint = (...args: string[]) =>
      commandLine(["lint", at("shop.yaml"), "-o", "concise", "--select", "CTR356", ...args]);
    assert.equal((await lint()).out, "");
    const { code, out } = await lint("--config", at("contour.txt"));
    assert.equal(code, 0, out);
    assert.match(
      out,
      /shop\.yaml:12:\d+: .*rate-limit\/unanswered-descriptor: no limit of the files/,
    );
    assert.match(
      out,
      /limits\.txt:6:\d+: .*unreached-descriptor-limit: .*"shop\.remote_address"/,
    );
    assert.equal(out.trimEnd().split("\n").length, 2, out);
  }));

Deno.test("lint: mistakes in these files are told at their place", () =>
  inFolder({ "shop.yaml": shop, "limits.txt": `${limits}  - kye: a\n` }, async (at) => {
    await Deno.writeTextFile(at("contour.txt"), settings(at("limits.txt"), at("nothing.txt")));
    const { out } = await commandLine([
      ...["lint", at("shop.yaml"), "-o", "concise", "--select", "CTR356"],
      ...["--config", at("contour.txt")],
    ]);
    assert.match(out, /limits\.txt:8:\d+: .*rate-limit\/descriptor-file: .*unknown key 'kye'/);
    assert.match(out, /rate-limit\/descriptor-file: cannot read ".*nothing\.txt": it is not there/);
    assert.doesNotMatch(out, /unanswered/);
  }));

const limited = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: default }
spec:
  virtualhost:
    fqdn: shop.example.com
    plugins: { rateLimit: { limits: [{ requests: 5, unit: second }] } }
  routes:
    - services: [{ name: shop, port: 80 }]
`;

for (const command of ["lint", "status", "explain", "diff"]) {
  Deno.test(`${command}: a plugin that the configuration leaves out is not in use`, () =>
    inFolder({
      "shop.yaml": limited,
      "other.yaml": limited.replace("requests: 5", "requests: 6"),
      "off.txt": "plugins: [{ name: rate-limit, disabled: true }]\n",
    }, async (at) => {
      const args: Readonly<Record<string, readonly string[]>> = {
        lint: ["lint", at("shop.yaml"), "-o", "concise"],
        status: ["status", at("shop.yaml")],
        explain: ["explain", "http://shop.example.com/", at("shop.yaml")],
        diff: ["diff", at("shop.yaml"), at("other.yaml")],
      };
      const run = async (...more: string[]) => {
        const { out, err } = await runToEnd([...contourCommand, ...args[command] ?? [], ...more]);
        return out + err;
      };
      const [on, off] = [await run(), await run("--config", at("off.txt"))];
      assert.notEqual(on, off);
      assert.match(command === "explain" || command === "diff" ? on : off, /rateLimit|RateLimit/);
    }));
}

const before = `${limited}    - conditions: [{ prefix: /login }]
      services: [{ name: shop, port: 80 }]
    - conditions: [{ prefix: /export }]
      plugins: { rateLimit: { limits: [{ requests: 7, unit: hour }] } }
      services: [{ name: shop, port: 80 }]
---
apiVersion: policy.projectcontour.io/v1alpha1
kind: RateLimit
metadata: { name: login, namespace: default }
spec:
  targetRef: { kind: HTTPProxy, name: shop, sectionName: /login }
  limits: [{ requests: 1, unit: second }]
`;

const edits:
  readonly (readonly [what: string, edit: (text: string) => string, ...told: string[]])[] = [
    [
      "the limit of the host",
      (text) => text.replace("requests: 5", "requests: 6"),
      "* /** policy RateLimit in HTTPProxy default/shop spec.virtualhost.plugins.rateLimit " +
      "limits[0].requests 5 -> 6",
    ],
    [
      "the limit of a rule, by a policy",
      (text) => text.replace("unit: second }]\n", "unit: minute, shadow: true }]\n"),
      "* /login** policy RateLimit default/login limits[0].shadow (none) -> true",
      "* /login** policy RateLimit default/login limits[0].unit second -> minute",
    ],
    [
      "the limit of a rule, in its field",
      (text) => text.replace("requests: 7", "requests: 8"),
      "* /export** policy RateLimit in HTTPProxy default/shop spec.routes[2].plugins.rateLimit " +
      "limits[0].requests 7 -> 8",
    ],
    [
      "a policy that is gone, so that the limit of the host counts",
      (text) => text.slice(0, text.indexOf("---")),
      "* /login** policy RateLimit default/login in force -> (none)",
      "* /login** policy RateLimit in HTTPProxy default/shop spec.virtualhost.plugins.rateLimit " +
      "(none) -> in force",
    ],
    ["another name for the same", (text) => text.replace("requests: 1,", "requests: 1.0,")],
  ];

for (const [what, edit, ...told] of edits) {
  Deno.test(`diff: ${what}`, () =>
    inFolder({ "before.yaml": before, "after.yaml": edit(before) }, async (at) => {
      const command = ["diff", at("before.yaml"), at("after.yaml"), "-o", "json"];
      const { out, err } = await commandLine(command);
      const report: JsonReport = JSON.parse(out);
      const found = report.hosts.flatMap(({ classes }) =>
        classes.flatMap(({ method, path, changes }) =>
          changes.map(({ name, before, after }) =>
            `${method} ${path} ${name} ${before || "(none)"} -> ${after || "(none)"}`
          )
        )
      );
      assert.deepEqual(found.sort(), [...told].sort(), err);
    }));
}

interface JsonReport {
  readonly hosts: readonly {
    readonly classes: readonly {
      readonly method: string;
      readonly path: string;
      readonly changes: readonly Readonly<Record<"name" | "before" | "after", string>>[];
    }[];
  }[];
}

Deno.test("status: whether policies are in force, what they reach, and before which others", () =>
  inFolder({ "shop.yaml": `${before}${services}${lost}` }, async (at) => {
    const { out, err } = await runToEnd([...contourCommand, "status", at("shop.yaml")]);
    const rows = out.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(rows.slice(-3), [
      ["NAMESPACE", "POLICY", "STATUS", "REACHES", "COMES BEFORE"],
      [
        "default",
        "RateLimit login",
        "valid",
        "shop.example.com (1 of 3 routes)",
        "that in HTTPProxy default/shop",
      ],
      ["default", "RateLimit lost", "valid", "nothing"],
    ]);
    assert.match(err, /HTTPProxy "default\/nobody" not found/);
    const yaml = await runToEnd([...contourCommand, "status", at("shop.yaml"), "-o", "json"]);
    const { items }: { readonly items: readonly { readonly kind: string }[] } = JSON.parse(
      yaml.out,
    );
    assert.deepEqual(items.map(({ kind }) => kind), ["HTTPProxy", "RateLimit", "RateLimit"]);
  }));

const services = `---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: default }
spec: { ports: [{ port: 80 }] }
`;

const lost = `---
apiVersion: policy.projectcontour.io/v1alpha1
kind: RateLimit
metadata: { name: lost, namespace: default }
spec:
  targetRef: { kind: HTTPProxy, name: nobody }
  limits: [{ requests: 1, unit: second }]
`;

Deno.test("mistakes in the settings are told with file, line and field of the configuration", () =>
  inFolder({
    "shop.yaml": shop,
    "contour.txt":
      "debug: false\nplugins:\n- name: rate-limit\n  settings:\n    redis: {url: redis://a}\n" +
      "    timeout: 3 days\n- name: nobody\n",
  }, async (at) => {
    const { err } = await commandLine(["lint", at("shop.yaml"), "--config", at("contour.txt")]);
    assert.match(
      err,
      /contour\.txt:6:14: error\[CTR358\] the plugin "rate-limit" cannot be used: .*settings\.timeout: /,
    );
    assert.match(err, /contour\.txt:7:9: error\[CTR358\] the plugin "nobody" cannot be used/);
  }));

function settings(...descriptors: readonly string[]): string {
  return JSON.stringify({ plugins: [{ name: "rate-limit", settings: { descriptors } }] });
}

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (at: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-commands-" });
  try {
    const at = (name: string) => join(folder, name);
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(at(name), text);
    await use(at);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
