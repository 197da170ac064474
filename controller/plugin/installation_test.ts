import assert from "node:assert/strict";
import { z } from "zod";
import {
  admit,
  builtInPlace,
  definePlugin,
  definePolicy,
  furnish,
  inProcess,
  type PluginDefinition,
  pluginProblem,
} from "./mod.ts";

function requested(definition: Partial<PluginDefinition>, from = "test") {
  const whole = { contract: 1, name: "one", summary: "One.", ...definition };
  return { plugin: inProcess(definePlugin(whole)), from };
}

const policy = definePolicy({
  kind: "Mood",
  group: "mood.example",
  summary: "A mood.",
  schema: z.object({ mood: z.string().describe("The mood.") }),
});

const type = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";

Deno.test("of two plugins with one name, kind or field the first is in use", () => {
  const cases: readonly (readonly [Partial<PluginDefinition>, RegExp])[] = [
    [{ policies: [] }, /name "one" is that of the plugin "one" \(first\)/],
    [{ name: "two", policies: [policy] }, /kind "Mood\.mood\.example" is that of/],
    [{ name: "two", policies: [{ ...policy, kind: "Temper", field: "one" }] }, /field "one" is/],
  ];
  for (const [second, why] of cases) {
    const { plugins, diagnostics } = admit([
      requested({ policies: [policy] }, "first"),
      requested(second, "second"),
    ]);
    assert.deepEqual(plugins.map(({ from }) => from), ["first"]);
    assert.equal(diagnostics.length, 1);
    assert.match(diagnostics[0]?.message ?? "", why);
    assert.match(diagnostics[0]?.message ?? "", /^the plugin second cannot be used: /);
  }
});

Deno.test("settings have to be those that the plugin knows", () => {
  const plugin = () =>
    requested({ settings: z.object({ loud: z.boolean().describe("Loud.") }) as z.ZodObject });
  const told = (settings: unknown) =>
    admit([plugin()], new Map([["one", { value: settings }]])).diagnostics.map(({ message }) =>
      message
    );
  assert.deepEqual(told({ loud: true }), []);
  assert.match(told({ lout: true })[0] ?? "", /unknown field "lout", did you mean "loud"/);
  assert.match(told({ loud: 1 })[0] ?? "", /"loud" must be true or false/);
  assert.match(admit([plugin()]).diagnostics[0]?.message ?? "", /required field "loud" is missing/);
  const position = { file: "contour.yaml", line: 4, column: 7, endLine: 4, endColumn: 9 };
  const asked: string[] = [];
  const locate = (path: string) => {
    asked.push(path);
    return position;
  };
  const { diagnostics: [placed] } = admit(
    [{ ...plugin(), from: builtInPlace }],
    new Map([["one", { value: { loud: 1 }, locate }]]),
  );
  assert.deepEqual(placed?.position, position);
  assert.deepEqual(asked, ["settings.loud"]);
  assert.match(placed?.message ?? "", /^the plugin "one" cannot be used: .*settings\.loud: /);
  const lost = admit([], new Map([["nobody", { value: {} }]]));
  assert.match(lost.diagnostics[0]?.message ?? "", /"nobody".*there are: none/);
});

Deno.test("a filter or cluster that cannot be built leaves its plugin out, with one message", () => {
  const cases: readonly (readonly [Partial<PluginDefinition>, RegExp])[] = [
    [{ filters: [{ name: "x", type, config: () => ({ nonsense: 1 }) }] }, /filter "x": .*nonsense/],
    [{ filters: [{ name: "x", type: "envoy.none" }] }, /filter "x"/],
    [{
      filters: [{
        name: "x",
        type,
        config: () => {
          throw new Error("no");
        },
      }],
    }, /failed when its filters were built: Error: no/],
    [{ clusters: [{ name: "c", config: () => ({ type: "NONE" }) }] }, /cluster "c"/],
  ];
  for (const [definition, why] of cases) {
    const { envoy, diagnostics } = furnish(admit([requested(definition)]).plugins);
    assert.equal(diagnostics.length, 1);
    assert.match(diagnostics[0]?.message ?? "", why);
    assert.ok(envoy.chain.every(({ kind }) => kind === "role"));
    assert.deepEqual(envoy.clusters, []);
  }
});

Deno.test("clusters know where services listen, and bear the name of their plugin", () => {
  const { plugins } = admit([requested({
    services: [{ name: "rls", start: () => Promise.reject(new Error("not here")) }],
    clusters: [{
      name: "rls",
      config: ({ services: { rls }, clusterName }) => ({
        type: "STATIC",
        loadAssignment: {
          clusterName: clusterName("rls"),
          endpoints: [{
            lbEndpoints: [{
              endpoint: {
                address: { socketAddress: { address: rls?.address, portValue: rls?.port } },
              },
            }],
          }],
        },
      }),
    }],
  })]);
  const addresses = new Map([["one", { rls: { address: "127.0.0.9", port: 7 } }]]);
  const { envoy: { clusters }, diagnostics } = furnish(plugins, addresses);
  assert.deepEqual(diagnostics, []);
  assert.equal(clusters[0]?.["name"], "plugin/one/rls");
  assert.match(JSON.stringify(clusters), /127\.0\.0\.9/);
});

Deno.test("what is no plugin is told", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /no plugin/],
    [{ contract: 2 }, /version 2 of the plugin contract, and this is version 1/],
    [{ contract: 1 }, /"name"/],
    [{ contract: 1, name: "No Name", summary: "x" }, /"name".*lower-case/],
    [{ contract: 1, name: "a", summary: "x", filters: [{ name: "f" }] }, /"filters\.0\.type"/],
    [{ contract: 1, name: "a", summary: "x", policies: [{ kind: "K" }] }, /"policies\.0\./],
    [{
      contract: 1,
      name: "a",
      summary: "x",
      filters: [{ name: "f", type }, { name: "f", type }],
    }, /two of the name "f"/],
  ];
  for (const [value, why] of cases) assert.match(pluginProblem(value) ?? "", why);
  assert.equal(pluginProblem({ contract: 1, name: "a", summary: "x" }), undefined);
});
