/** What happens around limits: edits under load, services that are away, and what is told of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeAuthority, validityAround } from "../../../../controller/certs/mod.ts";
import { bootstrapFiles } from "../../../../controller/data_plane/mod.ts";
import { listenPlace } from "../../../../tests/support/envoy.ts";
import { policy, proxy, service, type Stage, startStage } from "./stage.ts";

const to = (name: string) => `{kind: HTTPProxy, name: ${name}}`;
const hourly = (requests: number) => `[{name: hourly, requests: ${requests}, unit: hour}]`;

Deno.test("edits under load lose no request, and no limit lets more pass", async () => {
  await using stage = await startStage({ settings: { timeout: "5s", failOpen: false } });
  const steady = [
    proxy("steady"),
    policy("steady", to("steady"), "[{requests: 200, unit: hour, algorithm: fixed_window}]"),
    proxy("edited"),
  ];
  const edition = (i: number) =>
    policy("edited", to("edited"), hourly(1_000_000 + i), { inherit: i % 2 === 0 });
  await stage.apply(...steady, edition(0));
  const isOver = new AbortController();
  const counts: Record<string, Record<number, number>> = { steady: {}, edited: {} };
  const load = Object.entries(counts).flatMap(([host, count]) =>
    Array.from({ length: 3 }, async () => {
      while (!isOver.signal.aborted) {
        const { status } = await stage.ask({ host: `${host}.test` });
        count[status] = (count[status] ?? 0) + 1;
      }
    })
  );
  for (let i = 1; i <= 15; i++) await stage.apply(...steady, edition(i));
  while (Object.values(counts["steady"] ?? {}).reduce((a, b) => a + b, 0) < 300) {
    await stage.apply(...steady, edition(16));
  }
  isOver.abort();
  await Promise.all(load);
  assert.deepEqual(Object.keys(counts["edited"] ?? {}), ["200"]);
  const { 200: passed, 429: refused = 0, ...others } = counts["steady"] ?? {};
  assert.deepEqual([passed, others], [200, {}]);
  assert.ok(refused > 0);
  assert.deepEqual(stage.complaints(), []);
});

Deno.test("while the service is away requests pass, or do not", async () => {
  // Nobody is at port 1.
  for (const [failOpen, status] of [[true, 200], [false, 500]] as const) {
    await using stage = await startStage({ settings: { address: "127.0.0.1:1", failOpen } });
    await stage.apply(proxy("limited"), policy("limited", to("limited"), hourly(1)), proxy("free"));
    assert.deepEqual(await stage.statuses(2, { host: "limited.test" }), [status, status]);
    assert.deepEqual(await stage.statuses(1, { host: "free.test" }), [200]);
  }
});

Deno.test("while the counters are away requests pass, do not, or are counted here", async () => {
  const redis = { url: "redis://127.0.0.1:1" };
  const cases = [
    [{ redis }, [200, 200]],
    [{ redis, failOpen: false }, [429, 429]],
    [{ redis, whenStoreIsDown: "memory", status: 503 }, [200, 503]],
  ] as const;
  await Promise.all(cases.map(async ([settings, statuses]) => {
    await using stage = await startStage({ settings });
    await stage.apply(proxy("limited"), policy("limited", to("limited"), hourly(1)));
    assert.deepEqual(await stage.statuses(2, { host: "limited.test" }), statuses);
    assert.match(stage.complaints().join("\n"), /store|Redis|counters/);
  }));
});

Deno.test("Envoy and the service know each other by the certificates of the controller", async () => {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issued = await authority.issue({ dnsNames: ["contour"], validity, algorithm: "ecdsa" });
  const place = await Deno.makeTempDir({ prefix: "contour-rate-limit-tls-" });
  const [caFile, certFile, keyFile] = ["ca", "crt", "key"].map((name) => join(place, name));
  assert.ok(caFile !== undefined && certFile !== undefined && keyFile !== undefined);
  const tls = { caFile, certFile, keyFile, resourcesDir: place };
  const files = bootstrapFiles({
    xds: { address: "contour", port: 8001, tls },
    admin: { address: "127.0.0.1", port: 0 },
  });
  try {
    await Deno.mkdir(join(place, "sds"));
    await Deno.writeTextFile(caFile, authority.certificate);
    await Deno.writeTextFile(certFile, issued.certificate);
    await Deno.writeTextFile(keyFile, issued.privateKey);
    for (const [path, text] of files) await Deno.writeTextFile(path, text);
    await using stage = await startStage({
      settings: {
        failOpen: false,
        tls: { certificate: certFile, key: keyFile, ca: caFile, envoyResources: place },
      },
    });
    await stage.apply(proxy("limited"), policy("limited", to("limited"), hourly(1)));
    assert.deepEqual(await stage.statuses(2, { host: "limited.test" }), [200, 429]);
    assert.deepEqual(stage.complaints(), []);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});

Deno.test("what is wrong with a policy is told at its place, and keeps nobody else back", async () => {
  await using stage = await startStage();
  await stage.apply(
    proxy("good"),
    policy("good", to("good"), hourly(1)),
    proxy("bad"),
    policy("bad", to("bad"), "[{requests: 1, unit: fortnight}]"),
    proxy("odd"),
    policy("odd", to("odd"), "[{requests: 3, unit: hour, cost: {number: 5}}]"),
    policy("lost", to("nobody"), hourly(1)),
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: answering}
spec:
  virtualhost: {fqdn: answering.test}
  routes:
  - directResponsePolicy: {statusCode: 200, body: here}
`,
    policy("answering", "{kind: HTTPProxy, name: answering, sectionName: /}", hourly(0)),
  );
  assert.deepEqual(await stage.statuses(2, { host: "good.test" }), [200, 429]);
  assert.deepEqual(await stage.statuses(2, { host: "bad.test" }), [200, 200]);
  assert.deepEqual(await stage.statuses(1, { host: "odd.test" }), [429]);
  assert.deepEqual(await stage.statuses(1, { host: "answering.test" }), [200]);
  const told = stage.complaints().join("\n");
  assert.match(told, /nothing is counted here: Envoy answers these requests by itself/);
  assert.match(told, /unit.*fortnight|fortnight|expected one of/);
  assert.match(told, /no request passes: each is 5 hits, and at most 3 are let through/);
  assert.match(told, /nobody/);
  for (const line of told.split("\n")) assert.match(line, /world\.yaml:\d+:\d+/);
});

Deno.test("descriptors of HTTPProxies are answered too, and everything is in the metrics", async () => {
  const { address, http: port } = listenPlace();
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    file,
    `domain: shop
descriptors:
- key: generic_key
  value: all
  rate_limit: {unit: hour, requests_per_unit: 1}
`,
  );
  try {
    await using stage = await startStage({
      settings: { listen: `${address}:${port}`, descriptors: [file] },
      configuration: "rateLimitService: {extensionService: default/limits, domain: shop}",
    });
    const global = "{global: {descriptors: [{entries: [{genericKey: {value: all}}]}]}}";
    await stage.apply(
      ...service("limits", { address, port }),
      `apiVersion: projectcontour.io/v1alpha1
kind: ExtensionService
metadata: {name: limits, namespace: default}
spec: {protocol: h2c, services: [{name: limits, port: 80}]}
`,
      proxy("described", { plugins: `    rateLimitPolicy: ${global}` }),
      proxy("limited", { plugins: `    rateLimitPolicy: ${global}` }),
      policy("limited", to("limited"), hourly(3)),
    );
    assert.deepEqual(await stage.statuses(2, { host: "described.test" }), [200, 429]);
    // Each filter asks about its own.
    const refused = await stage.ask({ host: "limited.test" });
    assert.equal(refused.status, 429);
    const found = await told(stage);
    assert.equal(found("over_limit", "generic_key_all"), "2");
    assert.equal(found("total_hits", "limit_default/limited/hourly"), "1");
    assert.deepEqual(stage.complaints(), []);
  } finally {
    await Deno.remove(file);
  }
});

async function told({ metrics }: Stage) {
  const lines = (await metrics()).split("\n");
  return (name: string, key: string) =>
    lines.find((line) =>
      line.startsWith(`ratelimit_service_rate_limit_${name}{`) && line.includes(key)
    )?.split(" ").at(-1);
}
