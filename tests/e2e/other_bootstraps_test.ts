/** Envoys whose bootstrap is not ours: those of Contour ask by a stream for each type, in the older form of the protocol. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { bootstrapJson, envoyBinary, envoyCommand } from "../../controller/data_plane/mod.ts";
import { layouts, objectsOf, TestController } from "../support/gateway.ts";
import { listenPlace } from "../support/envoy.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";
import { documents, endpoints, root, service } from "./manifest.ts";
import { setStage, stageManifest } from "./stage.ts";

const to = (name: string) => `routes: [{ services: [{ name: ${name}, port: 80 }] }]`;
const tls = "{ secretName: certificate }";

const sources = {
  "a stream for each type": {
    lds_config: ownStream(),
    cds_config: ownStream(),
  },
  "one stream of the older form": {
    ads_config: apiConfig(),
    lds_config: { ads: {}, resource_api_version: "V3" },
    cds_config: { ads: {}, resource_api_version: "V3" },
  },
};

for (const layout of layouts) {
  for (const [name, dynamic] of Object.entries(sources)) {
    Deno.test(`an Envoy with ${name} is served and follows changes (${layout})`, async () => {
      await using stage = await setStage();
      const place = listenPlace();
      const controller = new TestController({ layout, place });
      const manifest = documents(
        stageManifest(stage),
        root("kept.test", to("a")),
        root("changed.test", to("a")),
        root("dropped.test", to("b")),
        root("a.secure.test", to("c"), { tls }),
      );
      controller.apply({ applied: objectsOf(manifest) });
      await using envoy = await startEnvoyWith(dynamic, await controller.listen());
      const backend = async (host: string, isSecure = false) => {
        const target = {
          address: place.address,
          port: isSecure ? place.https : place.http,
          ...(isSecure ? { tls: { serverName: host, ca: stage.ca } } : {}),
        };
        const { status, headers } = await send(target, { host });
        return status === 200 ? headers["x-backend"] : status;
      };
      const answers = (host: string, wanted: unknown, isSecure = false) =>
        eventually(`${host} is answered by ${wanted}`, async () => {
          const found = await backend(host, isSecure).catch(String);
          if (found === wanted) return true;
          throw new Error(`It was ${found}; ${envoy.log()}`);
        });
      try {
        await answers("kept.test", "a");
        await answers("changed.test", "a");
        await answers("dropped.test", "b");
        await answers("a.secure.test", "c", true);

        controller.apply({
          applied: objectsOf(documents(
            root("changed.test", to("fresh")),
            root("new.test", to("c")),
            service("fresh", [stage.backends.c]),
            endpoints("a", [stage.backends.b]),
          )),
          deleted: [{ kind: "HTTPProxy", namespace: "default", name: "dropped.test" }],
        });
        await answers("changed.test", "c");
        await answers("new.test", "c");
        await answers("kept.test", "b");
        await answers("dropped.test", 404);

        // What Envoy refuses is contained here too. By itself it takes small expressions only.
        const bad =
          `routes: [{ conditions: [{ regex: "/a{200}" }], services: [{ name: a, port: 80 }] }]`;
        controller.apply({ applied: objectsOf(root("bad.test", bad)) });
        controller.apply({ applied: objectsOf(root("later.test", to("c"))) });
        await answers("later.test", "c");
        await answers("kept.test", "b");

        // A controller that was away is found again, and what changed meanwhile arrives.
        const { port } = controller;
        await controller.close();
        controller.apply({ applied: objectsOf(root("changed.test", to("b"))) });
        await controller.listen(port);
        await answers("changed.test", "b");
        await answers("a.secure.test", "c", true);
        assert.equal(await backend("kept.test"), "b");
      } finally {
        await controller.close();
      }
    });
  }
}

function apiConfig() {
  return {
    api_type: "GRPC",
    transport_api_version: "V3",
    grpc_services: [{
      envoy_grpc: {
        cluster_name: "contour",
        authority: "contour",
        retry_policy: { retry_back_off: { base_interval: "0.05s", max_interval: "0.5s" } },
      },
    }],
  };
}

function ownStream() {
  return { api_config_source: apiConfig(), resource_api_version: "V3" };
}

async function startEnvoyWith(
  dynamicResources: Readonly<Record<string, unknown>>,
  port: number,
): Promise<AsyncDisposable & { readonly log: () => string }> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const file = join(folder, "bootstrap.json");
  const usual = JSON.parse(bootstrapJson({
    node: { id: "old", cluster: "contour" },
    xds: { address: "127.0.0.1", port },
    admin: { path: join(folder, "admin.sock") },
  }));
  const bootstrap = { ...usual, dynamic_resources: dynamicResources };
  await Deno.writeTextFile(file, JSON.stringify(bootstrap));
  const [program = "", ...args] = envoyCommand(
    { binary: await envoyBinary(), concurrency: 1, args: ["--drain-time-s", "1"] },
    file,
  );
  const process = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (
      const text of process.stderr.pipeThrough(
        new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
      )
    ) said = (said + text).slice(-2_000);
  })();
  return {
    log: () => said,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await reading;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
