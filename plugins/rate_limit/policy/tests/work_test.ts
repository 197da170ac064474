/** One change costs the same, however many limits there are. */
import assert from "node:assert/strict";
import { layouts } from "../../../../tests/support/gateway.ts";
import { readManifest } from "../../../../controller/api/mod.ts";
import { defaultEnvoyOptions, type LayoutKind } from "../../../../controller/envoy/mod.ts";
import { admit, furnish, inProcess } from "../../../../controller/plugin/mod.ts";
import { defaultSettings } from "../../../../controller/store/mod.ts";
import { Translation } from "../../../../controller/translation/mod.ts";
import rateLimit from "../../mod.ts";
import { policy, proxy } from "./stage.ts";

for (const layout of layouts) {
  Deno.test(`${layout}: an edit of a policy costs the same among 10 and 300`, () => {
    const few = costs(10, layout);
    assert.deepEqual(costs(300, layout), few);
    for (const [what, { ran }] of Object.entries(few)) assert.ok(ran <= 30, `${what}: ${ran}`);
  });
}

function costs(hosts: number, layout: LayoutKind) {
  const admission = admit([{ plugin: inProcess(rateLimit), from: "built in" }], new Map());
  const { set, envoy } = furnish(admission.plugins, new Map());
  const translation = new Translation({
    settings: defaultSettings,
    envoy: { ...defaultEnvoyOptions, plugins: envoy },
    plugins: set,
    layout,
  });
  const objectsOf = (text: string) => {
    const { objects, diagnostics } = readManifest(text, {
      file: "world.yaml",
      policyKinds: admission.policyKinds,
    });
    assert.deepEqual(diagnostics, []);
    return objects.map(({ object }) => object);
  };
  const limits = (requests: number) => `[{requests: ${requests}, unit: hour}]`;
  const host = (i: number) => [
    proxy(`host-${i}`),
    policy(`limit-${i}`, `{kind: HTTPProxy, name: host-${i}}`, limits(1)),
  ];
  const edits = {
    "a number": [policy("limit-3", "{kind: HTTPProxy, name: host-3}", limits(2))],
    "a division": [
      policy(
        "limit-3",
        "{kind: HTTPProxy, name: host-3}",
        "[{requests: 2, unit: hour, by: {path: true}}]",
      ),
    ],
    "another host": host(hosts),
  };
  translation.apply({
    applied: objectsOf(Array.from({ length: hosts }, (_, i) => host(i)).flat().join("---\n")),
  });
  translation.settleNow();
  let ran = 0;
  translation.onCompute(() => ran++);
  return Object.fromEntries(
    Object.entries(edits).map(([what, documents]) => {
      ran = 0;
      translation.apply({ applied: objectsOf(documents.join("---\n")) });
      const { resources, feeds } = translation.settleNow();
      const fed = feeds.get("rate-limit");
      return [what, {
        ran,
        sent: resources.changed.length,
        fed: [fed?.changed.size, fed?.removed.length],
      }];
    }),
  );
}
