/** `explain --envoy` says of a real Envoy's config dump what that Envoy does, and where files differ. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { keyId, keyOf, type KubeObject } from "../../controller/api/mod.ts";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import {
  answerOf,
  compareAnswers,
  Explainer,
  parseAsked,
  readConfigDump,
} from "../../explain/mod.ts";
import { documents, service, tlsSecret } from "../e2e/manifest.ts";
import type { ModelRequest } from "../random/model/answers.ts";
import { randomRequest, requestWorld, serviceNames } from "../random/request_world.ts";
import { commandLine } from "../support/command_line.ts";
import { askAt, layouts, objectsOf, startGateway } from "../support/gateway.ts";
import { Random } from "../support/world/random.ts";

const worldCount = 25;
const requestCount = 60;

for (const layout of layouts) {
  Deno.test(`the dump of a real Envoy answers as that Envoy does, ${layout}`, async () => {
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
    );
    const always = objectsOf(manifest);
    await using gateway = await startGateway({ layout, manifest });
    const wrong: unknown[] = [];
    let [taken, moved] = [0, 0];
    let before: readonly KubeObject[] = [];
    for (let seed = 0; seed < worldCount; seed++) {
      const random = new Random(20_311_000 + seed);
      const objects = requestWorld(random);
      const names = new Set(objects.map((object) => keyId(keyOf(object))));
      gateway.controller.apply({
        applied: objects,
        deleted: before.map(keyOf).filter((key) => !names.has(keyId(key))),
      });
      await gateway.settled();
      before = objects;
      const dump = readConfigDump(await gateway.envoy.admin("/config_dump?include_eds"));
      const fresh = new Explainer({ objects: [...objects, ...always] });
      const newer = new Explainer({ objects: [...requestWorld(random), ...always] });
      const put = async (request: ModelRequest) => {
        const { tls, address: _, ...question } = request;
        const asked = parseAsked({
          method: question.method ?? "GET",
          url: `${tls ? "https" : "http"}://${question.host}${question.path}`,
          headers: Object.entries(question.headers ?? {}).map(([name, value]) =>
            `${name}: ${value}`
          ),
        });
        const told = answerOf(dump, asked);
        const differences = compareAnswers(told, fresh.explain(asked));
        if (differences.length > 0) wrong.push({ seed, request, differences });
        const [then, now] = [fresh, newer].map((explainer) => explainer.explain(asked));
        if (then === undefined || now === undefined) return;
        // What the Envoy was never told shows exactly where it has a say.
        const isMoved = JSON.stringify(compareAnswers(told, now)) !== "[]";
        const [ruleThen, ruleNow] = [then, now].map(({ rule }) =>
          rule === undefined ? "none" : `${keyId(rule.object)}#${rule.path}`
        );
        if (isMoved) moved++;
        if (ruleThen !== ruleNow && !isMoved) wrong.push({ seed, request, ruleThen, ruleNow });

        const id = crypto.randomUUID();
        const answer = await askAt(gateway.place, {
          ...question,
          headers: { ...question.headers, "x-request-id": id },
          ...(tls ? { tls: { ca: authority.certificate } } : {}),
        }).catch((error: Error) => error);
        const isClosed = told.outcome.kind === "none" && told.outcome.why === "no-filter-chain";
        if (answer instanceof Error) {
          if (!isClosed) wrong.push({ seed, request, answer, told });
          return;
        }
        const envoy = await gateway.envoy.ruleOf(id);
        const ours = told.route?.name ?? "-";
        if (ours !== "-") taken++;
        if (ours !== envoy) wrong.push({ seed, request, ours, envoy, told });
      };
      await Promise.all(Array.from({ length: requestCount }, () => put(randomRequest(random))));
    }
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} of ${worldCount * requestCount}`);
    assert.ok(taken >= 200, `only ${taken} requests found a route`);
    assert.ok(moved >= 100, `only ${moved} requests would move`);
  });

  Deno.test(`explain --envoy tells what a stale Envoy does otherwise, ${layout}`, async () => {
    const shop = (service: string, more: object = {}) =>
      documents(JSON.stringify({
        apiVersion: "projectcontour.io/v1",
        kind: "HTTPProxy",
        metadata: { name: "shop", namespace: "web" },
        spec: {
          virtualhost: { fqdn: "shop.test" },
          routes: [{ conditions: [{ prefix: "/cart" }], services: [{ name: service, port: 80 }] }, {
            requestRedirectPolicy: { path: "/cart" },
            ...more,
          }],
        },
      }));
    const services = documents(
      ...["old", "new"].map((name) => service(name, [], { namespace: "web" })),
    );
    await using gateway = await startGateway({
      layout,
      manifest: documents(services, shop("old")),
    });
    await using admin = await adminOver(gateway.envoy.admin);
    const asks = (manifest: string, ...args: string[]) =>
      commandLine(["explain", "--envoy", admin.place, ...args, "-f", "-"], {
        readStdin: () => Promise.resolve(documents(services, manifest)),
      });

    const same = await asks(shop("old"), "http://shop.test/cart/7");
    assert.equal(same.code, 0, same.out + same.err);
    assert.match(same.out, /^-> web\/old:80 .*\nroute +HTTPProxy\/web\/shop#spec\.routes\[0\]/m);
    assert.match(same.out, /^objects +say the same: <stdin>:\d+$/m);

    const stale = await asks(shop("new"), "http://shop.test/cart/7");
    assert.equal(stale.code, 1);
    assert.match(
      stale.out,
      /differs from the objects:\n +outcome +Envoy +web\/old:80\n +objects web\/new:80\n/,
    );

    const gone = await asks(shop("old"), "-o", "json", "http://other.test/");
    assert.equal(gone.code, 1);
    const report = JSON.parse(gone.out);
    assert.equal(report.agrees, true);
    assert.deepEqual(report.envoy.outcome, { kind: "none", why: "no-host" });

    const alone = await commandLine(["explain", "--envoy", `http://${admin.place}/`, "shop.test"]);
    assert.equal(alone.code, 0, alone.err);
    assert.match(alone.out, /^-> 302 to http:\/\/shop\.test\/cart$/m);
  });
}

Deno.test("an Envoy that cannot be asked is an error, with its place", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const place = `127.0.0.1:${listener.addr.port}`;
  listener.close();
  const silent = await commandLine(["explain", "--envoy", place, "http://shop.test/"]);
  assert.equal(silent.code, 2);
  assert.match(silent.err, new RegExp(`Cannot ask Envoy at "${place}": .*ECONNREFUSED`));

  await using other = await adminOver(() => Promise.resolve("<html>"));
  const page = await commandLine(["explain", "--envoy", other.place, "http://shop.test/"]);
  assert.equal(page.code, 2);
  assert.match(page.err, /Cannot read the configuration of Envoy at/);

  const odd = await commandLine(["explain", "--envoy", "https://x", "http://shop.test/"]);
  assert.equal(odd.code, 2);
  assert.match(odd.err, /is no place of an admin interface/);
});

/** An admin interface at a port, in place of the socket that the Envoy of a test has. */
async function adminOver(answer: (path: string) => Promise<string>) {
  const server = createServer((request, response) => {
    answer(request.url ?? "/").then(
      (body) => response.end(body),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    place: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}
