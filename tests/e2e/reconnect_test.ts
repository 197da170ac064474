/** Envoys and controllers come and go; what an Envoy runs on in the end does not depend on how. */
import assert from "node:assert/strict";
import type { ObjectKey } from "../../controller/api/mod.ts";
import { startEnvoy, type TestEnvoy } from "../support/envoy.ts";
import {
  type Gateway,
  layouts,
  objectsOf,
  startGateway,
  TestController,
} from "../support/gateway.ts";
import { eventually } from "../support/wait.ts";
import { documents, endpoints, root, service } from "./manifest.ts";
import { setStage, type Stage, stageManifest } from "./stage.ts";

const to = (name: string) => `routes: [{ services: [{ name: ${name}, port: 80 }] }]`;
const tls = "{ secretName: certificate }";
const named = (name: string): ObjectKey => ({ kind: "HTTPProxy", namespace: "default", name });

const manifest = (stage: Stage) =>
  documents(
    stageManifest(stage),
    root("kept.test", to("a")),
    root("changed.test", to("a")),
    root("dropped.test", to("b")),
    root("*.wild.test", to("pool")),
    root("kept.secure.test", to("a"), { tls }),
    root("dropped.secure.test", to("b"), { tls }),
  );

/** Objects that change while nobody listens: routes, endpoints, hosts with and without TLS. */
function edit({ controller }: Gateway, { backends }: Stage): void {
  const changes = documents(
    root("changed.test", to("fresh")),
    root("new.test", to("c")),
    root("new.secure.test", to("c"), { tls }),
    service("fresh", [backends.c]),
    endpoints("a", [backends.b]),
  );
  const gone = ["dropped.test", "dropped.secure.test"].map(named);
  controller.apply({ applied: objectsOf(changes), deleted: gone });
}

async function checkEdited(gateway: Gateway): Promise<void> {
  const expected = {
    "kept.test": "b",
    "changed.test": "c",
    "new.test": "c",
    "dropped.test": undefined,
  };
  for (const [host, backend] of Object.entries(expected)) {
    assert.equal((await gateway.ask({ host })).headers["x-backend"], backend, host);
  }
}

/** What an Envoy runs on that starts with nothing; it is stopped again. */
async function freshConfiguration(
  { controller }: Gateway,
  { nodeId, envoys }: { readonly nodeId: string; readonly envoys: number },
): Promise<readonly unknown[]> {
  await using envoy = await startEnvoy({ xdsPort: controller.port, nodeId });
  await envoy.ready();
  await controller.synced(envoys);
  return await warmConfiguration(envoy);
}

/** An Envoy lets go of what was replaced only when connections that use it had their time. */
async function runsOn(envoy: TestEnvoy, expected: readonly unknown[]): Promise<void> {
  await eventually("the Envoy has let go of what was replaced", async () => {
    assert.deepEqual(await envoy.configuration(), expected);
    return true;
  });
}

async function warmConfiguration(envoy: TestEnvoy): Promise<readonly unknown[]> {
  await eventually("nothing waits in Envoy", envoy.isWarm);
  return await envoy.configuration();
}

for (const layout of layouts) {
  Deno.test(`an Envoy that was cut off, a second one and an empty one end alike, ${layout}`, async () => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: manifest(stage) });
    const { controller, envoy } = gateway;
    const before = await warmConfiguration(envoy);

    const { port } = controller;
    await controller.close();
    edit(gateway, stage);
    assert.equal((await gateway.ask({ host: "dropped.test" })).headers["x-backend"], "b");
    await controller.listen(port);
    await controller.synced();
    await gateway.settled();
    await checkEdited(gateway);
    const second = await freshConfiguration(gateway, { nodeId: "second", envoys: 2 });
    assert.notDeepEqual(second, before);
    await runsOn(envoy, second);

    await envoy[Symbol.asyncDispose]();
    await controller.until("the Envoy is gone", () => controller.connected === 0);
    const replaced = await freshConfiguration(gateway, { nodeId: "test", envoys: 1 });
    assert.deepEqual(replaced, second);
  });

  Deno.test(`a controller that starts anew sends its Envoy only what differs, ${layout}`, async () => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: manifest(stage) });
    const before = await warmConfiguration(gateway.envoy);
    const { port, translation } = gateway.controller;
    await gateway.controller.close();

    const successor = new TestController({ layout, place: gateway.place });
    try {
      successor.apply({ applied: [...translation.store.objects()] });
      await successor.listen(port);
      await successor.until("the Envoy has come back", () => successor.connected === 1);
      await successor.synced();
      assert.deepEqual(sentNames(successor), []);
      assert.deepEqual(await warmConfiguration(gateway.envoy), before);

      successor.apply({ applied: objectsOf(root("kept.test", to("c"))) });
      await successor.synced();
      const sent = layout === "scoped" ? "http/kept.test" : "ingress_http";
      // The cluster for "c" is new as well, since nobody used it before.
      assert.deepEqual(sentNames(successor).filter((name) => !name.startsWith("default/c")), [
        sent,
      ]);
    } finally {
      await successor.close();
    }
  });
}

function sentNames({ events }: TestController): string[] {
  return events.flatMap((event) => event.kind === "sent" ? [...event.names, ...event.removed] : []);
}
