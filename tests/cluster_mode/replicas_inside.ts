/** Two replicas with an Envoy each, under load: whoever is killed, nobody who asks notices. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import type { Cluster, Manifest } from "../support/cluster/mod.ts";
import { startContour } from "../support/contour_process.ts";
import { type ListenPlace, listenPlace } from "../support/envoy.ts";
import { send } from "../support/http_client.ts";
import { eventually, within } from "../support/wait.ts";
import { type AuditLog, keepAuditLog } from "./audit.ts";
import {
  answers,
  ask,
  type Controller,
  page,
  rootProxy,
  startController,
  startEdgeCluster,
  startPod,
  statusOf,
} from "./edge.ts";
import { openHttp2 } from "./http2_client.ts";
import { inOrder } from "./in_order.ts";
import { type InstalledEnvoy, startInstalledEnvoy } from "./installed_envoy.ts";
import { noneLost } from "./none_lost.ts";
import { startLoad } from "./steady_load.ts";

const leaseMs = 4_000;
const retryMs = 500;
const election = [
  ...["--leader-election-lease-duration", `${leaseMs}ms`],
  ...["--leader-election-renew-deadline", "3s"],
  ...["--leader-election-retry-period", `${retryMs}ms`],
];
const leading = "Leading: statuses are written by this replica";
const notLeading = "Not leading any more";

Deno.test("replicas come and go, one of them leads, and Envoys serve on", async (t) => {
  const step = inOrder(t);
  await using audit = await keepAuditLog();
  await using cluster = await startEdgeCluster({ apiserverArgs: audit.apiserverArgs });
  await using web = await startPod("web", { number: 2 });
  const moving = movingProxy(cluster);
  const secure = await makeSecureHost("secure.test", "web");
  await cluster.apply([...web.manifests, rootProxy("web"), ...secure.manifests]);
  await moving.change();
  await using one = await makeReplica(cluster, "one");
  await one.controller.told(leading);
  await using two = await makeReplica(cluster, "two");
  for (const { place } of [one, two]) await answers(place, "web.test", "web");
  const loadOf = ({ place }: Replica) => startLoad({ place, host: "web.test", backend: "web" });
  await using loadOne = loadOf(one);
  const loads = { one: loadOne, two: loadOf(two) };
  await using _ends = { [Symbol.asyncDispose]: () => loads.two[Symbol.asyncDispose]() };
  const neitherLost = (fault: string, measured: Readonly<Record<string, number>>) => {
    noneLost(`${fault}, Envoy one`, loads.one.takeReport(), measured);
    noneLost(`${fault}, Envoy two`, loads.two.takeReport());
  };
  await moving.isTold();

  await step("the leader is killed: the other one writes within the lease time", async () => {
    const begin = performance.now();
    one.controller.kill("SIGKILL");
    await moving.change();
    await answers(two.place, moving.host, "web");
    const servedMs = Math.round(performance.now() - begin);
    await moving.isTold();
    const toldMs = Math.round(performance.now() - begin);
    // Its last renewal was a moment ago, and a candidate looks now and then.
    assert.ok(toldMs < leaseMs + 4 * retryMs, `it took ${toldMs} ms`);
    assert.equal((await ask(one.place, moving.host)).status, 404, "nobody tells Envoy one yet");
    await one.start();
    await answers(one.place, moving.host, "web");
    neitherLost("leader killed", { servedMs, toldMs });
  });

  await step("the leader ends as it should: the other one writes at once", async () => {
    const begin = performance.now();
    two.controller.kill("SIGTERM");
    await two.controller.told(notLeading);
    await moving.change();
    await moving.isTold();
    const toldMs = Math.round(performance.now() - begin);
    assert.ok(toldMs < leaseMs / 2, `it took ${toldMs} ms`);
    assert.equal(await two.controller.ended(), 0);
    await two.start();
    await answers(two.place, moving.host, "web");
    neitherLost("leader ended", { toldMs });
  });

  await step("the leader is held up, and wakes when another one leads", async () => {
    const begin = performance.now();
    one.controller.kill("SIGSTOP");
    await moving.change();
    await moving.isTold();
    const toldMs = Math.round(performance.now() - begin);
    const events = one.controller.events.length;
    one.controller.kill("SIGCONT");
    await one.controller.told(notLeading, events);
    await answers(one.place, moving.host, "web");
    neitherLost("leader held up", { toldMs });
  });

  await step("no status was ever written by both", async () => {
    const before = (await statusWrites(audit)).length;
    for (let i = 0; i < 10; i++) {
      await moving.change();
      // Who configures its Envoy has its verdict, too.
      for (const { place } of [one, two]) await answers(place, moving.host, "web");
      await moving.isTold();
    }
    const writes = await statusWrites(audit);
    const attempts = new Set(writes.slice(before).map(({ user }) => user));
    assert.deepEqual([...attempts], ["two"], "who was told that it does not lead does not try");
    assert.deepEqual(writersInTurn(writes), ["one", "two", "one", "two"]);
  });

  await step("the whole control plane is killed, and comes back", async () => {
    for (const { controller } of [one, two]) controller.kill("SIGKILL");
    await moving.change();
    for (const load of [loads.one, loads.two]) await load.answered(500);
    const begin = performance.now();
    for (const replica of [one, two]) await replica.start();
    for (const { place } of [one, two]) await answers(place, moving.host, "web");
    const servedMs = Math.round(performance.now() - begin);
    await moving.isTold();
    neitherLost("control plane killed", { servedMs });
  });

  await step("an Envoy starts while there is no control plane", async () => {
    await loads.two[Symbol.asyncDispose]();
    for (const { controller } of [one, two]) controller.kill("SIGKILL");
    await two.restartEnvoy();
    await moving.change();
    await loads.one.answered(500);
    await assert.rejects(ask(two.place, "web.test"), "it knows of nothing to serve");
    const begin = performance.now();
    for (const replica of [one, two]) await replica.start();
    await two.envoy.ready();
    for (const { place } of [two, one]) {
      await answers(place, "web.test", "web");
      await answers(place, moving.host, "web");
    }
    const servedMs = Math.round(performance.now() - begin);
    noneLost("Envoy restarted without control plane, the other", loads.one.takeReport(), {
      servedMs,
    });
  });

  await step("an Envoy is drained and stopped: its clients go to the other one", async () => {
    const readyFile = join(one.envoy.folder, "ok");
    await using manager = startContour([
      ...["envoy", "shutdown-manager", "--serve-port", "0", "--ready-file", readyFile],
    ]);
    const { port } = await manager.told("Waiting for the end of Envoy");
    await loads.one[Symbol.asyncDispose]();
    await using balancer = startBalancer(one.place, two.place);
    await using load = startLoad({ place: balancer.place, host: "web.test", backend: "web" });
    await load.answered(250);
    load.takeReport();

    const order: string[] = [];
    const noted = async <Value>(what: string, happens: Promise<Value>) => {
      const value = await happens;
      order.push(what);
      return value;
    };
    const slowly = (id: string) => ({ "x-backend-delay": "5000", "x-request-id": id });
    const { address, http } = one.place;
    const slow = send({ address, port: http }, { host: "web.test", headers: slowly("first") });
    using busy = await openHttp2(one.place, secure);
    using kept = await openHttp2(one.place, secure);
    assert.equal(await kept.ask(), 200);
    const slowByHttp2 = busy.ask(slowly("second"));
    await eventually(
      "they are in flight",
      () =>
        ["first", "second"].every((id) =>
          web.received.some(({ headers }) => headers["x-request-id"] === id)
        ),
    );
    const hook = fetch(`http://127.0.0.1:${port}/shutdown`);
    const begin = performance.now();
    await using shutdown = startContour([
      ...["envoy", "shutdown", "--admin-address", one.envoy.admin, "--ready-file", readyFile],
      ...["--check-interval", "20ms"],
    ]);
    const [last, lastByHttp2, end, late] = await Promise.all([
      noted("request in flight ended", slow),
      slowByHttp2,
      hook.then(async (answer) => [answer.status, await answer.text()]),
      // A connection that is kept has its answer still, and is asked to leave with it.
      noted("not ready", balancer.turned).then(() => kept.ask()),
      noted("drained", shutdown.told("Envoy is drained")),
      within("who is kept is asked to leave", kept.isAskedToLeave, 20_000),
      within("who is busy is asked to leave", busy.isAskedToLeave, 20_000),
    ]);
    assert.deepEqual([last.status, lastByHttp2, late], [200, 200, 200]);
    assert.deepEqual(order, ["not ready", "request in flight ended", "drained"]);
    assert.deepEqual(end, [200, "OK"]);
    const tookMs = Math.round(performance.now() - begin);
    assert.equal(await shutdown.ended(), 0);
    one.envoy.kill("SIGTERM");
    await one.envoy.ended();
    await load.answered(250);
    noneLost("Envoy drained and stopped", load.takeReport(), { tookMs });
    manager.kill("SIGTERM");
    assert.equal(await manager.ended(), 0);
  });
});

/** Sends new connections to one Envoy until that says it is not ready, then to the next. */
function startBalancer(first: ListenPlace, next: ListenPlace) {
  let place = first;
  const stop = new AbortController();
  const turned = eventually("the first is not ready", async () => {
    if (stop.signal.aborted) return true;
    const [status] = await page(`http://${first.address}:8002/ready`);
    return status === 503;
  }, { withinMs: 30_000 }).then(() => place = next);
  return {
    place: () => place,
    turned,
    async [Symbol.asyncDispose]() {
      stop.abort();
      // Who waits for it was told why it did not happen.
      await turned.catch(() => {});
    },
  };
}

/** A replica with an Envoy of its own. */
interface Replica extends AsyncDisposable {
  readonly place: ListenPlace;
  /** The one that runs, or ran last. */
  readonly controller: Controller;
  readonly envoy: InstalledEnvoy;
  /** Starts a controller in place of the one that is gone. */
  start(): Promise<void>;
  /** Kills Envoy, and starts one in its place. */
  restartEnvoy(): Promise<void>;
}

/** Each is somebody of its own to the API server. */
async function makeReplica(cluster: Cluster, name: string): Promise<Replica> {
  const namespace = "projectcontour";
  const token = await cluster.serviceAccountToken(namespace, name);
  await cluster.apply([{
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", namespace, name }],
  }]);
  const kubeconfig = await cluster.kubeconfigFor(token);
  const place = listenPlace();
  const begin = (xdsPort: number) =>
    startController({ cluster, kubeconfig, place, xdsPort, args: election });
  let controller = await begin(0);
  const { xdsPort } = controller;
  let envoy = await startInstalledEnvoy({ xdsPort, nodeId: `envoy-${name}` });
  await envoy.ready();
  return {
    place,
    get controller() {
      return controller;
    },
    get envoy() {
      return envoy;
    },
    async start() {
      await controller[Symbol.asyncDispose]();
      controller = await begin(xdsPort);
    },
    async restartEnvoy() {
      await envoy[Symbol.asyncDispose]();
      envoy = await startInstalledEnvoy({ xdsPort, nodeId: `envoy-${name}` });
    },
    async [Symbol.asyncDispose]() {
      await envoy[Symbol.asyncDispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

/** A host with TLS, and who signed its certificate. */
async function makeSecureHost(host: string, service: string) {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issued = await authority.issue({ dnsNames: [host], validity, algorithm: "ecdsa" });
  const secret: Manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "default", name: host },
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": issued.certificate, "tls.key": issued.privateKey },
  };
  const root: Manifest = {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace: "default", name: host },
    spec: {
      virtualhost: { fqdn: host, tls: { secretName: host } },
      routes: [{ services: [{ name: service, port: 80 }] }],
    },
  };
  return { host, ca: authority.certificate, manifests: [secret, root] };
}

/** An HTTPProxy that has another host after each change. */
function movingProxy(cluster: Cluster) {
  let serial = 0;
  const proxy = (): Manifest =>
    rootProxy("moving", { service: "web", fqdn: `moving-${serial}.test` });
  return {
    get host() {
      return `moving-${serial}.test`;
    },
    async change() {
      serial++;
      await cluster.apply([proxy()]);
    },
    /** Resolves when its status is about the last change. */
    async isTold() {
      await statusOf<
        { readonly conditions?: readonly { readonly observedGeneration?: number }[] }
      >(cluster, proxy(), (status) => status?.conditions?.[0]?.observedGeneration === serial);
    },
  };
}

/** An attempt to write the status of an HTTPProxy. */
interface StatusWrite {
  /** The name of the replica. */
  readonly user: string;
  /** HTTP status. */
  readonly code: number;
}

async function statusWrites(audit: AuditLog): Promise<readonly StatusWrite[]> {
  const requests = await audit.requests();
  return requests.filter(({ resource }) => resource === "httpproxies/status")
    .map(({ user, code }) => ({ user: user.slice(user.lastIndexOf(":") + 1), code }));
}

/** The replicas that wrote statuses, each once for the time until another one did. */
function writersInTurn(writes: readonly StatusWrite[]): readonly string[] {
  const users = writes.filter(({ code }) => code === 200).map(({ user }) => user);
  return users.filter((user, i) => user !== users[i - 1]);
}
