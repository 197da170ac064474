import assert from "node:assert/strict";
import { keyId, type ObjectKey } from "../api/mod.ts";
import { ManualClock } from "../../tests/support/cluster/mod.ts";
import {
  ApiError,
  type DesiredStatus,
  type KubeClient,
  type KubeRequest,
  type ObservedStatus,
  StatusWriter,
  UnreachableError,
} from "./mod.ts";

function keyNamed(name: string): ObjectKey {
  return { kind: "HTTPProxy", namespace: "default", name };
}

function said(description: string): DesiredStatus {
  const condition = {
    type: "Valid",
    status: "True",
    reason: "Valid",
    message: description,
  } as const;
  return { description, conditions: [condition] };
}

/** Statuses in memory; requests are answered when the test says so, or at once. */
class StatusServer implements KubeClient {
  readonly stored = new Map<string, ObservedStatus>();
  readonly writes: string[] = [];
  readonly held: (() => void)[] = [];
  isHolding = false;
  failure: Error | undefined;
  most = 0;
  #open = 0;

  async request({ path, body }: KubeRequest, signal: AbortSignal): Promise<unknown> {
    this.most = Math.max(this.most, ++this.#open);
    try {
      if (this.isHolding) {
        await new Promise<void>((resolve, reject) => {
          this.held.push(resolve);
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      if (this.failure !== undefined) throw this.failure;
      const [, name = ""] = /httpproxies\/([^/]+)/.exec(path) ?? [];
      const { status } = body as { readonly status: { readonly description: string } };
      this.writes.push(`${name}: ${status.description}`);
      const resourceVersion = String(this.writes.length + 1);
      this.stored.set(keyId(keyNamed(name)), { resourceVersion, status });
      return { metadata: { resourceVersion }, status };
    } finally {
      this.#open--;
    }
  }

  async *watch(): AsyncGenerator<never> {}
}

function stage(names: readonly string[]) {
  const clock = new ManualClock();
  const server = new StatusServer();
  for (const name of names) {
    server.stored.set(keyId(keyNamed(name)), { resourceVersion: "1", status: undefined });
  }
  const stop = new AbortController();
  const writer = new StatusWriter({
    client: server,
    statusOf: (key) => server.stored.get(keyId(key)),
    clock,
    random: () => 0.5,
    signal: stop.signal,
    concurrency: 2,
  });
  return { clock, server, writer, stop };
}

Deno.test("StatusWriter: a few at once, and of each object only the newest wish", async () => {
  const { clock, server, writer, stop } = stage(["a", "b", "c", "d"]);
  server.isHolding = true;
  writer.lead();
  for (const name of ["a", "b", "c", "d"]) writer.want(keyNamed(name), said("1"));
  await clock.advance(0);
  for (const name of ["a", "c"]) {
    for (const word of ["2", "3"]) writer.want(keyNamed(name), said(word));
  }
  writer.want(keyNamed("d"), undefined);
  server.isHolding = false;
  for (const release of server.held) release();
  await writer.idle();
  assert.deepEqual(server.writes.sort(), ["a: 1", "a: 3", "b: 1", "c: 3"]);
  assert.equal(server.most, 2);
  stop.abort();
});

Deno.test("StatusWriter: who ceases to lead stops at once, and goes on when leading again", async () => {
  const { clock, server, writer, stop } = stage(["a", "b", "c"]);
  server.isHolding = true;
  writer.lead();
  for (const name of ["a", "b", "c"]) writer.want(keyNamed(name), said("1"));
  await clock.advance(0);
  writer.follow();
  await writer.idle();
  assert.equal(writer.pending, 0);
  server.isHolding = false;
  writer.want(keyNamed("b"), said("2"));
  await clock.advance(60_000);
  assert.deepEqual(server.writes, []);
  writer.lead();
  await writer.idle();
  assert.deepEqual(server.writes.sort(), ["a: 1", "b: 2", "c: 1"]);
  writer.follow();
  writer.lead();
  await writer.idle();
  assert.equal(server.writes.length, 3);
  stop.abort();
});

Deno.test("StatusWriter: an outage is waited for by all together, a refusal by its object", async () => {
  const { clock, server, writer, stop } = stage(["a", "b", "c", "d"]);
  server.failure = new UnreachableError("Gone");
  writer.lead();
  for (const name of ["a", "b", "c", "d"]) writer.want(keyNamed(name), said("1"));
  await clock.advance(20_000);
  server.failure = undefined;
  await clock.advance(5_000);
  assert.equal(server.writes.length, 4);

  server.failure = new ApiError("Cannot write", { status: 403 });
  writer.want(keyNamed("a"), said("2"));
  await clock.advance(100);
  server.failure = undefined;
  writer.want(keyNamed("b"), said("2"));
  await clock.advance(0);
  assert.deepEqual(server.writes.slice(4), ["b: 2"]);
  await clock.advance(2_000);
  assert.deepEqual(server.writes.slice(5), ["a: 2"]);
  stop.abort();
});

Deno.test("StatusWriter: whoever keeps writing the opposite is answered ever more slowly", async () => {
  const { clock, server, writer, stop } = stage(["a"]);
  writer.lead();
  writer.want(keyNamed("a"), said("ours"));
  await clock.advance(0);
  for (let round = 0; round < 150; round++) {
    const resourceVersion = `theirs-${round}`;
    server.stored.set(keyId(keyNamed("a")), { resourceVersion, status: { description: "theirs" } });
    writer.observed([keyNamed("a")]);
    await clock.advance(400);
  }
  assert.ok(server.writes.length < 20, String(server.writes.length));
  assert.ok(server.writes.length > 4, String(server.writes.length));
  stop.abort();
});
