import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readManifests, startCluster } from "../support/cluster/mod.ts";
import { eventually, within } from "../support/wait.ts";
import { inParallel } from "../support/in_parallel.ts";
import { clientOf, follow, proxy } from "./stage.ts";

const crds = fileURLToPath(new URL("../../manifests/crds", import.meta.url));

Deno.test("a real API server is followed through everything that may happen to it", async (t) => {
  await using cluster = await startCluster();
  using client = await clientOf(cluster.kubeconfig);
  const path = "/apis/projectcontour.io/v1/namespaces/default/httpproxies";
  const isListed = "HTTPProxy/default/proxy-007";

  await t.step("kinds whose CRD is missing are waited for, the others are there", async () => {
    const spec = { ports: [{ port: 80 }] };
    await cluster.apply([{ apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec }]);
    await using follower = follow(client);
    await within("the first batch is there", follower.synced);
    assert.ok(follower.objects.has("Service/default/web"));
    const { healthy, absent } = follower.source.health();
    assert.equal(healthy, true);
    assert.deepEqual(absent, ["HTTPProxy", "TLSCertificateDelegation", "ExtensionService"]);
    await cluster.apply(await readManifests(crds));
    await cluster.apply([proxy("early")]);
    await eventually(
      "the new kind is followed",
      () => follower.objects.has("HTTPProxy/default/early"),
      { withinMs: 20_000 },
    );
    await cluster.request("DELETE", `${path}/early`);
    await eventually("it is gone", () => !follower.objects.has("HTTPProxy/default/early"));
  });

  const names = Array.from({ length: 600 }, (_, i) => `proxy-${String(i).padStart(3, "0")}`);
  await inParallel(names, 8, (name) => cluster.request("POST", path, proxy(name)));

  await t.step("pages are listed, changes seen, and nothing told twice", async () => {
    await using follower = follow(client, { timing: { pageSize: 100 } });
    const first = await within("the first batch is there", follower.synced);
    const proxies = first.applied.filter(({ kind }) => kind === "HTTPProxy");
    assert.equal(proxies.length, names.length);
    assert.deepEqual(first.diagnostics, []);
    const [some] = proxies;
    assert.deepEqual(Object.keys(some?.metadata ?? {}).sort(), [
      "creationTimestamp",
      "generation",
      "name",
      "namespace",
    ]);

    await cluster.request("PATCH", `${path}/proxy-007`, {
      spec: { routes: [{ services: [{ name: "web", port: 81 }] }] },
    });
    await eventually("the change is seen", () => {
      const object = follower.objects.get(isListed);
      return object?.kind === "HTTPProxy" && object.spec.routes?.[0]?.services?.[0]?.port === 81;
    });
    const seen = follower.batches.length;
    // A status is no change of the object; it is told of apart.
    await cluster.request("PATCH", `${path}/proxy-007/status`, { status: { description: "mine" } });
    const key = { kind: "HTTPProxy", namespace: "default", name: "proxy-007" } as const;
    await eventually("the status is seen", () => {
      const status = follower.source.statusOf(key)?.status;
      return typeof status === "object" && status !== null && "description" in status &&
        status.description === "mine";
    });
    const later = follower.batches.slice(seen);
    assert.deepEqual(later.flatMap(({ applied, deleted }) => [...applied, ...deleted]), []);
    assert.deepEqual(later.flatMap(({ statuses }) => statuses), [key]);
  });

  await t.step(
    "a stopped API server, and a past forgotten meanwhile, heal by themselves",
    async () => {
      await using follower = follow(client, { timing: { mostBackoffMs: 500 } });
      await within("the first batch is there", follower.synced);
      const seen = follower.batches.length;
      await cluster.stopApiServer("SIGKILL");
      await eventually("the loss is known", () => !follower.source.health().healthy);
      const { lostSince = 0, reasons } = follower.source.health();
      assert.ok(lostSince > 0 && reasons.length > 0, JSON.stringify(reasons));
      assert.equal(follower.objects.size > names.length, true);

      await cluster.startApiServer();
      await cluster.request("DELETE", `${path}/proxy-008`);
      await eventually("all is followed again", () => follower.source.health().healthy, {
        withinMs: 30_000,
      });
      await eventually(
        "what happened is seen",
        () => !follower.objects.has("HTTPProxy/default/proxy-008"),
      );
      const later = follower.batches.slice(seen);
      assert.deepEqual(
        later.flatMap(({ deleted }) => deleted.map(({ name }) => name)),
        ["proxy-008"],
      );
      assert.deepEqual(
        later.flatMap(({ applied }) => applied.map(({ kind }) => kind)).filter((kind) =>
          kind === "HTTPProxy"
        ),
        [],
      );
      const steps = follower.source.counters().steps.filter(({ kind }) => kind === "HTTPProxy");
      assert.ok(
        steps.some(({ step, count }) => step === "watch" && count >= 2),
        JSON.stringify(steps),
      );
    },
  );

  await t.step("etcd forgets the past: what stood there is listed again", async () => {
    // A restarted API server has no memory of its own, and etcd none either after this.
    await using follower = follow(client, { timing: { mostBackoffMs: 500 } });
    await within("the first batch is there", follower.synced);
    await cluster.stopApiServer("SIGKILL");
    await cluster.startApiServer();
    await cluster.request("DELETE", `${path}/proxy-009`);
    await cluster.compact();
    await cluster.stopApiServer("SIGKILL");
    await cluster.startApiServer();
    await eventually(
      "what happened is seen",
      () => !follower.objects.has("HTTPProxy/default/proxy-009"),
      { withinMs: 30_000 },
    );
    await cluster.apply([proxy("after-compaction")]);
    await eventually(
      "changes are seen",
      () => follower.objects.has("HTTPProxy/default/after-compaction"),
    );
  });

  await t.step(
    "only the namespaces asked for are followed, Secrets by their own list",
    async () => {
      for (const name of ["team", "roots"]) {
        await cluster.apply([
          { apiVersion: "v1", kind: "Namespace", metadata: { name } },
          { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: name }, data: {} },
          {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name, namespace: name },
            spec: { ports: [{ port: 80 }] },
          },
        ]);
      }
      const envoy = { kind: "Service", namespace: "roots", name: "roots" } as const;
      await using follower = follow(client, {
        watchNamespaces: ["team"],
        secretNamespaces: ["roots"],
        statusesOf: [envoy],
      });
      await within("the first batch is there", follower.synced);
      assert.deepEqual([...follower.objects.keys()].sort(), [
        "Secret/roots/roots",
        "Service/team/team",
      ]);
      assert.deepEqual(follower.source.statusOf(envoy)?.status, { loadBalancer: {} });
    },
  );

  await t.step("who may not list is told so, and begins when allowed to", async () => {
    const token = await cluster.serviceAccountToken("default", "contour");
    using restricted = await clientOf(await cluster.kubeconfigFor(token));
    await using follower = follow(restricted, {
      kinds: ["Service"],
      timing: { mostBackoffMs: 200 },
    });
    await eventually("it says what is missing", () => {
      const { reasons } = follower.source.health();
      return reasons.some((reason) => /403 Forbidden/.test(reason));
    });
    assert.equal(follower.source.isSynced, false);
    await cluster.apply([
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "contour" },
        rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "contour" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "contour" },
        subjects: [{ kind: "ServiceAccount", namespace: "default", name: "contour" }],
      },
    ]);
    await within("the first batch is there", follower.synced);
    assert.equal(follower.source.health().healthy, true);
  });
});
