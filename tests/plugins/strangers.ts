/**
 * Plugins of strangers, in a folder of their own outside the tree, through everything they can get
 * wrong: for the program from source, and for the compiled one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type ContourProcess, runToEnd, startContour } from "../support/contour_process.ts";
import { listenPlace } from "../support/envoy.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";

/** Throws when anything is not as it should be. `command` is how to start the program. */
export async function checkStrangers(command: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-strangers-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    await checkCommands(command, folder);
    await checkServing(command, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function checkCommands(command: readonly string[], folder: string): Promise<void> {
  const plugin = join(folder, "plugins/mood/plugin.ts");
  const checked = await runToEnd([...command, "plugins", "check", plugin]);
  assert.equal(checked.code, 0, checked.out + checked.err);
  assert.match(checked.out, /mood keeps the contract/);
  const listed = await runToEnd([...command, "plugins", "--plugin", plugin]);
  assert.match(listed.out, /authorization\n +plugin\.mood\.show \(plugin\)\n/);
  const site = join(folder, "site");
  const linted = await runToEnd([...command, "lint", site, "--plugin", plugin]);
  assert.match(linted.out, /policy\.yaml:8:9: warning\[CTR356\] mood\/no-sorrow: /);
}

async function checkServing(command: readonly string[], folder: string): Promise<void> {
  const place = listenPlace();
  const plugins = ["mood/plugin.ts", "clash.js", "old.ts", "none.js", "misplaced.js", "refused.ts"];
  await using contour = startContour([
    ...["serve", join(folder, "site"), "--envoy"],
    ...plugins.flatMap((name) => ["--plugin", join(folder, "plugins", name)]),
    ...["--xds-port", "0", "--http-port", "0", "--stats-port", "0"],
    ...["--envoy-service-http-address", place.address],
    ...["--envoy-service-http-port", String(place.http)],
    ...["--envoy-service-https-address", place.address],
    ...["--envoy-service-https-port", String(place.https)],
  ], command);
  await contour.told("Ready");
  for (const [name, why] of Object.entries(unusable)) {
    const told = contour.events.filter(({ level, msg }) => level === "error" && msg.includes(name));
    assert.equal(told.length, 1, JSON.stringify(told));
    assert.match(told[0]?.msg ?? "", why);
  }
  const ask = async (host: string, path = "/") =>
    await send({ address: place.address, port: place.http }, { host, path });
  const header = async (path = "/") => (await ask("mood.example", path)).headers["x-mood"];
  await eventually("the policy has an effect", async () => await header() === "SAD");
  assert.equal(await header("/plain"), "route");

  const trouble: readonly (readonly [mood: string, told: RegExp])[] = [
    ["throw", /the plugin of Mood failed: Error: no mood for that/],
    ["loop", /the plugin of Mood failed: it took longer than 1 s/],
    ["bad", /Envoy would refuse what Mood adds, so it is left out here/],
    ["lua", /script load error|[Ll]ua/],
    ["nonsense", /"mood" must be one of/],
  ];
  for (const [i, [mood, why]] of trouble.entries()) {
    const before = contour.events.length;
    await Deno.writeTextFile(join(folder, "site/policy.yaml"), policy(mood));
    await Deno.writeTextFile(join(folder, "site/others.yaml"), others(`round ${i}`));
    const isTold = ({ level, msg, ...fields }: ContourProcess["events"][number]) =>
      level === "error" && (why.test(msg) || why.test(String(fields["error"] ?? "")));
    await eventually(`${mood}: it is told`, () => contour.events.slice(before).some(isTold), {
      withinMs: 30_000,
    });
    for (let n = 0; n < otherHosts; n++) {
      await eventually(
        `${mood}: other host ${n} goes on changing`,
        async () => (await ask(`other-${n}.example`)).body === `round ${i}`,
      );
    }
    const ofPolicy = contour.events.slice(before).filter(({ level, kind }) =>
      level === "error" && kind === "Mood.mood.example"
    );
    assert.equal(ofPolicy.length, 1, `${mood}: ${JSON.stringify(contour.events.slice(before))}`);
    assert.equal((await ask("mood.example")).status, 200);
    await Deno.writeTextFile(join(folder, "site/policy.yaml"), policy("fine"));
    await eventually(`${mood}: it has an effect again`, async () => await header() === "FINE");
  }
  contour.kill("SIGTERM");
  assert.equal(await contour.ended(), 0);
}

const otherHosts = 20;

/** What is told of plugins that cannot be used, by their file. */
const unusable: Readonly<Record<string, RegExp>> = {
  "clash.js": /its name "mood" is that of the plugin "mood" \(.*mood\/plugin\.ts\) already/,
  "old.ts": /it is written for version 0 of the plugin contract, and this is version 1/,
  "none.js": /its default export is no plugin/,
  "misplaced.js": /filter "misplaced\/lost" is to stand by "nowhere\/at-all"/,
};

/** Named by its mood: of one object only so much is logged. */
function policy(mood: string): string {
  return `apiVersion: mood.example/v1alpha1
kind: Mood
metadata:
  name: ${mood}
  namespace: default
spec:
  targetRef: {kind: HTTPProxy, name: mood}
  mood: ${mood}
`;
}

function others(body: string): string {
  return Array.from({ length: otherHosts }, (_, n) =>
    `---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: other-${n}, namespace: default}
spec:
  virtualhost: {fqdn: other-${n}.example}
  routes:
  - directResponsePolicy: {statusCode: 200, body: "${body}"}
`).join("");
}

const files: Readonly<Record<string, string>> = {
  "plugins/mood/words.ts": `export function loud(text: string): string {
  return text.toUpperCase();
}
`,
  "plugins/mood/plugin.ts": `import { loud } from "./words.ts";
import type { Nothing } from "./no_such_types.ts";

interface Settings {
  readonly mood: string;
}

export default ({ definePlugin, definePolicy, z }: any) =>
  definePlugin({
    contract: 1,
    name: "mood",
    summary: "Shows a mood.",
    policies: [definePolicy({
      kind: "Mood",
      group: "mood.example",
      summary: "Shows a mood in a header.",
      schema: z.object({
        mood: z.enum(["fine", "sad", "route", "throw", "loop", "bad", "lua"]).describe("The mood."),
      }),
      examples: [{ mood: "fine" }, { mood: "sad" }],
      host: ({ policies: [{ settings }] }: { policies: { settings: Settings }[] }) => of(settings),
      route: ({ policies: [{ settings, level }] }: any) =>
        level === "route" ? { filters: { show: shown(settings.mood) } } : undefined,
    })],
    filters: [{
      name: "show",
      after: "authorization",
      before: "router",
      type: "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
      config: () => ({ mostSpecificHeaderMutationsWins: true }),
    }],
    lintRules: [{
      name: "no-sorrow",
      severity: "warning",
      explanation: "Sad answers make for sad clients.",
      check: ({ policies }: any) =>
        policies.filter(({ spec }: any) => spec.mood === "sad").map((object: any) => ({
          object,
          path: "spec.mood",
          message: "is a sad mood",
        })),
    }],
  });

function of({ mood }: Settings): unknown {
  switch (mood) {
    case "throw":
      throw new Error("no mood for that");
    case "loop":
      for (;;);
    case "bad":
      return { message: { responseHeadersToAdd: [{ header: { key: "", value: "x" } }] } };
    case "lua":
      // Passes every check of ours: Envoy alone reads scripts.
      return {
        filters: {
          show: {
            "@type": "envoy.extensions.filters.http.lua.v3.LuaPerRoute",
            sourceCode: { inlineString: "this is no Lua" },
          },
        },
      };
    default:
      return { filters: { show: shown(loud(mood)) } };
  }
}

function shown(value: string) {
  return {
    "@type": "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute",
    mutations: {
      responseMutations: [{
        append: { header: { key: "x-mood", value }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
      }],
    },
  };
}
`,
  "plugins/clash.js": `export default { contract: 1, name: "mood", summary: "Another one." };\n`,
  "plugins/old.ts": `export default { contract: 0, name: "old", summary: "An old one." };\n`,
  "plugins/none.js": `export const nothing = true;\n`,
  "plugins/misplaced.js": `export default {
  contract: 1,
  name: "misplaced",
  summary: "Has no place.",
  filters: [{
    name: "lost",
    after: "nowhere/at-all",
    type: "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
  }],
};
`,
  // Passes every check of ours, and Envoy compiles it only then.
  "plugins/refused.ts": `export default {
  contract: 1,
  name: "refused",
  summary: "Has a filter that Envoy refuses.",
  filters: [{
    name: "script",
    always: true,
    type: "envoy.extensions.filters.http.lua.v3.Lua",
    config: () => ({ defaultSourceCode: { inlineString: "this is no Lua" } }),
  }],
};
`,
  "site/policy.yaml": policy("sad"),
  "site/mood.yaml": `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: mood, namespace: default}
spec:
  virtualhost: {fqdn: mood.example}
  routes:
  - conditions: [{prefix: /plain}]
    directResponsePolicy: {statusCode: 200, body: plain}
    plugins: {mood: {mood: route}}
  - directResponsePolicy: {statusCode: 200, body: mood}
`,
  "site/others.yaml": others("start"),
};
