import assert from "node:assert/strict";
import { ManualClock } from "../../tests/support/cluster/mod.ts";
import {
  ApiError,
  type KubeClient,
  type KubeRequest,
  standForElection,
  UnreachableError,
} from "./mod.ts";

/** One Lease in memory, with optimistic locking as the API server does it. */
class LeaseServer implements KubeClient {
  lease: { metadata: { resourceVersion: string }; spec: Record<string, unknown> } | undefined;
  isDown = false;
  readonly writes: string[] = [];

  request({ method, body }: KubeRequest): Promise<unknown> {
    if (this.isDown) return Promise.reject(new UnreachableError("Cannot reach it"));
    const sent = structuredClone(body) as LeaseServer["lease"];
    if (method === "GET" || sent === undefined) {
      if (this.lease === undefined) return Promise.reject(answered(404));
      return Promise.resolve(structuredClone(this.lease));
    }
    if (method === "POST" && this.lease !== undefined) return Promise.reject(answered(409));
    const version = this.lease?.metadata.resourceVersion;
    if (method === "PUT" && sent.metadata.resourceVersion !== version) {
      return Promise.reject(answered(409));
    }
    this.writes.push(String(sent.spec["holderIdentity"]));
    const resourceVersion = String(Number(version ?? 0) + 1);
    this.lease = { metadata: { ...sent.metadata, resourceVersion }, spec: sent.spec };
    return Promise.resolve(structuredClone(this.lease));
  }

  async *watch(): AsyncGenerator<never> {}
}

function answered(status: number): ApiError {
  return new ApiError("Cannot do it", { status });
}

function stage() {
  const clock = new ManualClock();
  const server = new LeaseServer();
  const leading = new Set<string>();
  let most = 0;
  return {
    clock,
    server,
    leading,
    most: () => most,
    candidate(identity: string, client: KubeClient = server) {
      const stop = new AbortController();
      const running = standForElection({
        client,
        namespace: "projectcontour",
        name: "leader-elect",
        identity,
        clock,
        random: () => 0,
        signal: stop.signal,
        notify: ({ kind }) => {
          if (kind === "started") leading.add(identity);
          if (kind === "stopped") leading.delete(identity);
          most = Math.max(most, leading.size);
        },
      });
      return async () => {
        stop.abort();
        await clock.advance(0);
        await running;
      };
    },
  };
}

Deno.test("standForElection: the second leads when the first vanished, not a moment earlier", async () => {
  const { clock, server, leading, candidate, most } = stage();
  // The first cannot reach the server after a while; the second can.
  let isCut = false;
  const cut: KubeClient = {
    request: (request) =>
      isCut ? Promise.reject(new UnreachableError("Cut off")) : server.request(request),
    watch: () => server.watch(),
  };
  const stopFirst = candidate("one", cut);
  await clock.advance(100);
  const stopSecond = candidate("two");
  await clock.advance(30_000);
  assert.deepEqual([...leading], ["one"]);
  isCut = true;
  await clock.advance(9_000);
  assert.deepEqual([...leading], ["one"]);
  await clock.advance(3_000);
  assert.deepEqual([...leading], []);
  await clock.advance(8_000);
  assert.deepEqual([...leading], ["two"]);
  assert.equal(server.lease?.spec["leaseTransitions"], 1);
  isCut = false;
  await clock.advance(10_000);
  assert.deepEqual([...leading], ["two"]);
  await stopSecond();
  assert.equal(server.lease?.spec["holderIdentity"], "");
  await clock.advance(3_000);
  assert.deepEqual([...leading], ["one"]);
  await stopFirst();
  assert.equal(most(), 1);
});

Deno.test("standForElection: a short outage costs nothing, a stolen lease is given up", async () => {
  const { clock, server, leading, candidate } = stage();
  const stop = candidate("one");
  await clock.advance(5_000);
  server.isDown = true;
  await clock.advance(6_000);
  server.isDown = false;
  await clock.advance(3_000);
  assert.deepEqual([...leading], ["one"]);
  assert.equal(server.lease?.spec["leaseTransitions"], 0);
  const { lease } = server;
  assert.ok(lease);
  server.lease = {
    metadata: { resourceVersion: "1000" },
    spec: { ...lease.spec, holderIdentity: "thief" },
  };
  await clock.advance(5_000);
  assert.deepEqual([...leading], []);
  await clock.advance(16_000);
  assert.deepEqual([...leading], ["one"]);
  server.lease = undefined; // somebody deleted it
  await clock.advance(5_000);
  assert.deepEqual([...leading], ["one"]);
  assert.equal(server.lease?.["spec"]["holderIdentity"], "one");
  await stop();
});

Deno.test("standForElection: a write that the end broke off does not keep others waiting", async () => {
  for (const method of ["POST", "PUT"]) {
    const { clock, server, leading, candidate } = stage();
    // Carried out by the server, but nobody is there any more to hear of it.
    const broken: KubeClient = {
      async request(request, signal) {
        if (request.method !== method || signal.aborted) return await server.request(request);
        if (request.method === "PUT" && server.writes.length > 1) {
          return await server.request(request);
        }
        await server.request(request);
        return await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
      watch: () => server.watch(),
    };
    const stop = candidate("one", broken);
    await clock.advance(3_000);
    assert.equal(server.writes.at(-1), "one", method);
    await stop();
    assert.equal(server.lease?.spec["holderIdentity"], "", method);
    const stopSecond = candidate("two");
    await clock.advance(100);
    assert.deepEqual([...leading], ["two"], method);
    await stopSecond();
  }
});
