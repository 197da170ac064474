/** What Envoy refuses though our checks pass it costs its owner, who is told, and nobody else. */
import assert from "node:assert/strict";
import type { ObjectKey } from "../../controller/api/mod.ts";
import { type Gateway, layouts, objectsOf, startGateway } from "../support/gateway.ts";
import { eventually } from "../support/wait.ts";
import { documents, root } from "./manifest.ts";

/** What no check of ours knows of: an Envoy that takes only small regular expressions. */
const envoy = { runtime: { settings: { "re2.max_program_size.error_level": "100" } } };
const tooLarge = "/a{200}";

const victim: ObjectKey = { kind: "HTTPProxy", namespace: "default", name: "victim.test" };
const newcomer: ObjectKey = { ...victim, name: "newcomer.test" };

const saying = (fqdn: string, body: string, condition = "prefix: /") =>
  root(
    fqdn,
    `
    routes:
    - directResponsePolicy: { statusCode: 200, body: "${body}" }
      conditions: [{ ${condition} }]
    `,
  );
const neighbours = Array.from({ length: 20 }, (_, i) => `neighbour-${i}.test`);
const neighbourhood = (body: string) => documents(...neighbours.map((fqdn) => saying(fqdn, body)));

for (const layout of layouts) {
  Deno.test(`a host that Envoy refuses is named while 20 others go on changing, ${layout}`, async () => {
    const manifest = documents(saying("victim.test", "good"), neighbourhood("0"));
    await using gateway = await startGateway({ layout, manifest, envoy });
    const { controller } = gateway;
    assert.equal(await answer(gateway, "victim.test"), "good");

    const refused = documents(
      saying("victim.test", "bad", `regex: "${tooLarge}"`),
      saying("newcomer.test", "bad", `regex: "${tooLarge}"`),
    );
    controller.apply({ applied: objectsOf(refused) });
    for (let round = 1; round <= 8; round++) {
      controller.apply({ applied: objectsOf(neighbourhood(String(round))) });
      for (const fqdn of neighbours) {
        await eventually(
          `${fqdn} says ${round}`,
          async () => await answer(gateway, fqdn) === String(round),
        );
      }
      assert.equal(await answer(gateway, "victim.test"), "good");
    }
    await gateway.settled();
    assert.equal(await answer(gateway, "victim.test"), "good", "the last accepted form is served");
    assert.equal(await answer(gateway, "newcomer.test"), "404");
    for (const object of [victim, newcomer]) {
      const { currentStatus, message } = statusOf(gateway, object);
      assert.equal(currentStatus, "invalid", object.name);
      assert.match(message, /program size/);
    }
    const named = new Set(controller.refusals.flatMap(({ objects }) => objects));
    assert.deepEqual([...named].map(({ name }) => name).sort(), ["newcomer.test", "victim.test"]);
    for (const fqdn of neighbours) {
      assert.equal(statusOf(gateway, { ...victim, name: fqdn }).currentStatus, "valid");
    }

    await gateway.apply(documents(saying("victim.test", "mended"), saying("newcomer.test", "new")));
    assert.equal(await answer(gateway, "victim.test"), "mended");
    assert.equal(await answer(gateway, "newcomer.test"), "new");
    for (const object of [victim, newcomer]) {
      assert.equal(statusOf(gateway, object).currentStatus, "valid");
    }
  });
}

/** The body of what a host answers, or the status that is not 200. */
async function answer({ ask }: Gateway, host: string): Promise<string> {
  const { status, body } = await ask({ host });
  return status === 200 ? body : String(status);
}

function statusOf(
  { controller }: Gateway,
  { kind, namespace, name }: ObjectKey,
): { readonly currentStatus: string; readonly message: string } {
  const found = controller.translation.statuses.get(`${kind}/${namespace}/${name}`);
  const messages = found?.diagnostics.map(({ message }) => message) ?? [];
  return { currentStatus: found?.status?.currentStatus ?? "", message: messages.join("; ") };
}
