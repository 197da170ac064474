/** `explain` names the route that a real Envoy logs, for random requests to random configurations. */
import assert from "node:assert/strict";
import { keyId, keyOf, type KubeObject } from "../../controller/api/mod.ts";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { Explainer, parseAsked } from "../../explain/mod.ts";
import { documents, service, tlsSecret } from "../e2e/manifest.ts";
import type { ModelRequest } from "../random/model/answers.ts";
import { randomRequest, requestWorld, serviceNames } from "../random/request_world.ts";
import { askAt, objectsOf, startGateway } from "../support/gateway.ts";
import { Random } from "../support/world/random.ts";

const worldCount = 100;
const requestCount = 105;

Deno.test("explain names the route that Envoy gives a request to", async () => {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const certificate = await authority.issue({
    dnsNames: ["*.secure.test"],
    validity,
    algorithm: "ecdsa",
  });
  const manifest = documents(
    tlsSecret("certificate", certificate, { namespace: "a" }),
    ...["a", "b"].flatMap((namespace) =>
      serviceNames.map((name) => service(name, [], { namespace }))
    ),
    seenByScheme,
  );
  const always = objectsOf(manifest);
  await using gateway = await startGateway({ layout: "scoped", manifest });
  let [askedCount, takenCount] = [0, 0];
  const wrong: unknown[] = [];
  let before: readonly KubeObject[] = [];
  for (let seed = 0; seed < worldCount; seed++) {
    const random = new Random(20_288_000 + seed);
    const objects = requestWorld(random);
    const names = new Set(objects.map((object) => keyId(keyOf(object))));
    gateway.controller.apply({
      applied: objects,
      deleted: before.map(keyOf).filter((key) => !names.has(keyId(key))),
    });
    await gateway.settled();
    before = objects;
    const explainer = new Explainer({ objects: [...objects, ...always] });
    const put = async (request: ModelRequest) => {
      const { tls, address: _, ...question } = request;
      const { rule, outcome } = explainer.explain(parseAsked({
        method: question.method ?? "GET",
        url: `${tls ? "https" : "http"}://${question.host}${question.path}`,
        headers: Object.entries(question.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      }));
      const id = crypto.randomUUID();
      const answer = await askAt(gateway.place, {
        ...question,
        headers: { ...question.headers, "x-request-id": id },
        ...(tls ? { tls: { ca: authority.certificate } } : {}),
      }).catch((error: Error) => error);
      askedCount++;
      if (answer instanceof Error) {
        // Nobody speaks TLS for a host that has none.
        if (outcome.kind !== "none" || outcome.why === "no-rule") {
          wrong.push({ seed, request, answer });
        }
        return;
      }
      const envoy = await gateway.envoy.ruleOf(id);
      const ours = rule === undefined ? "-" : `${keyId(rule.object)}#${rule.path}`;
      if (ours !== "-") takenCount++;
      if (ours !== envoy) wrong.push({ seed, request, ours, envoy });
    };
    const lying = { host: "scheme.test", path: "/", headers: { "x-forwarded-proto": "https" } };
    await Promise.all([
      ...Array.from({ length: requestCount }, () => put(randomRequest(random))),
      put({ ...lying, method: "GET", tls: false, address: "127.0.0.1" }),
    ]);
  }
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} requests go elsewhere`);
  assert.ok(askedCount >= 10_000, `${askedCount} requests`);
  assert.ok(takenCount >= 5_000, `only ${takenCount} requests found a rule`);
  assert.deepEqual(gateway.controller.refusals, []);
});

/** Its rules ask for what Envoy sets before it looks at rules. */
const seenByScheme = JSON.stringify({
  apiVersion: "projectcontour.io/v1",
  kind: "HTTPProxy",
  metadata: { name: "scheme", namespace: "a" },
  spec: {
    virtualhost: { fqdn: "scheme.test" },
    routes: ["https", "http"].map((exact) => ({
      conditions: [{ header: { name: "x-forwarded-proto", exact } }],
      directResponsePolicy: { statusCode: 200, body: exact },
    })),
  },
});
