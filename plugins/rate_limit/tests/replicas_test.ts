/** Two whole controllers, each with its Envoy and its service, that count in one Redis. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Backend, startBackend } from "../../../tests/support/backend.ts";
import { startContour } from "../../../tests/support/contour_process.ts";
import { type ListenPlace, listenPlace } from "../../../tests/support/envoy.ts";
import { send } from "../../../tests/support/http_client.ts";
import { eventually } from "../../../tests/support/wait.ts";
import { startRedis, type TestRedis } from "./redis.ts";

const algorithms = ["gcra", "sliding_window", "fixed_window"] as const;

Deno.test("two replicas of contour serve let through together what one would", async (t) => {
  await using redis = await startRedis();
  await using backend = await startBackend({ name: "shop" });
  const folder = await Deno.makeTempDir({ prefix: "contour-replicas-" });
  try {
    const routes = join(folder, "routes.yaml");
    await Deno.writeTextFile(routes, manifests(backend, 20, 1));
    await using one = await startReplica(folder, redis);
    await using other = await startReplica(folder, redis);
    const places = [one.place, other.place];
    for (const place of places) await serves(place, 1);

    for (const algorithm of algorithms) {
      await t.step(`${algorithm}: of 120 requests at once, to both, 20 pass`, async () => {
        assert.deepEqual(await outcome(places, algorithm, "team-1", 120), { 200: 20, 429: 100 });
      });
      await t.step(
        `${algorithm}: each value has its own counter, by whomever it is asked`,
        async () => {
          assert.deepEqual(await outcome([one.place], algorithm, "team-2", 15), { 200: 15 });
          assert.deepEqual(await outcome([other.place], algorithm, "team-2", 15), {
            200: 5,
            429: 10,
          });
        },
      );
    }

    await t.step("a limit that is raised lets through what is new in both", async () => {
      await Deno.writeTextFile(`${routes}.new`, manifests(backend, 30, 2));
      await Deno.rename(`${routes}.new`, routes);
      for (const place of places) await serves(place, 2);
      // Hits that a fixed window refused count too, so there is nothing left of that one.
      for (const algorithm of algorithms.filter((each) => each !== "fixed_window")) {
        assert.deepEqual(await outcome(places, algorithm, "team-1", 40), { 200: 10, 429: 30 });
      }
    });

    await t.step("what one has counted is known when it is gone", async () => {
      await one.stop();
      for (const algorithm of algorithms) {
        assert.deepEqual(await outcome([other.place], algorithm, "team-1", 10), { 429: 10 });
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Replica extends AsyncDisposable {
  readonly stop: () => Promise<void>;
  readonly place: ListenPlace;
}

async function startReplica(folder: string, redis: TestRedis): Promise<Replica> {
  const place = listenPlace();
  const config = join(folder, "contour.yaml");
  // However slow the machine is, nobody passes because nobody answered.
  await Deno.writeTextFile(
    config,
    `
plugins:
  - name: rate-limit
    settings:
      timeout: 30s
      failOpen: false
      redis: { url: "${redis.url}", timeout: 20s }
`,
  );
  const contour = startContour([
    ...["serve", join(folder, "routes.yaml"), "--config-path", config, "--envoy"],
    ...["--xds-port", "0", "--http-port", "0", "--stats-address", "127.0.0.1", "--stats-port", "0"],
    ...["--envoy-service-http-address", place.address],
    ...["--envoy-service-http-port", String(place.http)],
    ...["--envoy-service-https-address", place.address],
    ...["--envoy-service-https-port", String(place.https)],
  ]);
  return {
    place,
    stop: async () => {
      contour.kill("SIGTERM");
      await contour.ended();
    },
    [Symbol.asyncDispose]: () => contour[Symbol.asyncDispose](),
  };
}

/** How many requests came to which status: at once, to one place after the other. */
async function outcome(
  places: readonly ListenPlace[],
  algorithm: string,
  team: string,
  count: number,
): Promise<Readonly<Record<number, number>>> {
  const statuses = await Promise.all(Array.from({ length: count }, async (_, i) => {
    const place = places[i % places.length];
    if (place === undefined) throw new Error("There is nobody to ask");
    const headers = { "x-team": team };
    const path = `/${algorithm}`;
    return (await send(portOf(place), { host: "shop.test", path, headers })).status;
  }));
  return Object.fromEntries(
    [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]),
  );
}

async function serves(place: ListenPlace, edition: number): Promise<void> {
  await eventually(`edition ${edition} is served`, async () => {
    // Each worker of Envoy learns of it by itself, and chance says which one answers.
    for (let i = 0; i < 16; i++) {
      const { body } = await send(portOf(place), { host: "edition.test" });
      if (body !== String(edition)) return false;
    }
    return true;
  }, { withinMs: 60_000 });
}

function portOf({ address, http }: ListenPlace) {
  return { address, port: http };
}

/** A host with a limit of each algorithm, that nobody waits for, and one that tells the edition. */
function manifests({ port }: Backend, requests: number, edition: number): string {
  const limits = algorithms.map((algorithm) => `
apiVersion: policy.projectcontour.io/v1alpha1
kind: RateLimit
metadata: { name: ${algorithm.replace("_", "-")} }
spec:
  targetRef: { kind: HTTPProxy, name: shop, sectionName: /${algorithm} }
  limits:
    - { requests: ${requests}, unit: year, algorithm: ${algorithm}, by: { requestHeaders: [x-team] } }
`);
  return [
    `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop }
spec:
  virtualhost: { fqdn: shop.test }
  routes:
${
      algorithms.map((algorithm) =>
        `    - conditions: [{ prefix: /${algorithm} }]\n      services: [{ name: shop, port: 80 }]\n`
      ).join("")
    }`,
    `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: edition }
spec:
  virtualhost: { fqdn: edition.test }
  routes:
    - directResponsePolicy: { statusCode: 200, body: "${edition}" }
`,
    `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { ports: [{ port: 80 }] }
`,
    `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: shop, labels: { kubernetes.io/service-name: shop } }
addressType: IPv4
ports: [{ port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]
`,
    ...limits,
  ].join("---");
}
