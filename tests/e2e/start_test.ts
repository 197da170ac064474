/** An Envoy that has nothing to serve yet is ready all the same, and takes what comes later. */
import assert from "node:assert/strict";
import { listenPlace, startEnvoy } from "../support/envoy.ts";
import { layouts, objectsOf, TestController } from "../support/gateway.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";
import { root } from "./manifest.ts";

for (const layout of layouts) {
  Deno.test(`an Envoy without hosts is ready, and serves the first one, ${layout}`, async () => {
    const place = listenPlace();
    const controller = new TestController({ layout, place });
    try {
      controller.apply({});
      await using envoy = await startEnvoy({ xdsPort: await controller.listen() });
      await envoy.ready();
      const first = "routes: [{ directResponsePolicy: { statusCode: 200, body: first } }]";
      controller.apply({ applied: objectsOf(root("first.test", first)) });
      const answer = await eventually(
        "the host is served",
        () => send({ address: place.address, port: place.http }, { host: "first.test" }),
      );
      assert.equal(answer.body, "first");
    } finally {
      await controller.close();
    }
  });
}
