import assert from "node:assert/strict";
import { ManualClock } from "../../tests/support/cluster/mod.ts";
import { ApiError, EventWriter, type KubeRequest, type Warning } from "./mod.ts";

interface Written {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly note: string;
  readonly type: string;
  readonly regarding: Readonly<Record<string, string>>;
}

class Bench {
  readonly events: Written[] = [];
  readonly failures: string[] = [];
  readonly clock = new ManualClock();
  failure: Error | undefined;
  readonly stop = new AbortController();
  readonly writer = new EventWriter({
    client: { request: (request) => this.#request(request) },
    clock: this.clock,
    instance: "replica-1",
    uidOf: ({ name }) => `uid of ${name}`,
    signal: this.stop.signal,
    notify: ({ message }) => this.failures.push(message),
  });

  #request({ method, path, body }: KubeRequest): Promise<unknown> {
    assert.equal(method, "POST");
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const event = body as Written;
    assert.equal(path, `/apis/events.k8s.io/v1/namespaces/${event.metadata.namespace}/events`);
    this.events.push(event);
    return Promise.resolve({});
  }
}

const warning = (name: string, note: string): Warning => ({
  key: { kind: "Ingress", namespace: "default", name },
  reason: "EnvoyRule",
  note,
});
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("an Event says whose it is and what is wrong", async () => {
  const { writer, events } = new Bench();
  writer.lead();
  writer.warn(warning("shop", `wrong ${"x".repeat(2_000)}`));
  await settled();
  const [event] = events;
  assert.deepEqual(event?.regarding, {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    namespace: "default",
    name: "shop",
    uid: "uid of shop",
  });
  assert.equal(event.type, "Warning");
  assert.match(event.note, /^wrong x+…$/);
  assert.ok(new TextEncoder().encode(event.note).length <= 1_024);
  assert.match(event.metadata.name, /^shop\.[0-9a-f]{16}$/);
});

Deno.test("only who leads writes Events", async () => {
  const { writer, events } = new Bench();
  writer.warn(warning("shop", "a"));
  writer.lead();
  writer.follow();
  writer.warn(warning("shop", "b"));
  await settled();
  assert.deepEqual(events, []);
});

Deno.test("the same is not said twice, and of one object little at a time", async () => {
  const { writer, events, clock } = new Bench();
  writer.lead();
  for (let i = 0; i < 3; i++) writer.warn(warning("shop", "the same"));
  for (let i = 0; i < 600; i++) writer.warn(warning("toggled", `form ${i}`));
  for (let i = 0; i < 100; i++) writer.warn(warning(`other-${i}`, "wrong"));
  await settled();
  const of = (name: string) => events.filter(({ regarding }) => regarding["name"] === name).length;
  assert.equal(of("shop"), 1);
  assert.equal(of("toggled"), 4);
  assert.equal(events.length, 105);
  await clock.advance(90_000);
  // The last word is said after a while, and once.
  assert.equal(of("toggled"), 5);
  assert.equal(events.at(-1)?.note, "form 599");
  await clock.advance(3_600_000);
  writer.warn(warning("shop", "the same"));
  await settled();
  assert.equal(of("shop"), 2);
});

Deno.test("what is not said yet is of no interest when all is well, or at the end", async () => {
  const { writer, events, clock, stop } = new Bench();
  writer.lead();
  for (let i = 0; i < 10; i++) {
    writer.warn(warning("mended", `form ${i}`));
    writer.warn(warning("waiting", `form ${i}`));
  }
  await settled();
  assert.equal(events.length, 8);
  writer.rest(warning("mended", "").key);
  stop.abort();
  await clock.advance(600_000);
  assert.equal(events.length, 8);
});

Deno.test("without the right to write Events it is not tried again and again", async () => {
  const bench = new Bench();
  bench.failure = new ApiError("No", { status: 403, reason: "Forbidden" });
  bench.writer.lead();
  for (let i = 0; i < 5; i++) {
    bench.writer.warn(warning(`shop-${i}`, "wrong"));
    await settled();
  }
  assert.equal(bench.failures.length, 1);
  bench.failure = undefined;
  await bench.clock.advance(600_000);
  bench.writer.warn(warning("shop", "wrong"));
  await settled();
  assert.equal(bench.events.length, 1);
});
