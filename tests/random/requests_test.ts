/** Requests to random hosts are answered as a small model of the semantics says, independent of the code. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { keyOf, type KubeObject } from "../../controller/api/mod.ts";
import { documents, service, tlsSecret } from "../e2e/manifest.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { layouts, objectsOf, startGateway } from "../support/gateway.ts";
import type { HttpAnswer } from "../support/http_client.ts";
import { Random } from "../support/world/random.ts";
import { type Answer, answersTo, type ModelRequest } from "./model/answers.ts";
import { worldOf } from "./model/rules.ts";
import { randomRequest, requestWorld, serviceNames } from "./request_world.ts";

/** Of each layout. */
const worldCount = 25;
const requestCount = 80;

for (const layout of layouts) {
  Deno.test(`random requests get the answers that a model predicts, ${layout}`, async () => {
    const validity = validityAround(new Date(), 30);
    const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
    const certificate = await authority.issue({
      dnsNames: ["*.secure.test"],
      validity,
      algorithm: "ecdsa",
    });
    const backends: Backend[] = [];
    for (const name of ["s0", "s1", "s2"]) backends.push(await startBackend({ name }));
    const manifest = documents(
      tlsSecret("certificate", certificate, { namespace: "a" }),
      ...["a", "b"].flatMap((namespace) =>
        serviceNames.map((name) =>
          service(name, backends.filter((backend) => backend.name === name), { namespace })
        )
      ),
    );
    const ground = new Map(backends.map(({ name }) => [name, name]));
    await using gateway = await startGateway({ layout, manifest });
    let [objectCount, servedCount] = [0, 0];
    const wrong: unknown[] = [];
    let before: readonly KubeObject[] = [];
    for (let seed = 0; seed < worldCount; seed++) {
      const random = new Random(20_276_000 + seed * 2 + layouts.indexOf(layout));
      const objects = requestWorld(random);
      objectCount += objects.length;
      const names = new Set(objects.map((object) => JSON.stringify(keyOf(object))));
      gateway.controller.apply({
        applied: objects,
        deleted: before.map((object) => keyOf(object))
          .filter((key) => !names.has(JSON.stringify(key))),
      });
      await gateway.settled();
      before = objects;
      const world = worldOf([...objects, ...objectsOf(manifest)]);
      const requests = Array.from({ length: requestCount }, () => randomRequest(random));
      const put = async (request: ModelRequest) => {
        const predicted = answersTo({ world, backends: ground }, request);
        const { tls, address, ...question } = request;
        const answer = await gateway.ask({
          ...question,
          localAddress: address,
          ...(tls ? { tls: { ca: authority.certificate } } : {}),
        }).catch((error: Error) => error);
        if (answer instanceof Error) {
          // Nobody speaks TLS for a host that has none.
          if (tls && predicted.every(({ status }) => status === 404)) return;
          wrong.push({ seed, request, predicted, error: answer.message });
          return;
        }
        if (answer.status === 200) servedCount++;
        if (predicted.some((one) => agrees(one, answer, request))) return;
        wrong.push({ seed, request, predicted, answer });
      };
      await Promise.all(requests.map(put));
    }
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} answers differ`);
    assert.deepEqual(await gateway.disagreements(), []);
    assert.deepEqual(gateway.controller.refusals, []);
    assert.ok(objectCount >= 500, `${objectCount} objects`);
    assert.ok(servedCount >= worldCount * requestCount / 10, `${servedCount} requests were served`);
    for (const backend of backends) await backend[Symbol.asyncDispose]();
  });
}

function agrees(predicted: Answer, answer: HttpAnswer, request: ModelRequest): boolean {
  const { status, backend, path, host, seen = {}, body, location, headers = {} } = predicted;
  if (answer.status !== status || answer.headers["x-backend"] !== backend) return false;
  if (body !== undefined && answer.body !== body) return false;
  // Where the port goes in a redirect is Envoy's business.
  if (location !== undefined && !/:\d+$/.test(request.host)) {
    if (answer.headers["location"]?.toLowerCase() !== location.toLowerCase()) return false;
  }
  if (Object.entries(headers).some(([name, value]) => (answer.headers[name] ?? "") !== value)) {
    return false;
  }
  if (backend === undefined) return true;
  const echo = JSON.parse(answer.body);
  return echo.path === path && echo.host === host &&
    Object.entries(seen).every(([name, value]) => (echo.headers[name] ?? "") === value);
}
