/** Plugins that import nothing are typed, by declarations that say what the contract says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newPlugin } from "../../cli/new_plugin.ts";
import { pluginTypes } from "../../cli/plugin_types.ts";

const contract = fileURLToPath(new URL("../../controller/plugin/mod.ts", import.meta.url));

/** What both declare, with a type where one is asked for. */
const shared = [
  ...["HostContribution", "PluginDiagnostic", "HostView", "LintFinding", "EnvoyReach", "Json"],
  ...["LintedObjects<string>", "PluginContext<string>", "ServiceSurroundings<string>"],
  ...["RunningService", "ServiceAddress", "PluginConversion", "PluginFilter<string>"],
  ...["PluginCluster<string>", "PluginService<string>", "PluginLintRule<string>", "Place"],
  ...["AttachedPolicy<string>", "HostReach<string>"],
];

Deno.test("what contour plugins new writes passes deno check, and lint of Deno", () =>
  inFolder(async (folder) => {
    for (const [name, text] of newPlugin("my-plugin")) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    assert.deepEqual(await deno(folder, ["check", "plugin.ts", "plugin_test.ts"]), "");
    assert.deepEqual(await deno(folder, ["lint", "--quiet", "plugin.ts", "plugin_test.ts"]), "");
    const text = await Deno.readTextFile(join(folder, "plugin.ts"));
    await Deno.writeTextFile(
      join(folder, "wrong.ts"),
      text.replace('after: "authorization"', 'after: "authorisation"')
        .replace("mutations(settings)", "mutations(settings.header)"),
    );
    const wrong = await deno(folder, ["check", "wrong.ts"]);
    assert.match(wrong, /"authorisation"' is not assignable to type/);
    assert.match(wrong, /Argument of type 'string' is not assignable to parameter/);
  }));

Deno.test("the declarations say what the contract says", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "contour.d.ts"), pluginTypes);
    const lines = shared.flatMap((type, i) => [
      `export const there${i}: (value: Contract.${type}) => Written.${type} = (value) => value;`,
      ...(oneWay.has(type) ? [] : [
        `export const back${i}: (value: Written.${type}) => Contract.${type} = (value) => value;`,
      ]),
    ]);
    await Deno.writeTextFile(
      join(folder, "same.ts"),
      [
        `import type * as Contract from ${JSON.stringify(contract)};`,
        `import type * as Written from "./contour.d.ts";`,
        ...lines,
        "",
      ].join("\n"),
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    assert.equal(await deno(folder, ["check", "--config", config, "same.ts"]), "");
  }));

/** Kinds of objects are any text in the declarations. */
const oneWay = new Set(["HostView", "HostReach<string>"]);

async function deno(cwd: string, args: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return code === 0 ? "" : said;
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-types-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
