/** `--config`: verdicts and routes as the controller has them that runs by that configuration. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../support/command_line.ts";

const proxy = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: web }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - services: [{ name: shop, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec: { type: ExternalName, externalName: shop.example.net, ports: [{ port: 80 }] }
`;

const resource = (spec: object) =>
  JSON.stringify({
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ContourConfiguration",
    metadata: { name: "contour", namespace: "projectcontour" },
    spec,
  });

Deno.test("lint and explain judge by a configuration file, its ConfigMap, or a ContourConfiguration", async () => {
  const files = {
    "shop.yaml": proxy,
    "open.txt": "enableExternalNameService: true\n",
    "map.txt": JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "contour" },
      data: { "contour.yaml": "enableExternalNameService: true\n" },
    }),
    "resource.txt": resource({ enableExternalNameService: true }),
    "roots.txt": resource({
      enableExternalNameService: true,
      httpproxy: { rootNamespaces: ["roots"] },
    }),
    "classes.txt": resource({
      enableExternalNameService: true,
      ingress: { classNames: ["special"] },
    }),
    "wrong.txt": "enableExternalNameServices: true\n",
  };
  await inFolder(files, async (at) => {
    const lint = (...args: string[]) =>
      commandLine(["lint", at("shop.yaml"), "-o", "concise", "--ignore", "CTR409", ...args]);
    assert.match((await lint()).out, /ExternalName/);
    for (const name of ["open.txt", "map.txt", "resource.txt"]) {
      const { code, out, err } = await lint("--config", at(name));
      assert.equal(code, 0, name + out + err);
      const { out: told } = await commandLine([
        "explain",
        "http://shop.example.com/",
        at("shop.yaml"),
        "--config",
        at(name),
      ]);
      assert.match(told, /^-> web\/shop:80 +\(by DNS: shop\.example\.net\)/m);
    }
    const roots = await lint("--config", at("roots.txt"));
    assert.equal(roots.code, 1);
    assert.match(roots.out, /root HTTPProxy/);
    // A flag beats the file.
    const beaten = await lint("--config", at("roots.txt"), "--root-namespaces", "web");
    assert.equal(beaten.code, 0, beaten.out);
    const closed = await lint("--config", at("open.txt"), "--no-enable-external-name-service");
    assert.equal(closed.code, 1);

    const foreign = await commandLine([
      "explain",
      "http://shop.example.com/",
      at("shop.yaml"),
      "--config",
      at("classes.txt"),
    ]);
    assert.equal(foreign.code, 1, "it is of another class");
    const wrong = await lint("--config", at("wrong.txt"));
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.err,
      /wrong\.txt:1:1: error\[CTR003\] .*did you mean "enableExternalNameService"/,
    );
    const missing = await lint("--config", at("missing.txt"));
    assert.equal(missing.code, 2);
    assert.match(
      missing.err,
      /Cannot read the configuration file ".*missing\.txt": there is no such file/,
    );
  });
});

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (at: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-lint-config-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await use((name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
