/** The plugin that the guide shows works, and fits on a page. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pluginTypes } from "../../cli/plugin_types.ts";
import { checkPlugin } from "../../controller/conformance/mod.ts";
import { openStranger } from "../../controller/plugin_host/mod.ts";
import { startGateway } from "../support/gateway.ts";

const guide = await Deno.readTextFile(new URL("../../docs/plugins.md", import.meta.url));
const [, shown = ""] = /```ts\n((?:import type [^\n]*\n\n)?export default[^]*?)```/.exec(guide) ??
  [];

const manifest = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop, namespace: web}
spec:
  virtualhost: {fqdn: shop.example}
  routes:
  - conditions: [{prefix: /cart}]
    directResponsePolicy: {statusCode: 200}
  - conditions: [{prefix: /field}]
    directResponsePolicy: {statusCode: 200}
    plugins: {greeting: {text: field}}
  - directResponsePolicy: {statusCode: 200}
---
apiVersion: greeting.example.com/v1alpha1
kind: Greeting
metadata: {name: shop, namespace: web}
spec:
  targetRef: {kind: HTTPProxy, name: shop, sectionName: /cart}
  text: cart
---
apiVersion: greeting.example.com/v1alpha1
kind: Greeting
metadata: {name: team, namespace: web}
spec:
  targetRef: {kind: Namespace, name: web}
  text: team
`;

Deno.test("the plugin of the guide fits on a page, keeps the contract and greets", async () => {
  const code = shown.split("\n").filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  assert.ok(code.length < 60, `${code.length} lines`);
  const folder = await Deno.makeTempDir({ prefix: "contour-guide-" });
  try {
    const file = join(folder, "plugin.ts");
    await Deno.writeTextFile(file, shown);
    await Deno.writeTextFile(join(folder, "contour.d.ts"), pluginTypes);
    const { code: verdict, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", file],
    }).output();
    assert.equal(verdict, 0, new TextDecoder().decode(stderr));
    const opened = openStranger(file);
    assert.ok(opened.ok, opened.ok ? "" : opened.message);
    try {
      const { plugin } = opened;
      assert.deepEqual(checkPlugin(plugin).filter(({ failure }) => failure !== undefined), []);
      const plugins = { requested: [{ plugin, from: file }] };
      await using gateway = await startGateway({ layout: "scoped", manifest, plugins });
      const greeting = async (path: string) => {
        const { headers } = await gateway.ask({ host: "shop.example", path });
        return headers["x-greeting"];
      };
      assert.equal(await greeting("/cart"), "cart");
      assert.equal(await greeting("/field"), "field");
      assert.equal(await greeting("/"), "team");
    } finally {
      opened.plugin.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
