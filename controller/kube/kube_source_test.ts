import assert from "node:assert/strict";
import { keyId, type KubeObject } from "../api/mod.ts";
import { type FakeApiServer, startFakeApiServer } from "../../tests/support/cluster/mod.ts";
import { eventually, within } from "../../tests/support/wait.ts";
import {
  type KubeBatch,
  kubeClient,
  type KubeSourceEvent,
  type KubeSourceOptions,
  systemClock,
  watchCluster,
} from "./mod.ts";

const services = "/api/v1/services";
const secrets = "/api/v1/secrets";
const proxies = "/apis/projectcontour.io/v1/httpproxies";

function service(name: string, port: number) {
  return { metadata: { name, namespace: "default" }, spec: { ports: [{ port }] } };
}

/** A source on a fake server, and the copy that its batches make. */
function following(server: FakeApiServer, options: Partial<KubeSourceOptions> = {}) {
  const stop = new AbortController();
  const client = kubeClient({
    access: { server: server.url, identity: { kind: "token", token: "t" }, headers: {} },
    clock: systemClock,
    userAgent: "test",
  });
  const events: KubeSourceEvent[] = [];
  const source = watchCluster({
    client,
    clock: systemClock,
    random: () => 0.5,
    signal: stop.signal,
    kinds: ["Service"],
    notify: (event) => events.push(event),
    ...options,
    timing: { firstBackoffMs: 5, mostBackoffMs: 20, goodStreamMs: 1_000, ...options.timing },
  });
  const objects = new Map<string, KubeObject>();
  const batches: KubeBatch[] = [];
  const run = async () => {
    for await (const batch of source) {
      batches.push(batch);
      for (const key of batch.deleted) objects.delete(keyId(key));
      for (const object of batch.applied) {
        objects.set(keyId({ kind: object.kind, ...object.metadata }), object);
      }
    }
  };
  const running = run();
  return {
    source,
    batches,
    events,
    objects,
    names: () => [...objects.values()].map(({ metadata }) => metadata.name).sort(),
    synced: () => eventually("the first batch is there", () => batches[0]),
    port: (name: string) => {
      const object = objects.get(`Service/default/${name}`);
      return object?.kind === "Service" ? object.spec.ports?.[0]?.port : undefined;
    },
    step: (step: string) => source.counters().steps.find((each) => each.step === step)?.count ?? 0,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await within("the source ends", running);
      client[Symbol.dispose]();
    },
  };
}

Deno.test("watchCluster: pages are one batch, then a lone event comes by itself", async () => {
  await using server = startFakeApiServer();
  for (let i = 0; i < 25; i++) server.put(services, service(`s${i}`, 80));
  await using it = following(server, { timing: { pageSize: 10 } });
  const first = await it.synced();
  assert.equal(first.applied.length, 25);
  assert.deepEqual(server.requests.map(({ query }) => query["limit"]).slice(0, 3), [
    "10",
    "10",
    "10",
  ]);
  await eventually("the watch is open", () => server.watching(services) === 1);
  server.put(services, service("s3", 81));
  await eventually("the change is seen", () => it.port("s3") === 81);
  server.delete(services, "s4");
  await eventually("the end is seen", () => !it.objects.has("Service/default/s4"));
  assert.deepEqual(it.batches.map(({ applied, deleted }) => [applied.length, deleted.length]), [
    [25, 0],
    [1, 0],
    [0, 1],
  ]);
});

Deno.test("watchCluster: a page that comes too late is no loss: all is listed at once", async () => {
  await using server = startFakeApiServer();
  for (let i = 0; i < 25; i++) server.put(services, service(`s${i}`, 80));
  server.next(({ query }) => query["continue"] !== undefined, {
    kind: "status",
    status: 410,
    reason: "Expired",
  });
  await using it = following(server, { timing: { pageSize: 10 } });
  assert.equal((await it.synced()).applied.length, 25);
  assert.equal(server.requests.filter(({ query }) => query["watch"] === undefined).length, 3);
});

Deno.test("watchCluster: streams that end are taken up where they ended, without a list", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  await using it = following(server);
  await it.synced();
  for (const how of ["close", "break", "close", "break"] as const) {
    await eventually("the watch is open", () => server.watching(services) === 1);
    server.bookmark(services);
    server.cut(how);
    server.put(services, service(`while-${how}-${it.step("watch")}`, 80));
    const count = it.names().length;
    await eventually("what happened meanwhile is seen", () => it.names().length > count);
  }
  assert.equal(it.step("list"), 1);
  assert.equal(it.source.health().healthy, true);
});

Deno.test("watchCluster: what the server has forgotten is listed, and only differences told", async () => {
  await using server = startFakeApiServer();
  for (const name of ["a", "b", "c"]) server.put(services, service(name, 80));
  await using it = following(server);
  await it.synced();
  await eventually("the watch is open", () => server.watching(services) === 1);
  server.isSilent = true;
  server.put(services, service("b", 81));
  server.delete(services, "c");
  server.put(services, service("d", 80));
  server.isSilent = false;
  server.forget();
  server.cut("close");
  await eventually("all is seen", () => it.names().join() === "a,b,d" && it.port("b") === 81);
  const later = it.batches.slice(1);
  assert.deepEqual(later.flatMap(({ applied }) => applied.map(({ metadata }) => metadata.name)), [
    "b",
    "d",
  ]);
  assert.deepEqual(later.flatMap(({ deleted }) => deleted.map(({ name }) => name)), ["c"]);
  assert.equal(it.step("expired"), 1);
  assert.equal(it.step("list"), 2);
});

Deno.test("watchCluster: a stream gone quiet is given up", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  await using it = following(server, { timing: { quietMs: 100, goodStreamMs: 50 } });
  await it.synced();
  await eventually("the watch is open", () => server.watching(services) === 1);
  server.isSilent = true;
  server.put(services, service("a", 81));
  server.isSilent = false;
  await eventually("the change is seen", () => it.port("a") === 81);
  assert.ok(it.step("quiet") >= 1);
  assert.equal(it.step("list"), 1);
});

Deno.test("watchCluster: a server that takes a watch and says nothing is asked again", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  server.next(({ query }) => query["watch"] === "true", { kind: "silence" });
  await using it = following(server, { timing: { acceptMs: 100 } });
  await it.synced();
  server.put(services, service("a", 81));
  await eventually("the change is seen", () => it.port("a") === 81);
});

Deno.test("watchCluster: garbage costs a stream, not the objects before it", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  await using it = following(server);
  await it.synced();
  for (const garbage of ["{]\n", '{"type":"ODD"}\n', "null\n", '{"kind":"Status","code":500}\n']) {
    await eventually("the watch is open", () => server.watching(services) === 1);
    server.put(services, service("a", 81));
    const watches = it.step("watch");
    server.say(services, garbage);
    await eventually("another watch begins", () => it.step("watch") > watches);
    server.put(services, service("a", 82));
    await eventually("the change is seen", () => it.port("a") === 82);
  }
  assert.equal(it.step("list"), 1);
});

Deno.test("watchCluster: a watch that never works is not believed for ever", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  for (let i = 0; i < 4; i++) {
    server.next(({ query }) => query["watch"] === "true", { kind: "status", status: 500 });
  }
  await using it = following(server);
  await it.synced();
  await eventually("it was listed again", () => it.step("list") === 2);
  await eventually("all is well", () => it.source.health().healthy);
  assert.ok(it.events.some(({ state }) => state.kind === "failing"));
});

Deno.test("watchCluster: an odd object is reported and keeps its last good form", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  server.put(services, service("b", 80));
  await using it = following(server);
  await it.synced();
  await eventually("the watch is open", () => server.watching(services) === 1);
  server.put(services, {
    metadata: { name: "a", namespace: "default" },
    spec: { ports: [{ port: "none" }] },
  });
  await eventually("it is reported", () => it.source.diagnostics().length === 1);
  const [problem] = it.batches.at(-1)?.diagnostics ?? [];
  assert.deepEqual(problem?.object, { kind: "Service", namespace: "default", name: "a" });
  assert.equal(problem?.path, "spec.ports[0].port");
  assert.equal(it.port("a"), 80);
  server.put(services, service("a", 82));
  await eventually("it is mended", () => it.port("a") === 82);
  assert.deepEqual(it.batches.at(-1)?.mended.map(({ name }) => name), ["a"]);
  assert.deepEqual(it.source.diagnostics(), []);
  server.say(services, '{"type":"ADDED","object":{"metadata":{}}}\n');
  await eventually("no object is reported", () => it.batches.at(-1)?.diagnostics.length === 1);
});

Deno.test("watchCluster: of Secrets only those that can be served keep their bytes", async () => {
  await using server = startFakeApiServer();
  const data = { token: btoa("secret") };
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "secret", a: "b" };
  for (const [name, type] of [["opaque", "Opaque"], ["other", "example.com/token"]] as const) {
    const metadata = { name, namespace: "default", annotations, managedFields: [{}] };
    server.put(secrets, { metadata, type, data });
  }
  await using it = following(server, { kinds: ["Secret"] });
  await it.synced();
  const read = (name: string) => {
    const object = it.objects.get(`Secret/default/${name}`);
    return object?.kind === "Secret" ? object : undefined;
  };
  assert.deepEqual(read("opaque")?.data, data);
  assert.equal(read("other")?.data, undefined);
  assert.deepEqual(read("other")?.metadata, {
    name: "other",
    namespace: "default",
    annotations: { a: "b" },
  });
  const [{ query }] = server.requests as [(typeof server.requests)[number]];
  assert.equal(
    query["fieldSelector"],
    "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token",
  );
});

Deno.test("watchCluster: a kind that is not served holds up nobody; one we may not see does", async () => {
  await using server = startFakeApiServer();
  server.put(services, service("a", 80));
  await using it = following(server, { kinds: ["Service", "HTTPProxy"] });
  await it.synced();
  assert.deepEqual(it.source.health().absent, ["HTTPProxy"]);
  server.put(proxies, {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "shop", namespace: "default", generation: 1 },
    spec: { virtualhost: { fqdn: "shop.example.com" } },
  });
  await eventually("it is there", () => it.objects.has("HTTPProxy/default/shop"));

  await using other = startFakeApiServer();
  other.put(services, service("a", 80));
  for (let i = 0; i < 5; i++) {
    other.next(() => true, { kind: "status", status: 403, reason: "Forbidden" });
  }
  await using denied = following(other);
  await eventually(
    "it says so",
    () => denied.source.health().reasons.some((reason) => reason.includes("403 Forbidden")),
  );
  assert.equal(denied.source.isSynced, false);
  await denied.synced();
  assert.deepEqual(denied.names(), ["a"]);
  assert.equal(denied.source.health().healthy, true);
});
