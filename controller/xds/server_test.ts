import assert from "node:assert/strict";
import { connectXds, DeltaClient, type XdsConnection } from "../../tests/support/xds_client.ts";
import {
  type Clock,
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  type Resource,
  ResourceCache,
  ROUTE_CONFIGURATION,
  serveXds,
  systemClock,
  type XdsEvent,
  type XdsServer,
} from "./mod.ts";

/** What a test works with: a server on a free port, its cache and what it reported. */
interface Bench {
  readonly cache: ResourceCache;
  readonly server: XdsServer;
  readonly events: XdsEvent[];
  connect(client?: DeltaClient): XdsConnection;
}

async function withServer(
  run: (bench: Bench) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const cache = new ResourceCache();
  const events: XdsEvent[] = [];
  const abort = new AbortController();
  const server = await serveXds({
    address: "127.0.0.1",
    port: 0,
    cache,
    clock,
    onEvent: (event) => events.push(event),
    signal: abort.signal,
  });
  const connections: XdsConnection[] = [];
  const connect = (client?: DeltaClient) => {
    const connection = connectXds(server.port, client);
    connections.push(connection);
    return connection;
  };
  try {
    await run({ cache, server, events, connect });
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    abort.abort();
    await server.close();
  }
}

function resource(typeUrl: string, name: string, text: string, size = 0): Resource {
  const body = new TextEncoder().encode(text.padEnd(size, "."));
  return { typeUrl, name, version: text, body };
}

function client(id: string): DeltaClient {
  return new DeltaClient({ node: { id, cluster: "contour" } });
}

Deno.test("a client gets what there is, and what changes", async () => {
  await withServer(async ({ cache, server, events, connect }) => {
    cache.apply({ changed: [resource(CLUSTER, "a", "one")], removed: [] });
    const connection = connect(client("envoy"));
    connection.send(connection.client.subscribe(CLUSTER));
    await connection.until(() => connection.client.of(CLUSTER).has("a"));
    assert.equal(
      new TextDecoder().decode(connection.client.of(CLUSTER).get("a")?.body),
      "one",
    );

    // Two steps in one turn go out together.
    cache.apply({ changed: [resource(CLUSTER, "b", "two")], removed: [] });
    cache.apply({ changed: [], removed: [{ typeUrl: CLUSTER, name: "a" }] });
    await connection.until(() => connection.client.of(CLUSTER).has("b"));
    assert.deepEqual([...connection.client.of(CLUSTER).keys()], ["b"]);
    assert.equal(connection.responses.length, 2);

    const sent = events.filter((event) => event.kind === "sent");
    assert.deepEqual(sent.map(({ count, removed }) => [count, removed]), [[1, []], [1, ["a"]]]);
    const [report] = server.nodes();
    assert.deepEqual(report?.node, { id: "envoy", cluster: "contour" });
  });
});

Deno.test("all clients get the same bytes", async () => {
  await withServer(async ({ cache, connect }) => {
    const changed = ["a", "b", "c"].map((name) => resource(CLUSTER, name, name));
    cache.apply({ changed, removed: [] });
    const connections = [connect(client("one")), connect(client("two"))];
    for (const connection of connections) {
      connection.send(connection.client.subscribe(CLUSTER));
      await connection.until(() => connection.client.of(CLUSTER).size === 3);
    }
    assert.deepEqual(connections[0]?.responses, connections[1]?.responses);
  });
});

Deno.test("20 MB arrive in pieces", async () => {
  await withServer(async ({ cache, connect, server }) => {
    const changed = Array.from(
      { length: 200 },
      (_, index) => resource(ROUTE_CONFIGURATION, `r${index}`, "x", 100_000),
    );
    cache.apply({ changed, removed: [] });
    const connection = connect();
    connection.send(connection.client.subscribe(
      ROUTE_CONFIGURATION,
      ...changed.map(({ name }) => name),
    ));
    await connection.until(() => connection.client.of(ROUTE_CONFIGURATION).size === 200);
    assert.ok(connection.responses.length >= 19, `${connection.responses.length} responses`);
    assert.ok(connection.responses.every(({ resources }) => resources.length <= 11));
    await settled(server);
  });
});

Deno.test("a refused resource is named, and a new connection does not bring it back", async () => {
  await withServer(async ({ cache, server, events, connect }) => {
    const refusing = new DeltaClient({
      node: { id: "envoy", cluster: "contour" },
      refuse: (_typeUrl, { name }) => name === "bad" ? "bad regex" : undefined,
    });
    const changed = ["a", "bad", "c", "d"].map((name) => resource(CLUSTER, name, name));
    cache.apply({ changed, removed: [] });
    const connection = connect(refusing);
    connection.send(refusing.subscribe(CLUSTER));
    await connection.until(() => refusing.of(CLUSTER).size === 3);
    await settled(server);
    const [report] = server.nodes();
    assert.deepEqual(report?.refused.map(({ ref, fallback }) => [ref.name, fallback]), [
      ["bad", "left-out"],
    ]);
    assert.match(report?.refused[0]?.message ?? "", /bad regex/);
    assert.equal(events.filter(({ kind }) => kind === "refused").length, 1);

    refusing.restart();
    const second = connect(refusing);
    second.send(refusing.subscribe(CLUSTER));
    await second.until(() => refusing.of(CLUSTER).size === 3);
    assert.deepEqual(second.responses.map(({ resources }) => resources.length), [3]);

    cache.apply({ changed: [resource(CLUSTER, "e", "e")], removed: [] });
    await second.until(() => refusing.of(CLUSTER).has("e"));
  });
});

Deno.test("a client that comes back names what it has", async () => {
  await withServer(async ({ cache, connect }) => {
    cache.apply({
      changed: [resource(CLUSTER, "a", "1"), resource(CLUSTER, "b", "1")],
      removed: [],
    });
    const returning = client("envoy");
    const first = connect(returning);
    first.send(returning.subscribe(CLUSTER));
    await first.until(() => returning.of(CLUSTER).size === 2);
    await first.close();
    cache.apply({ changed: [resource(CLUSTER, "b", "2")], removed: [] });
    const second = connect(returning);
    for (const request of returning.reconnect()) second.send(request);
    await second.until(() => returning.of(CLUSTER).get("b")?.version === "2");
    assert.deepEqual(second.responses.map(({ resources }) => resources.map(({ name }) => name)), [
      ["b"],
    ]);
  });
});

Deno.test("what waits too long is sent when its time has come", async () => {
  const clock = new HandClock();
  await withServer(async ({ cache, connect, events }) => {
    cache.apply({
      changed: [
        {
          ...resource(CLUSTER, "c", "1"),
          warms: [{ typeUrl: CLUSTER_LOAD_ASSIGNMENT, name: "e" }],
        },
        resource(CLUSTER_LOAD_ASSIGNMENT, "e", "1"),
        { ...resource(ROUTE_CONFIGURATION, "r", "1"), needs: [{ typeUrl: CLUSTER, name: "c" }] },
      ],
      removed: [],
    });
    const connection = connect();
    connection.send(connection.client.subscribe(CLUSTER));
    await connection.until(() => connection.client.of(CLUSTER).has("c"));
    connection.send(connection.client.subscribe(ROUTE_CONFIGURATION, "r", "none"));
    await connection.until(() => connection.responses.length === 2);
    assert.deepEqual(connection.responses[1]?.removed, ["none"]);
    clock.advance(15_000);
    await connection.until(() => connection.client.of(ROUTE_CONFIGURATION).has("r"));
    assert.equal(events.filter(({ kind }) => kind === "held-too-long").length, 1);
  }, clock);
});

Deno.test("bytes that are no request end that stream alone", async () => {
  await withServer(async ({ cache, connect }) => {
    const good = connect(client("good"));
    good.send(good.client.subscribe(CLUSTER));
    const bad = connect(client("bad"));
    bad.send(bad.client.subscribe(CLUSTER));
    bad.sendBytes(new Uint8Array([0xff, 0xff, 0xff, 0x07, 1, 2]));
    const { code } = await bad.ended;
    assert.notEqual(code, 0);
    cache.apply({ changed: [resource(CLUSTER, "a", "1")], removed: [] });
    await good.until(() => good.client.of(CLUSTER).has("a"));
  });
});

Deno.test("closing ends the streams without an error", async () => {
  await withServer(async ({ cache, server, connect, events }) => {
    cache.apply({ changed: [resource(CLUSTER, "a", "1")], removed: [] });
    const connection = connect();
    connection.send(connection.client.subscribe(CLUSTER));
    await connection.until(() => connection.client.of(CLUSTER).has("a"));
    const closing = server.close();
    assert.deepEqual(await connection.ended, { code: 0, details: "OK" });
    await connection.close();
    await closing;
    assert.equal(events.at(-1)?.kind, "disconnected");
    assert.deepEqual(server.nodes().map(({ streams }) => streams.length), [0]);
  });
});

Deno.test("an address that is taken is an error that says so", async () => {
  await withServer(async ({ cache, server }) => {
    const taken = serveXds({
      address: "127.0.0.1",
      port: server.port,
      cache,
      clock: systemClock,
      onEvent: () => {},
      signal: new AbortController().signal,
    });
    await assert.rejects(taken, /Cannot listen on 127\.0\.0\.1:\d+/);
  });
});

/** Resolves when every node has what it should have. */
async function settled(server: XdsServer): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (server.nodes().every(({ isSynced }) => isSynced)) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("Not synced");
}

/** Time that stands still until it is told to go on. */
class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#timers.set(callback, this.#now + delayMs);
    return () => this.#timers.delete(callback);
  }

  advance(byMs: number): void {
    this.#now += byMs;
    for (const [callback, due] of [...this.#timers]) {
      if (due > this.#now) continue;
      this.#timers.delete(callback);
      callback();
    }
  }
}
