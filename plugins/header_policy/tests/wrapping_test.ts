/** How filters are told: the whole of it, by the rules that Envoy puts on it. */
import assert from "node:assert/strict";
import { check, encode } from "../../../proto/mod.ts";
import { contribution } from "../contribution.ts";
import { dropFilter, filterTypes } from "../envoy/filters.ts";
import { Settings } from "../settings/settings.ts";
import { caseFile, cases } from "./golden.ts";
import { load } from "js-yaml";

const layer = (settings: unknown) => ({
  settings: Settings.parse(settings),
  id: "shop/one",
  namespace: "shop",
});

Deno.test("mutations are run by the composite filter, whatever the message is like", () => {
  const { filters } = contribution(
    [layer({ request: [{ set: { name: "x-a", value: "b" } }] })],
    "host",
  );
  assert.deepEqual(filters, {
    request: {
      "@type": "envoy.extensions.filters.http.composite.v3.CompositePerRoute",
      matcher: {
        onNoMatch: {
          action: {
            name: "mutate",
            typedConfig: {
              "@type": "envoy.extensions.filters.http.composite.v3.ExecuteFilterAction",
              filterChain: {
                typedConfig: [{
                  name: "mutate",
                  typedConfig: {
                    "@type": "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                    mutations: {
                      requestMutations: [{
                        append: {
                          header: { key: "x-a", value: "b" },
                          appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
                        },
                      }],
                    },
                  },
                }],
              },
            },
          },
        },
      },
    },
  });
});

Deno.test("a route says all of it again, so that nothing of its host is left", () => {
  const { filters } = contribution([layer({ inherit: false })], "route");
  assert.deepEqual(Object.keys(filters).sort(), [
    "request",
    "request-drop",
    "response",
    "response-drop",
  ]);
});

Deno.test("everything in the goldens is well-formed by Envoy's rules", async () => {
  for (const name of cases()) {
    const policies: unknown = load(await Deno.readTextFile(caseFile(name, "in.yaml")));
    if (!Array.isArray(policies)) continue;
    const parsed = policies.flatMap((one: unknown) => Settings.safeParse(one).data ?? []);
    const layers = parsed.map((settings, i) => ({ settings, id: `${i}`, namespace: "shop" }));
    const { filters, roles } = contribution(layers, "route");
    const told = [...Object.values(filters), ...(roles.cors === undefined ? [] : [roles.cors])];
    for (const message of told) {
      const type = String(message["@type"]);
      assert.deepEqual(check(type, message), [], `${name}: ${type}`);
      encode(type, message);
    }
  }
});

Deno.test("the scripts are the same for everybody", () => {
  for (const direction of ["request", "response"] as const) {
    assert.deepEqual(check(filterTypes.lua, dropFilter(direction)), []);
  }
});
