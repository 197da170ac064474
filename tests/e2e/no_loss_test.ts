/** Changes of all kinds under load: not one request is lost or answered with an error. */
import assert from "node:assert/strict";
import type { ObjectKey } from "../../controller/api/mod.ts";
import {
  type Gateway,
  layouts,
  objectsOf,
  type Question,
  startGateway,
} from "../support/gateway.ts";
import { documents, endpoints, root, service } from "./manifest.ts";
import { setStage, type Stage, stageManifest } from "./stage.ts";

const editCount = 100;
const requestsPerEdit = 4;

for (const layout of layouts) {
  Deno.test(`no request is lost while ${editCount} edits are made, ${layout}`, async () => {
    await using stage = await setStage();
    const manifest = documents(
      stageManifest(stage),
      service("moving", [stage.backends.a]),
      host("live.test", "moving"),
      secureHost("live.secure.test", "moving"),
    );
    await using gateway = await startGateway({ layout, manifest });
    const plain: Question = { host: "live.test", path: "/x" };
    const secure: Question = { host: "live.secure.test", path: "/x", tls: { ca: stage.ca } };
    const load = new Load(gateway, [plain, plain, secure]);
    for (let i = 0; i < editCount; i++) {
      gateway.controller.apply(edit(i, stage));
      await load.answered(requestsPerEdit);
    }
    await gateway.settled();
    const { answers, problems } = await load.end();
    assert.deepEqual(problems, []);
    assert.ok(answers >= editCount * requestsPerEdit);
    assert.deepEqual(gateway.controller.refusals, []);
    // All edits arrived: the last switch was to the service that came with it.
    const { headers } = await gateway.ask(plain);
    assert.equal(headers["x-backend"], backendOf(editCount - 1, stage).name);
  });
}

const host = (fqdn: string, name: string, rest = "") =>
  root(fqdn, `routes: [{ services: [{ name: ${name}, port: 80 }]${rest} }]`);
const secureHost = (fqdn: string, name: string) =>
  root(fqdn, `routes: [{ services: [{ name: ${name}, port: 80 }] }]`, {
    tls: "{ secretName: certificate }",
  });

/**
 * Of four edits in turn: the hosts go over to a service that was not there before, and the one they
 * used is deleted in the same moment; its endpoints move; the route and the policy of its cluster
 * change; hosts with TLS come and go beside it.
 */
function edit(i: number, stage: Stage): Parameters<Gateway["controller"]["apply"]>[0] {
  const turn = Math.floor(i / 4);
  const name = `fresh-${turn}`;
  const gone = (kind: ObjectKey["kind"], name: string): ObjectKey => ({
    kind,
    namespace: "default",
    name,
  });
  const before = turn === 0 ? "moving" : `fresh-${turn - 1}`;
  switch (i % 4) {
    case 0:
      return {
        applied: objectsOf(documents(
          service(name, [backendOf(i, stage)]),
          host("live.test", name),
          secureHost("live.secure.test", name),
        )),
        deleted: [gone("Service", before), gone("EndpointSlice", `${before}-0`)],
      };
    case 1:
      return { applied: objectsOf(endpoints(name, [backendOf(i, stage)])) };
    case 2:
      return {
        applied: objectsOf(documents(
          host("live.test", name, `, loadBalancerPolicy: { strategy: Random }`),
          secureHost(`other-${turn}.secure.test`, "b"),
        )),
      };
    default:
      return {
        applied: objectsOf(
          documents(
            endpoints(name, [backendOf(i, stage)]),
            host("live.test", name, `, retryPolicy: {}`),
          ),
        ),
        deleted: [gone("HTTPProxy", `other-${turn - 1}.secure.test`)],
      };
  }
}

function backendOf(i: number, { backends: { a, b, c } }: Stage) {
  return [a, b, c][i % 3] ?? a;
}

/** Clients that ask again as soon as they are answered. */
class Load {
  readonly #problems: string[] = [];
  readonly #clients: readonly Promise<void>[];
  #answers = 0;
  #ended = false;
  #waiting: { readonly until: number; readonly resolve: () => void } | undefined;

  constructor(gateway: Gateway, questions: readonly Question[]) {
    this.#clients = questions.map((question) => this.#run(gateway, question));
  }

  /** Resolves when so many more requests were answered. */
  answered(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { until: this.#answers + count, resolve };
    return promise;
  }

  /** Lets the clients finish. */
  async end(): Promise<{ readonly answers: number; readonly problems: readonly string[] }> {
    this.#ended = true;
    await Promise.all(this.#clients);
    return { answers: this.#answers, problems: this.#problems };
  }

  async #run(gateway: Gateway, question: Question): Promise<void> {
    while (!this.#ended) {
      try {
        const { status, body } = await gateway.ask(question);
        if (status !== 200) this.#problems.push(`${question.host}: ${status} ${body}`);
      } catch (error) {
        this.#problems.push(`${question.host}: ${error}`);
      }
      this.#answers++;
      if (this.#answers >= (this.#waiting?.until ?? Infinity)) this.#waiting?.resolve();
    }
  }
}
