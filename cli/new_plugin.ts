import { UsageError } from "../command_line/mod.ts";
import { pluginTypes } from "./plugin_types.ts";

/**
 * The files of a new plugin, by their path: a policy, a filter and a lint rule that work, the types they
 * are written with, an example to serve, and a test. Throws a `UsageError` for a name that a plugin cannot have.
 */
export function newPlugin(name: string): ReadonlyMap<string, string> {
  if (!/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/.test(name)) {
    throw new UsageError(
      `"${name}" cannot be the name of a plugin: lower-case letters, digits and '-', a letter first`,
    );
  }
  const kind = name.split("-").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(
    "",
  );
  return new Map([
    ["plugin.ts", plugin(name, kind)],
    ["contour.d.ts", pluginTypes],
    ["example.yaml", example(name, kind)],
    ["plugin_test.ts", test],
  ]);
}

const typesFile = "./contour.d.ts";

function plugin(name: string, kind: string): string {
  return `// A plugin of Contour: a policy that adds a header to responses. Nothing but types is imported: the
// function is given what it needs. All else that a plugin can do is in docs/plugins.md.
import type { Plugin, PluginKit } from "${typesFile}";

export default ({ definePlugin, definePolicy, z }: PluginKit): Plugin => {
  const ${kind} = definePolicy({
    kind: "${kind}",
    group: "${name}.example.com",
    summary: "Adds a header to responses.",
    schema: z.object({
      header: z.string().regex(/^[a-z][a-z0-9-]*$/, { error: "must be a header name in lower case" })
        .default("x-${name}").describe("Name of the header."),
      value: z.string().min(1).describe("Its value."),
    }),
    examples: [{ value: "hello" }, { header: "x-other", value: "hello" }],
    // What holds for a whole host. Envoy hands it on to the routes.
    host: ({ policies: [{ settings }] }) => ({ filters: { headers: mutations(settings) } }),
    // What a route has of its own stands in place of what the host has.
    route: ({ policies: [{ settings, level }] }) =>
      level === "route" || level === "object" ? { filters: { headers: mutations(settings) } } : undefined,
  });

  return definePlugin({
    contract: 1,
    name: "${name}",
    summary: "Adds a header to responses.",
    policies: [${kind}],
    filters: [{
      name: "headers",
      after: "authorization",
      before: "router",
      type: "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
      config: () => ({ mostSpecificHeaderMutationsWins: true }),
    }],
    lintRules: [{
      name: "no-secrets",
      severity: "warning",
      explanation: "Everybody sees the headers of responses.",
      check: ({ policies }) =>
        policies.filter(({ spec }) => /password|secret/i.test((spec as Written).value)).map((object) => ({
          object,
          path: "spec.value",
          message: "looks like a secret, and everybody will see it",
        })),
    }],
  });
};

/** What the schema lets through. */
interface Written {
  readonly value: string;
}

function mutations({ header, value }: { readonly header: string; readonly value: string }) {
  return {
    "@type": "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute",
    mutations: {
      responseMutations: [{
        append: { header: { key: header, value }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
      }],
    },
  };
}
`;
}

function example(name: string, kind: string): string {
  return `# contour serve example.yaml --plugin ./plugin.ts --envoy
# curl -i --connect-to ::127.0.0.1:8080 http://${name}.localhost/
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: site}
spec:
  virtualhost: {fqdn: ${name}.localhost}
  routes:
  - directResponsePolicy: {statusCode: 200, body: "hello\\n"}
---
apiVersion: ${name}.example.com/v1alpha1
kind: ${kind}
metadata: {name: site}
spec:
  targetRef: {kind: HTTPProxy, name: site}
  value: hello
`;
}

const test = `// deno test --allow-run --allow-env plugin_test.ts
// CONTOUR names the program; default: \`contour\` in the PATH.
Deno.test("the plugin keeps the contract", async () => {
  const contour = (Deno.env.get("CONTOUR") ?? "contour").split(" ");
  const { code, stdout, stderr } = await new Deno.Command(contour[0], {
    args: [...contour.slice(1), "plugins", "check", new URL("plugin.ts", import.meta.url).pathname],
  }).output();
  if (code === 0) return;
  const text = new TextDecoder();
  throw new Error(text.decode(stdout) + text.decode(stderr));
});
`;
