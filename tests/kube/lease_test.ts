import assert from "node:assert/strict";
import {
  type ElectionEvent,
  type LeaseTiming,
  standForElection,
  systemClock,
} from "../../controller/kube/mod.ts";
import { startCluster } from "../support/cluster/mod.ts";
import { eventually, within } from "../support/wait.ts";
import { clientOf } from "./stage.ts";

const timing: LeaseTiming = { leaseDurationMs: 2_000, renewDeadlineMs: 1_200, retryPeriodMs: 200 };
const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/leader-elect";

interface LeaseObject {
  readonly spec: {
    readonly holderIdentity: string;
    readonly leaseDurationSeconds: number;
    readonly acquireTime: string;
    readonly renewTime: string;
    readonly leaseTransitions: number;
  };
}

Deno.test("of two candidates for a Lease of a real API server one leads at a time", async (t) => {
  await using cluster = await startCluster();
  const token = await cluster.serviceAccountToken("default", "contour");
  // No more than what is documented: create, get and update.
  await cluster.apply([
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "contour" },
      rules: [{
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        verbs: ["create", "get", "update"],
      }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "contour" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "contour" },
      subjects: [{ kind: "ServiceAccount", namespace: "default", name: "contour" }],
    },
  ]);
  using client = await clientOf(await cluster.kubeconfigFor(token));
  const read = async () => await cluster.request("GET", path) as LeaseObject;
  const leading = new Set<string>();
  let most = 0;

  const candidate = (identity: string) => {
    const stop = new AbortController();
    const events: ElectionEvent[] = [];
    const running = standForElection({
      client,
      namespace: "default",
      name: "leader-elect",
      identity,
      timing,
      clock: systemClock,
      random: Math.random,
      signal: stop.signal,
      notify: (event) => {
        events.push(event);
        if (event.kind === "started") leading.add(identity);
        if (event.kind === "stopped") leading.delete(identity);
        most = Math.max(most, leading.size);
      },
    });
    return {
      events,
      async stop() {
        stop.abort();
        await running;
      },
      async [Symbol.asyncDispose]() {
        await this.stop();
      },
    };
  };

  await using first = candidate("one");
  await eventually("one leads", () => leading.has("one"));
  await using second = candidate("two");

  await t.step("the record is the one that Kubernetes' own client writes", async () => {
    const { spec } = await read();
    assert.equal(spec.holderIdentity, "one");
    assert.equal(spec.leaseDurationSeconds, 2);
    assert.equal(spec.leaseTransitions, 0);
    assert.match(spec.renewTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await eventually("it is renewed", async () => {
      const later = (await read()).spec;
      return later.renewTime > spec.renewTime && later.acquireTime === spec.acquireTime;
    });
    await eventually(
      "two knows who leads",
      () => second.events.some((event) => event.kind === "leader" && event.identity === "one"),
    );
  });

  await t.step(
    "while the API server is away the leader stops, and one of both leads again",
    async () => {
      await cluster.stopApiServer("SIGKILL");
      await eventually("nobody leads", () => leading.size === 0, { withinMs: 5_000 });
      await cluster.startApiServer();
      await eventually("somebody leads", () => leading.size === 1, { withinMs: 15_000 });
    },
  );

  await t.step("whoever leaves gives the lease back, and the other takes it at once", async () => {
    const holder = (await read()).spec.holderIdentity;
    const [leaver, heir] = holder === "one" ? [first, "two"] : [second, "one"];
    const before = (await read()).spec.leaseTransitions;
    await within("it ends", leaver.stop());
    const begin = performance.now();
    await eventually("the other leads", () => leading.has(heir));
    assert.ok(performance.now() - begin < timing.leaseDurationMs);
    const { spec } = await read();
    assert.equal(spec.holderIdentity, heir);
    assert.equal(spec.leaseTransitions, before + 1);
  });

  await first.stop();
  await second.stop();
  assert.equal((await read()).spec.holderIdentity, "");
  assert.equal(most, 1);
});
