/** Counters in a real Redis: exact, shared by replicas, over TLS, in a cluster, behind sentinels. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { makeAuthority, validityAround } from "../../../controller/certs/mod.ts";
import {
  MemoryStore,
  parseRedisUrl,
  type RedisPlace,
  RedisStore,
  type RedisStoreOptions,
  StoreFailure,
} from "../mod.ts";
import { Random } from "../../../tests/support/world.ts";
import { eventually } from "../../../tests/support/wait.ts";
import { randomHits, randomSpec } from "./random_hits.ts";
import { clientOf, freePort, startRedis, type TestRedis } from "./redis.ts";

const minute = { algorithm: "gcra", requestsPerUnit: 5, burst: 5, windowMs: 60_000 } as const;

/** A store on a Redis, when it is connected. */
async function storeOn(
  place: RedisPlace,
  options: Partial<Omit<RedisStoreOptions, "place">> = {},
): Promise<RedisStore & AsyncDisposable> {
  const store = new RedisStore({ place, ...options });
  await eventually("the store is up", () => store.isUp());
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

function single({ port }: Pick<TestRedis, "port">): RedisPlace {
  return { kind: "single", host: "127.0.0.1", port };
}

Deno.test("the script of Redis decides as the memory does, number by number", async () => {
  await using redis = await startRedis();
  const clock = { now: 0 };
  await using store = await storeOn(single(redis), {
    virtualNow: () => clock.now,
    localCacheKeys: 0,
  });
  const memory = new MemoryStore({ now: () => clock.now });
  let seed = 40_000;
  for (const algorithm of ["gcra", "fixed_window", "sliding_window", "concurrency"] as const) {
    for (let run = 0; run < 15; run++) {
      const random = new Random(++seed);
      const spec = randomSpec(random, algorithm);
      for (const { at, hits } of randomHits(random, spec, 60)) {
        clock.now = at;
        const given = random.below(10) === 0 ? -hits : hits;
        const hit = { key: `run ${seed}`, spec, hits: given };
        const [expected] = memory.count([hit]);
        const [found] = await store.count([hit]);
        assert.deepEqual(found, expected, JSON.stringify({ seed, spec, at, given }));
      }
    }
  }
});

Deno.test("two replicas let through together what one would", async () => {
  await using redis = await startRedis();
  await using one = await storeOn(single(redis));
  await using other = await storeOn(single(redis));
  const spec = { ...minute, requestsPerUnit: 100, burst: 100, windowMs: 86_400_000 };
  for (const algorithm of ["gcra", "fixed_window", "sliding_window"] as const) {
    const hit = { key: algorithm, spec: { ...spec, algorithm }, hits: 1 };
    const outcomes = await Promise.all(
      Array.from(
        { length: 400 },
        async (_, index) => await (index % 2 === 0 ? one : other).count([hit]),
      ),
    );
    const passed = outcomes.flat().filter(({ isOver }) => !isOver).length;
    assert.equal(passed, 100, algorithm);
  }
});

Deno.test("several limits of a request, and many requests at once", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis));
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      store.count([
        { key: "all", spec: { ...minute, requestsPerUnit: 900, burst: 900 }, hits: 1 },
        { key: `own ${index}`, spec: minute, hits: 2 },
      ])),
  );
  for (const [all, own] of answers) {
    assert.equal(all?.isOver, false);
    assert.equal(own?.remaining, 3);
  }
  const [left] = await store.count([
    { key: "all", spec: { ...minute, requestsPerUnit: 900, burst: 900 }, hits: 0 },
  ]);
  assert.ok((left?.remaining ?? 0) >= 600 && (left?.remaining ?? 0) < 660);
});

Deno.test("keys that are over are not asked for again, until they are free", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis));
  const client = clientOf(redis.port);
  const calls = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info("commandstats"))?.[1] ?? 0);
  const spec = { ...minute, requestsPerUnit: 5, burst: 1, windowMs: 1_000 };
  const hit = { key: "k", spec, hits: 1 };
  await store.count([hit]);
  await store.count([hit]);
  const before = await calls();
  const cached = await store.count([hit]);
  assert.equal(cached[0]?.isOver, true);
  assert.equal(cached[0]?.isCached, true);
  assert.ok((cached[0]?.resetMs ?? 0) <= 200);
  assert.equal(await calls(), before);
  await eventually(
    "a hit passes again",
    async () => (await store.count([hit]))[0]?.isOver === false,
  );
  // Only hits that are sure to be refused are: none at all may still be asked for.
  await store.count([hit]);
  assert.equal((await store.count([{ ...hit, hits: 0 }]))[0]?.isCached, undefined);
  client.disconnect();
});

Deno.test("counters expire, and keys are short whatever is asked for", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis), { keyPrefix: "team:" });
  const client = clientOf(redis.port);
  await store.count([
    { key: "x".repeat(100_000), spec: minute, hits: 1 },
    { key: "{slot}", spec: minute, hits: 1 },
  ]);
  const keys = await client.keys("*");
  assert.equal(keys.length, 2);
  for (const key of keys) {
    assert.ok(key.startsWith("team:g60000|"), key);
    assert.ok(key.length < 600 && !key.includes("{"), key);
    const ttl = await client.pttl(key);
    assert.ok(ttl > 0 && ttl <= 12_000, `${key} expires in ${ttl} ms`);
  }
  client.disconnect();
});

Deno.test("what is no counter is left as it is, and costs no neighbour", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis));
  const client = clientOf(redis.port);
  await client.set("g60000|bad", "no counter");
  await client.lpush("g60000|worse", "a list");
  const results = await Promise.allSettled(
    ["bad", "good", "worse"].map((key) => store.count([{ key, spec: minute, hits: 1 }])),
  );
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "fulfilled", "rejected"]);
  assert.equal(await client.get("g60000|bad"), "no counter");
  client.disconnect();
});

Deno.test("what was over passes as soon as its limit is raised", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis));
  const hour = {
    algorithm: "fixed_window",
    requestsPerUnit: 1,
    windowMs: 3_600_000,
    burst: 1,
  } as const;
  const isOver = async (requestsPerUnit: number) => {
    const hit = { key: "k", spec: { ...hour, requestsPerUnit }, hits: 1 };
    return (await store.count([hit])).map(({ isOver }) => isOver);
  };
  assert.deepEqual(await isOver(1), [false]);
  assert.deepEqual(await isOver(1), [true]);
  assert.deepEqual(await isOver(1), [true]);
  assert.deepEqual(await isOver(100), [false]);
});

Deno.test("without Redis counting fails at once, and goes on when it is back", async () => {
  await using redis = await startRedis();
  const states: string[] = [];
  await using store = await storeOn(single(redis), {
    onState: ({ kind }) => states.push(kind),
    localCacheKeys: 0,
  });
  const hit = { key: "k", spec: minute, hits: 1 };
  assert.equal((await store.count([hit]))[0]?.remaining, 4);
  await redis.kill();
  await eventually("the store is down", () => !store.isUp());
  const begun = performance.now();
  await assert.rejects(async () => await store.count([hit]), StoreFailure);
  assert.ok(performance.now() - begun < 100, "nothing waits");
  await redis.restart();
  // Its scripts are gone too.
  await eventually("the store is up", () => store.isUp());
  assert.equal((await store.count([hit]))[0]?.remaining, 4);
  assert.deepEqual(states, ["up", "down", "up"]);
});

Deno.test("a Redis that does not answer fails in time", async () => {
  await using redis = await startRedis();
  await using store = await storeOn(single(redis), { timeoutMs: 100 });
  const hit = { key: "k", spec: minute, hits: 1 };
  await store.count([hit]);
  redis.freeze();
  await assert.rejects(async () => await store.count([hit]), StoreFailure);
  redis.thaw();
  await eventually("it counts again", async () => {
    try {
      return (await store.count([hit])).length === 1;
    } catch {
      return false;
    }
  });
});

Deno.test("a Redis that is not there is waited for", async () => {
  const port = freePort();
  const states: string[] = [];
  const store = new RedisStore({
    place: { kind: "single", host: "127.0.0.1", port },
    onState: (state) => states.push(state.kind === "up" ? "up" : `down: ${state.reason}`),
  });
  await eventually("it is told", () => states.length === 1);
  assert.match(states[0] ?? "", /^down: .*ECONNREFUSED/);
  await using _redis = await startRedis({ port });
  await eventually("the store is up", () => store.isUp());
  await store.close();
});

Deno.test("TLS, a password and a user", async () => {
  const common = { validity: validityAround(new Date(), 1), algorithm: "ecdsa" } as const;
  const authority = await makeAuthority({ commonName: "Test CA", ...common });
  const leaf = await authority.issue({ dnsNames: ["localhost"], ...common });
  const tls = { ca: authority.certificate, certificate: leaf.certificate, key: leaf.privateKey };
  await using redis = await startRedis({
    tls,
    password: "open sesame".replace(" ", "-"),
    lines: ["user team on >s3cr/t ~* +@all"],
  });
  const ca = Buffer.from(authority.certificate);
  const { address, hasTls, ...access } = parseRedisUrl(
    `rediss://team:s3cr%2Ft@localhost:${redis.port}/0`,
  );
  assert.ok(hasTls);
  {
    await using store = await storeOn({ ...address, ...access, tls: { ca } });
    assert.equal((await store.count([{ key: "k", spec: minute, hits: 1 }]))[0]?.remaining, 4);
  }
  {
    await using store = await storeOn({ ...address, password: "open-sesame", tls: { ca } });
    assert.equal((await store.count([{ key: "k", spec: minute, hits: 1 }]))[0]?.remaining, 3);
  }
  for (
    const wrong of [
      { ...address, password: "wrong", tls: { ca } },
      { ...address, host: "127.0.0.1", password: "open-sesame", tls: { ca } },
      { ...address, ...access, tls: {} },
      { ...address, ...access },
    ]
  ) {
    const reasons: string[] = [];
    const store = new RedisStore({
      place: wrong,
      onState: (state) => reasons.push(state.kind === "down" ? state.reason : "up"),
    });
    await assert.rejects(async () => {
      await eventually("something is told", () => reasons.length > 0);
      await store.count([{ key: "k", spec: minute, hits: 1 }]);
    }, StoreFailure);
    await store.close();
  }
});

Deno.test("a cluster: each key at its node, also when one goes", async () => {
  const nodes = await Promise.all([0, 1, 2].map(() =>
    startRedis({
      lines: [
        "cluster-enabled yes",
        "cluster-node-timeout 2000",
        "cluster-require-full-coverage no",
      ],
    })
  ));
  await using _nodes = {
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
  const clients = nodes.map(({ port }) => clientOf(port));
  const ranges = [[0, 5_460], [5_461, 10_922], [10_923, 16_383]];
  for (const [index, client] of clients.entries()) {
    const [from = 0, to = 0] = ranges[index] ?? [];
    await client.call("CLUSTER", "ADDSLOTSRANGE", from, to);
    await client.call("CLUSTER", "MEET", "127.0.0.1", nodes[0]?.port ?? 0);
  }
  for (const client of clients) {
    await eventually(
      "the cluster is whole",
      async () =>
        /cluster_state:ok[^]*cluster_slots_ok:16384[^]*cluster_known_nodes:3/
          .test(String(await client.call("CLUSTER", "INFO"))),
      { withinMs: 20_000 },
    );
  }
  await using store = await storeOn({
    kind: "cluster",
    nodes: [{ host: "127.0.0.1", port: nodes[0]?.port ?? 0 }],
  });
  const hits = Array.from(
    { length: 60 },
    (_, index) => ({ key: `k${index}`, spec: minute, hits: 1 }),
  );
  for (const remaining of [4, 3]) {
    const outcomes = await store.count(hits);
    assert.ok(outcomes.every((outcome) => outcome.remaining === remaining));
  }
  for (const client of clients) assert.ok(await client.dbsize() > 5, "every node has some");
  for (const client of clients) client.disconnect();
});

Deno.test("behind sentinels the master is found", async () => {
  await using redis = await startRedis();
  await using sentinel = await startRedis({
    isSentinel: true,
    lines: [`sentinel monitor limits 127.0.0.1 ${redis.port} 1`],
  });
  const { address } = parseRedisUrl(`redis+sentinel://127.0.0.1:${sentinel.port}/limits`);
  await using store = await storeOn(address);
  assert.equal((await store.count([{ key: "k", spec: minute, hits: 1 }]))[0]?.remaining, 4);
});

const urls: readonly (readonly [url: string, read: unknown])[] = [
  ["redis://h", { address: { kind: "single", host: "h", port: 6379 }, hasTls: false }],
  ["h:1234", { address: { kind: "single", host: "h", port: 1234 }, hasTls: false }],
  [
    "rediss://u:p%40@[::1]:7/3",
    {
      address: { kind: "single", host: "::1", port: 7 },
      hasTls: true,
      username: "u",
      password: "p@",
      db: 3,
    },
  ],
  ["valkey://:p@h", {
    address: { kind: "single", host: "h", port: 6379 },
    hasTls: false,
    password: "p",
  }],
  ["unix:///run/redis.sock", {
    address: { kind: "socket", path: "/run/redis.sock" },
    hasTls: false,
  }],
  ["/run/redis.sock", { address: { kind: "socket", path: "/run/redis.sock" }, hasTls: false }],
  [
    "rediss+sentinel://a:1,b/main/2",
    {
      address: {
        kind: "sentinel",
        master: "main",
        nodes: [{ host: "a", port: 1 }, { host: "b", port: 26_379 }],
      },
      hasTls: true,
      db: 2,
    },
  ],
  [
    "redis+cluster://a:1,b:2",
    {
      address: { kind: "cluster", nodes: [{ host: "a", port: 1 }, { host: "b", port: 2 }] },
      hasTls: false,
    },
  ],
];

for (const [url, read] of urls) {
  Deno.test(`a URL of Redis: ${url}`, () => assert.deepEqual(parseRedisUrl(url), read));
}

for (
  const url of [
    "http://h",
    "redis://h:0",
    "redis://a,b",
    "redis://h/x",
    "redis+sentinel://h",
    "redis://",
  ]
) {
  Deno.test(`no URL of Redis: ${url}`, () => {
    assert.throws(() => parseRedisUrl(url), RangeError);
  });
}
