/** Requests through real Envoy: what it asks, and what becomes of its requests. */
import assert from "node:assert/strict";
import type { StoreChoice } from "../mod.ts";
import { eventually } from "../../../tests/support/wait.ts";
import { type LimitedEnvoyOptions, type RouteLimits, startLimitedEnvoy } from "./envoy.ts";
import { startRedis } from "./redis.ts";
import { startService } from "./service.ts";

/** Two a day of everything that Envoy can ask for. */
const config = `
domain: edge
descriptors:
  - {key: generic_key, value: all, rate_limit: &two {unit: day, requests_per_unit: 2}}
  - {key: generic_key, value: quiet, shadow_mode: true, rate_limit: *two}
  - {key: generic_key, value: costly, rate_limit: {unit: day, requests_per_unit: 7}}
  - {key: generic_key, value: few, rate_limit: {unit: day, requests_per_unit: 1, algorithm: concurrency}}
  - {key: user, rate_limit: {unit: hour, requests_per_unit: 2, name: per-user}}
  - {key: remote_address, rate_limit: *two}
  - {key: masked_remote_address, value: 127.*, rate_limit: *two}
  - {key: header_match, value: beta, rate_limit: *two}
  - {key: page, rate_limit: *two}
  - {key: query_match, value: debug, rate_limit: *two}
  - {key: destination_cluster, value: behind, rate_limit: *two}
  - {key: tenant, value: acme, rate_limit: *two}
  - {key: path, descriptors: [{key: user, rate_limit: *two}]}
`;

const onRoute = (...actions: readonly unknown[]): RouteLimits => ({
  kind: "route",
  limits: [{ actions }],
});
const generic = (value: string) => ({ generic_key: { descriptor_value: value } });

const routes: Readonly<Record<string, RouteLimits>> = {
  "/generic": onRoute(generic("all")),
  "/shadow": onRoute(generic("quiet")),
  "/header-match": onRoute({
    header_value_match: {
      descriptor_value: "beta",
      headers: [{ name: "x-beta", present_match: true }],
    },
  }),
  "/header": onRoute({ request_headers: { header_name: "x-user", descriptor_key: "user" } }),
  "/address": onRoute({ remote_address: {} }),
  "/masked": onRoute({ masked_remote_address: { v4_prefix_mask_len: 8 } }),
  "/query-match": onRoute({
    query_parameter_value_match: {
      descriptor_value: "debug",
      query_parameters: [{ name: "debug", present_match: true }],
    },
  }),
  "/query": onRoute({
    query_parameters: { query_parameter_name: "page", descriptor_key: "page" },
  }),
  "/cluster": onRoute({ destination_cluster: {} }),
  "/metadata": onRoute({
    metadata: {
      descriptor_key: "tenant",
      metadata_key: { key: "test", path: [{ key: "tenant" }] },
    },
  }),
  "/nested": onRoute(
    { request_headers: { header_name: ":path", descriptor_key: "path" } },
    { request_headers: { header_name: "x-user", descriptor_key: "user" } },
  ),
  "/override": {
    kind: "route",
    limits: [{
      actions: [generic("nobody")],
      limit: { dynamic_metadata: { metadata_key: { key: "test", path: [{ key: "limit" }] } } },
    }],
  },
  "/cost": {
    kind: "filter",
    limits: [{ actions: [generic("costly")], hits_addend: { number: 3 } }],
  },
  "/concurrent": {
    kind: "filter",
    limits: [
      { actions: [generic("few")] },
      {
        actions: [generic("few")],
        apply_on_stream_done: true,
        hits_addend: { number: 1, is_negative_hits: true },
      },
    ],
  },
};

/** What stands in the metadata of every request. */
const metadata: NonNullable<LimitedEnvoyOptions["before"]> = [{
  name: "metadata",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.set_metadata.v3.Config",
    metadata: [{
      metadata_namespace: "test",
      value: { tenant: "acme", limit: { requests_per_unit: 1, unit: "DAY" } },
    }],
  },
}];

/** Starts a store for a test. */
async function storeOf(
  kind: "memory" | "redis",
): Promise<{ readonly store: StoreChoice } & AsyncDisposable> {
  if (kind === "memory") {
    return { store: { kind }, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const redis = await startRedis();
  return {
    store: { kind, place: { kind: "single", host: "127.0.0.1", port: redis.port } },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
}

for (const kind of ["memory", "redis"] as const) {
  Deno.test(`through Envoy, counters in ${kind}`, async (t) => {
    await using held = await storeOf(kind);
    await using service = await startService(config, { store: held.store, algorithm: "gcra" });
    await eventually("the store is there", () => service.trouble() === undefined);
    await using envoy = await startLimitedEnvoy({
      ports: [service.grpcPort],
      routes,
      before: metadata,
    });
    const ok = 200;
    const limited = 429;
    const step = (
      name: string,
      expected: readonly number[],
      ...request: readonly [
        path: string,
        headers?: Readonly<Record<string, string>>,
      ]
    ) =>
      t.step(name, async () => {
        assert.deepEqual(await envoy.statuses(expected.length, ...request), expected);
      });
    await step("a generic key", [ok, ok, limited], "/generic");
    await step("a header", [ok, ok, limited], "/header", { "x-user": "alice" });
    await step("another value of the header", [ok, ok, limited], "/header", { "x-user": "bob" });
    await step("no such header", [ok, ok, ok], "/header");
    await step("the address of the client", [ok, ok, limited], "/address");
    await step("a range of addresses", [ok, ok, limited], "/masked");
    await step("a header that matches", [ok, ok, limited], "/header-match", { "x-beta": "1" });
    await step("a header that does not", [ok, ok, ok], "/header-match");
    await step("a query parameter", [ok, ok, limited], "/query?page=1");
    await step("another value of it", [ok], "/query?page=2");
    await step("a query parameter that matches", [ok, ok, limited], "/query-match?debug=1");
    await step("the cluster", [ok, ok, limited], "/cluster");
    await step("metadata", [ok, ok, limited], "/metadata");
    await step("two entries", [ok, ok, limited], "/nested/a", { "x-user": "alice" });
    await step("two entries, another first one", [ok, ok, limited], "/nested/b", {
      "x-user": "alice",
    });
    await step("shadow mode", [ok, ok, ok, ok], "/shadow");
    await step("a limit that the request brings along", [ok, limited], "/override");
    await step("a cost", [ok, ok, limited], "/cost");

    await t.step("concurrency: a request that ends makes room", async () => {
      const slow = envoy.get("/concurrent", { "x-backend-delay": "400", "x-request-id": "slow" });
      await eventually(
        "another is refused meanwhile",
        async () => (await envoy.get("/concurrent")).status === limited,
      );
      assert.equal((await slow).status, ok);
      await eventually("there is room", async () => (await envoy.get("/concurrent")).status === ok);
    });

    await t.step("headers of the draft, and of Envoy", async () => {
      const passed = await envoy.get("/header", { "x-user": "carol" });
      assert.equal(passed.headers["x-ratelimit-limit"], '2, 2;w=3600;name="per-user"');
      assert.equal(passed.headers["x-ratelimit-remaining"], "1");
      await envoy.get("/header", { "x-user": "carol" });
      const refused = await envoy.get("/header", { "x-user": "carol" });
      assert.equal(refused.status, limited);
      assert.equal(refused.headers["x-envoy-ratelimited"], "true");
      assert.equal(refused.headers["x-ratelimit-remaining"], "0");
      const reset = Number(refused.headers["x-ratelimit-reset"]);
      assert.ok(reset > 1_700 && reset <= 1_800, `half an hour for one of two an hour: ${reset}`);
    });
  });
}

const headers = {
  rateLimit: {
    limit: "ratelimit-limit",
    remaining: "ratelimit-remaining",
    reset: "ratelimit-reset",
  },
  xRateLimit: false,
  retryAfter: true,
  rule: true,
};

Deno.test("headers of the service reach the client, whether it passes or not", async () => {
  await using service = await startService(config, {
    answers: { shadowMode: false, quotaMode: false, dynamicMetadata: true, headers },
  });
  await using envoy = await startLimitedEnvoy({ ports: [service.grpcPort], routes });
  const { headers: first } = await envoy.get("/header", { "x-user": "a" });
  assert.equal(first["ratelimit-limit"], "2");
  assert.equal(first["ratelimit-remaining"], "1");
  assert.equal(first["x-ratelimit-rule"], "per-user");
  assert.equal(first["retry-after"], undefined);
  await envoy.get("/header", { "x-user": "a" });
  const { status, headers: last } = await envoy.get("/header", { "x-user": "a" });
  assert.equal(status, 429);
  assert.ok(Number(last["retry-after"]) > 0 && Number(last["retry-after"]) <= 3_600);
  assert.equal(last["x-ratelimit-rule"], "per-user");
});

/** Sends requests until it is told to stop; every status that came, and how often. */
function underLoad(get: () => Promise<{ readonly status: number }>) {
  let isOver = false;
  let total = 0;
  const counts = new Map<number, number>();
  const workers = Promise.all(Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const { status } = await get();
      counts.set(status, (counts.get(status) ?? 0) + 1);
      total++;
    }
  }));
  return {
    more: async (what: string, count = 60) => {
      const before = total;
      await eventually(what, () => total > before + count, { withinMs: 20_000 });
    },
    counts,
    async stop() {
      isOver = true;
      await workers;
    },
  };
}

Deno.test("Redis fails and comes back under load: no request is lost, and limits hold again", async () => {
  await using redis = await startRedis();
  const place = { kind: "single", host: "127.0.0.1", port: redis.port } as const;
  await using service = await startService(
    "domain: edge\ndescriptors: [{key: user, rate_limit: {unit: day, requests_per_unit: 5}}]",
    { store: { kind: "redis", place, localCacheKeys: 0 }, onStoreFailure: "open" },
  );
  await eventually("the store is there", () => service.trouble() === undefined);
  await using envoy = await startLimitedEnvoy({ ports: [service.grpcPort], routes });
  const load = underLoad(() => envoy.get("/header", { "x-user": "u" }));
  await eventually("the limit holds", () => (load.counts.get(429) ?? 0) > 20);
  await redis.kill();
  const passed = load.counts.get(200) ?? 0;
  await eventually("requests pass without it", () => (load.counts.get(200) ?? 0) > passed + 50);
  await redis.restart();
  const refused = load.counts.get(429) ?? 0;
  await eventually("the limit holds again", () => (load.counts.get(429) ?? 0) > refused + 20);
  await load.stop();
  assert.deepEqual([...load.counts.keys()].sort(), [200, 429]);
});

Deno.test("limits change under load: no request is lost", async () => {
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const write = (requests: number | string) =>
    Deno.writeTextFile(
      `${folder}/limits.yaml`,
      `domain: edge\ndescriptors: [{key: user, rate_limit: {unit: day, requests_per_unit: ${requests}}}]`,
    );
  await write(1_000_000);
  await using service = await startService([folder]);
  await using envoy = await startLimitedEnvoy({ ports: [service.grpcPort], routes });
  const load = underLoad(() => envoy.get("/header", { "x-user": "u" }));
  await load.more("requests pass");
  assert.deepEqual([...load.counts.keys()], [200]);
  await write("broken");
  await eventually("it is told", () => service.problems().length === 1);
  await load.more("requests still pass");
  assert.deepEqual([...load.counts.keys()], [200]);
  await write(1);
  await eventually("they are limited", () => (load.counts.get(429) ?? 0) > 20);
  await write(1_000_000);
  const passed = load.counts.get(200) ?? 0;
  await eventually("they pass again", () => (load.counts.get(200) ?? 0) > passed + 50);
  await load.stop();
  assert.deepEqual([...load.counts.keys()].sort(), [200, 429]);
});

Deno.test("two replicas on one Redis let through together what one would", async () => {
  await using redis = await startRedis();
  const place = { kind: "single", host: "127.0.0.1", port: redis.port } as const;
  const limits =
    "domain: edge\ndescriptors: [{key: user, rate_limit: {unit: day, requests_per_unit: 40}}]";
  const options = { store: { kind: "redis", place } } as const;
  await using one = await startService(limits, options);
  await using other = await startService(limits, options);
  await eventually(
    "both are there",
    () => one.trouble() === undefined && other.trouble() === undefined,
  );
  await using envoy = await startLimitedEnvoy({ ports: [one.grpcPort, other.grpcPort], routes });
  const statuses = await Promise.all(
    Array.from({ length: 8 }, () => envoy.statuses(15, "/header", { "x-user": "u" })),
  );
  assert.equal(statuses.flat().filter((status) => status === 200).length, 40);
  const asked = async (service: typeof one) =>
    await service.metric('ratelimit_service_total_requests{grpc_method="ShouldRateLimit"}') ?? 0;
  assert.equal(await asked(one) + await asked(other), 120);
  assert.ok(await asked(one) > 0 && await asked(other) > 0, "both were asked");
});
