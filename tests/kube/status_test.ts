import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ObjectKey } from "../../controller/api/mod.ts";
import {
  type DesiredStatus,
  type StatusEvent,
  StatusWriter,
  systemClock,
} from "../../controller/kube/mod.ts";
import { readManifests, startCluster } from "../support/cluster/mod.ts";
import { eventually, within } from "../support/wait.ts";
import { inParallel } from "../support/in_parallel.ts";
import { clientOf, follow, proxy } from "./stage.ts";

const crds = fileURLToPath(new URL("../../manifests/crds", import.meta.url));
const path = "/apis/projectcontour.io/v1/namespaces/default/httpproxies";

function keyNamed(name: string): ObjectKey {
  return { kind: "HTTPProxy", namespace: "default", name };
}

function valid(observedGeneration = 1): DesiredStatus {
  const message = "Valid HTTPProxy";
  return {
    currentStatus: "valid",
    description: message,
    conditions: [{ type: "Valid", status: "True", reason: "Valid", message, observedGeneration }],
  };
}

interface Written {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
  };
  readonly spec: unknown;
  readonly status: {
    readonly currentStatus?: string;
    readonly description?: string;
    readonly conditions?: readonly Readonly<Record<string, unknown>>[];
    readonly loadBalancer?: unknown;
  };
}

Deno.test("statuses are written to a real API server: once, by the leader, over nobody", async (t) => {
  await using cluster = await startCluster();
  await cluster.apply(await readManifests(crds));
  using client = await clientOf(cluster.kubeconfig);
  const read = async (name: string) => await cluster.request("GET", `${path}/${name}`) as Written;

  await cluster.apply([proxy("shop"), proxy("blog"), {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "old", annotations: { "example.com/keep": "this" } },
    spec: { defaultBackend: { service: { name: "web", port: { number: 80 } } } },
  }]);

  /** A writer on top of what is followed. */
  const writing = () => {
    const events: StatusEvent[] = [];
    const stop = new AbortController();
    const writer: StatusWriter = new StatusWriter({
      client,
      statusOf: (key) => follower.source.statusOf(key),
      clock: systemClock,
      random: Math.random,
      signal: stop.signal,
      notify: (event) => events.push(event),
    });
    const follower = follow(client, { onBatch: ({ statuses }) => writer.observed(statuses) });
    return {
      writer,
      follower,
      count: (outcome: StatusEvent["outcome"]) =>
        events.filter((event) => event.outcome === outcome).length,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await writer.idle();
        await follower[Symbol.asyncDispose]();
      },
    };
  };

  await t.step("nobody writes before leading, then what differs, then nothing more", async () => {
    await using it = writing();
    await within("the first batch is there", it.follower.synced);
    it.writer.want(keyNamed("shop"), valid());
    it.writer.want({ kind: "Ingress", namespace: "default", name: "old" }, {});
    it.writer.setLoadBalancer({ ingress: [{ ip: "192.0.2.7" }] });
    await it.writer.idle();
    assert.equal((await read("shop")).status.currentStatus, "NotReconciled");

    it.writer.lead();
    await within("all is written", it.writer.idle());
    const shop = await read("shop");
    assert.equal(shop.status.currentStatus, "valid");
    assert.deepEqual(shop.status.loadBalancer, { ingress: [{ ip: "192.0.2.7" }] });
    assert.match(String(shop.status.conditions?.[0]?.["lastTransitionTime"]), /^\d{4}-.*Z$/);
    assert.ok(shop.spec);
    const ingress = await cluster.request(
      "GET",
      "/apis/networking.k8s.io/v1/namespaces/default/ingresses/old",
    ) as Written;
    assert.deepEqual(ingress.status.loadBalancer, { ingress: [{ ip: "192.0.2.7" }] });
    assert.equal(ingress.metadata.annotations?.["example.com/keep"], "this");
    assert.equal(it.count("written"), 2);
    await eventually(
      "the echo was seen",
      () =>
        it.follower.source.statusOf(keyNamed("shop"))?.resourceVersion ===
          shop.metadata.resourceVersion,
    );
    it.writer.want(keyNamed("shop"), valid());
    await within("it is looked at", it.writer.idle());
    assert.equal(it.count("written"), 2);
  });

  await t.step(
    "what another controller writes meanwhile stays, and ours is put right",
    async () => {
      await using it = writing();
      await within("the first batch is there", it.follower.synced);
      const foreign = {
        type: "Checked",
        status: "True",
        reason: "Fine",
        message: "by somebody else",
        lastTransitionTime: "2026-01-01T00:00:00Z",
        errors: [{ type: "X", status: "True", reason: "Y", message: "an entry of theirs" }],
      };
      it.writer.lead();
      // Both at once, many times over.
      for (let round = 1; round <= 20; round++) {
        const theirs = (async () => {
          for (;;) {
            const object = await read("blog");
            const conditions = [
              ...(object.status.conditions ?? []).filter(({ type }) => type !== "Checked"),
              { ...foreign, message: `round ${round}` },
            ];
            const status = { ...object.status, conditions };
            const done = await cluster.request("PUT", `${path}/blog/status`, { ...object, status })
              .then(() => true, (error) => {
                if (String(error).includes("409")) return false;
                throw error;
              });
            if (done) return;
          }
        })();
        it.writer.want(keyNamed("blog"), { ...valid(), description: `round ${round}` });
        await theirs;
        await within("ours is written", it.writer.idle());
      }
      await eventually("both stand there", async () => {
        const { conditions = [], description } = (await read("blog")).status;
        return description === "round 20" && conditions.length === 2 &&
          conditions.some(({ message }) => message === "round 20") &&
          conditions.some(({ errors }) => Array.isArray(errors) && errors.length === 1);
      });

      // Somebody spoils ours: it is put right.
      await cluster.request("PATCH", `${path}/blog/status`, { status: { description: "spoilt" } });
      await eventually(
        "it is put right",
        async () => (await read("blog")).status.description === "round 20",
      );
      assert.equal(it.count("failed"), 0);
    },
  );

  await t.step("of an older generation nothing is written", async () => {
    await using it = writing();
    await within("the first batch is there", it.follower.synced);
    it.writer.lead();
    it.writer.want(keyNamed("shop"), valid(5));
    await within("it is written", it.writer.idle());
    it.writer.want(keyNamed("shop"), { ...valid(4), description: "old" });
    await within("it is looked at", it.writer.idle());
    const { description, conditions } = (await read("shop")).status;
    assert.equal(description, "Valid HTTPProxy");
    assert.equal(conditions?.[0]?.["observedGeneration"], 5);
  });

  await t.step("2,000 statuses are written within 10 s, and none after a restart", async () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `many-${i}`);
    await inParallel(names, 8, (name) => cluster.request("POST", path, proxy(name)));
    {
      await using it = writing();
      await within("the first batch is there", it.follower.synced);
      it.writer.lead();
      const begin = performance.now();
      for (const name of names) it.writer.want(keyNamed(name), valid());
      await within("all are written", it.writer.idle(), 30_000);
      const seconds = (performance.now() - begin) / 1_000;
      assert.equal(it.count("written"), names.length);
      assert.equal(it.count("conflict") + it.count("failed"), 0);
      assert.ok(seconds < 10, `it took ${seconds} s`);
    }
    await using it = writing();
    await within("the first batch is there", it.follower.synced);
    it.writer.lead();
    for (const name of names) it.writer.want(keyNamed(name), valid());
    await within("all are looked at", it.writer.idle());
    assert.equal(it.count("written"), 0);
    assert.equal(it.count("unchanged"), names.length);
  });
});
