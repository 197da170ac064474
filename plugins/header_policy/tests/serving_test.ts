/**
 * Every operation, condition, preset and rule of precedence through a real Envoy: policies in files
 * among the others, in both layouts, with equal answers.
 */
import assert from "node:assert/strict";
import { eventually } from "../../../tests/support/wait.ts";
import type { Case } from "./case.ts";
import { conditions } from "./cases/conditions.ts";
import { operations } from "./cases/operations.ts";
import { precedence } from "./cases/precedence.ts";
import { presets } from "./cases/presets.ts";
import { security } from "./cases/security.ts";
import { values } from "./cases/values.ts";
import { observatory, owaspProposal, owaspRemovals, restCheatSheet } from "./checklists.ts";
import { startServing } from "./serving.ts";
import { checkAnswer } from "./stage.ts";

const topics = { operations, conditions, values, precedence, security, presets };
const all: readonly Case[] = Object.values(topics).flat();

for (const layout of ["scoped", "flat"] as const) {
  Deno.test(`what header policies ask for, ${layout}`, async (t) => {
    await using serving = await startServing(all, layout);
    for (const [topic, cases] of Object.entries(topics)) {
      await t.step(topic, async () => {
        for (const one of cases) {
          for (const ask of one.asks) checkAnswer(one, ask, await serving.ask(one, ask));
        }
      });
    }

    await t.step("strict is what OWASP proposes", async () => {
      const [strict] = presets;
      assert.ok(strict);
      const reply = Object.fromEntries(owaspRemovals.map((name) => [name, "told"]));
      const { headers } = await serving.ask(strict, { tls: true, reply });
      for (const { header, holds } of owaspProposal) {
        assert.ok(holds(headers[header]), `${header}: ${headers[header]}`);
      }
      const left = owaspRemovals.filter((name) => headers[name.toLowerCase()] !== undefined);
      assert.deepEqual(left, []);
    });

    await t.step(
      "every preset passes what is asked of pages, api what is asked of APIs",
      async () => {
        for (const one of presets) {
          const { headers } = await serving.ask(one, { tls: true });
          const list = one.name.endsWith("api") ? [...observatory, ...restCheatSheet] : observatory;
          for (const { header, holds } of list) {
            assert.ok(holds(headers[header]), `${one.name}, ${header}: ${headers[header]}`);
          }
        }
      },
    );

    await t.step("nothing was told but of what nearer steps do not see", () => {
      const told = serving.complaints.filter(({ msg }) => !/may be taken away again/.test(msg));
      assert.deepEqual(told, []);
    });

    await t.step(
      "a change of a policy is served, a mistake in one is told where it is",
      async () => {
        const [first] = operations;
        assert.ok(first);
        const text = await serving.read("0.yaml");
        await serving.write("0.yaml", text.replaceAll("value: new", "value: newer"));
        await eventually("the new value is there", async () => {
          const { headers } = await serving.ask(first, {});
          return headers["x-b"] === "newer";
        });
        const before = serving.complaints.length;
        await serving.write("0.yaml", text.replace("name: X-A", "name: Host"));
        await eventually("the mistake is told", () => {
          const [line] = serving.complaints.slice(before);
          if (line === undefined) return false;
          assert.match(
            line.msg,
            /"name" must not be "host", which says where a message goes or ends/,
          );
          const lines = text.split("\n").findIndex((one) => one.includes("X-A")) + 1;
          assert.match(line.at, new RegExp(`^0.yaml:${lines}:`));
          return true;
        });
        // It goes on in its last good form.
        const { headers } = await serving.ask(first, {});
        assert.equal(headers["x-b"], "newer");
      },
    );
  });
}
