import assert from "node:assert/strict";
import { Agent, type IncomingMessage, request } from "node:http";
import {
  type Address,
  adminGet,
  connectionsIn,
  drainEnvoy,
  type DrainEvent,
  type DrainOptions,
  envoyBinary,
  envoyCommand,
  serveShutdownManager,
  waitUntilReady,
} from "./mod.ts";

Deno.test("connectionsIn: adds the clients' connections up, ours are none", () => {
  const sample = (manager: string, count: number) =>
    `envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="${manager}"} ${count}\n`;
  assert.equal(connectionsIn(""), undefined);
  assert.equal(connectionsIn(sample("admin", 1)), 0);
  const own = ["admin", "envoy-admin", "stats", "health", "stats-health"];
  const text = "# TYPE envoy_http_downstream_cx_active gauge\n" +
    [...own.map((name) => sample(name, 7)), sample("ingress_http", 3), sample("ingress_https", 12)]
      .join("");
  assert.equal(connectionsIn(text), 15);
});

/** Events as they come, and a way to wait for one. */
class Events {
  readonly all: DrainEvent[] = [];
  #wake = () => {};
  readonly take = (event: DrainEvent) => {
    this.all.push(event);
    this.#wake();
  };

  async until(test: (event: DrainEvent) => boolean): Promise<void> {
    while (!this.all.some(test)) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

/** An Envoy with one listener before a backend whose `/slow` answers when it is let go. */
async function withEnvoy(use: (stage: EnvoyStage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const slow = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const backend = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (new URL(request.url).pathname !== "/slow") return new Response("fast");
      arrived.resolve();
      await slow.promise;
      return new Response("slow");
    },
  );
  const admin = { path: `${folder}/admin.sock` };
  const file = `${folder}/envoy.json`;
  await Deno.writeTextFile(file, JSON.stringify(staticBootstrap(admin.path, backend.addr.port)));
  const [program = "", ...args] = envoyCommand(
    { binary: await envoyBinary(), concurrency: 1, logLevel: "critical" },
    file,
  );
  const child = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
  try {
    await waitUntilReady(admin, AbortSignal.timeout(20_000));
    const listeners = JSON.parse((await adminGet(admin, "/listeners?format=json")).body);
    const { port_value: port } = listeners.listener_statuses[0].local_address.socket_address;
    await use({ admin, folder, port, arrived: arrived.promise, letGo: slow.resolve });
  } finally {
    slow.resolve();
    child.kill("SIGTERM");
    await child.status;
    await backend.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

interface EnvoyStage {
  readonly admin: Address;
  readonly folder: string;
  readonly port: number;
  /** The request for `/slow` is at the backend. */
  readonly arrived: Promise<void>;
  readonly letGo: () => void;
}

function staticBootstrap(adminSocket: string, backendPort: number): unknown {
  const address = (port_value: number) => ({
    socket_address: { address: "127.0.0.1", port_value },
  });
  const type = (name: string) => `type.googleapis.com/envoy.extensions.filters.${name}`;
  return {
    admin: { address: { pipe: { path: adminSocket } } },
    static_resources: {
      clusters: [{
        name: "backend",
        load_assignment: {
          cluster_name: "backend",
          endpoints: [{ lb_endpoints: [{ endpoint: { address: address(backendPort) } }] }],
        },
      }],
      listeners: [{
        name: "ingress_http",
        address: address(0),
        filter_chains: [{
          filters: [{
            name: "hcm",
            typed_config: {
              "@type": type(
                "network.http_connection_manager.v3.HttpConnectionManager",
              ),
              stat_prefix: "ingress_http",
              route_config: {
                virtual_hosts: [{
                  name: "all",
                  domains: ["*"],
                  routes: [{ match: { prefix: "/" }, route: { cluster: "backend" } }],
                }],
              },
              http_filters: [{
                name: "router",
                typed_config: { "@type": type("http.router.v3.Router") },
              }],
            },
          }],
        }],
      }],
    },
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  /** The header of that name: `close` asks to use this connection no more. */
  readonly connection: string | undefined;
}

function get(port: number, path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, agent }, (response: IncomingMessage) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => body += part);
      response.on("end", () => {
        const { statusCode: status, headers: { connection } } = response;
        resolve({ status, body, connection });
      });
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}

Deno.test("an Envoy turns unhealthy, ends what is in flight, and only then may be stopped", () =>
  withEnvoy(async ({ admin, folder, port, arrived, letGo }) => {
    const readyFile = `${folder}/ok`;
    await Deno.writeTextFile(readyFile, "left by an earlier life");
    const stop = new AbortController();
    const manager = await serveShutdownManager({
      port: 0,
      readyFile,
      lookAgainMs: 5,
      signal: stop.signal,
    });
    const url = `http://127.0.0.1:${manager.port}`;
    const agent = new Agent({ keepAlive: true });
    try {
      assert.equal(await (await fetch(`${url}/healthz`)).text(), "OK");
      const elsewhere = await fetch(`${url}/elsewhere`);
      assert.equal(elsewhere.status, 404);
      await elsewhere.body?.cancel();

      const before = await get(port, "/", agent);
      assert.deepEqual([before.status, before.connection === "close"], [200, false]);
      const inFlight = get(port, "/slow", agent);
      await arrived;
      let mayStop = false;
      const hook = fetch(`${url}/shutdown`).then(async (response) => {
        mayStop = true;
        return [response.status, await response.text()];
      });

      const events = new Events();
      const drained = drainEnvoy({ ...soon(admin, readyFile), onEvent: events.take });
      await events.until(({ kind }) => kind === "unhealthy");
      assert.equal((await adminGet(admin, "/ready")).status, 503);
      const late = await get(port, "/", agent);
      assert.deepEqual([late.status, late.connection], [200, "close"]);
      await events.until((event) => event.kind === "connections" && event.open > 0);
      assert.equal(mayStop, false);
      await assert.rejects(Deno.stat(readyFile), Deno.errors.NotFound);

      letGo();
      const last = await inFlight;
      assert.deepEqual([last.status, last.body, last.connection], [200, "slow", "close"]);
      await drained;
      assert.deepEqual(events.all.slice(-2), [
        { kind: "connections", open: 0 },
        { kind: "drained" },
      ]);
      assert.deepEqual(await hook, [200, "OK"]);
    } finally {
      agent.destroy();
      stop.abort();
      await manager.finished;
    }
  }));

function soon(admin: Address, readyFile: string): Omit<DrainOptions, "onEvent"> {
  return {
    admin,
    readyFile,
    drainDelayMs: 1,
    checkDelayMs: 1,
    checkIntervalMs: 10,
    minOpenConnections: 0,
    signal: AbortSignal.timeout(20_000),
  };
}

Deno.test("connections that may stay open do not hold it up", () =>
  withEnvoy(async ({ admin, folder, port, arrived, letGo }) => {
    const agent = new Agent({ keepAlive: true });
    try {
      const inFlight = get(port, "/slow", agent);
      await arrived;
      const events = new Events();
      await drainEnvoy({
        ...soon(admin, `${folder}/ok`),
        minOpenConnections: 1,
        onEvent: events.take,
      });
      assert.deepEqual(events.all.at(-1), { kind: "drained" });
      letGo();
      assert.equal((await inFlight).status, 200);
    } finally {
      agent.destroy();
    }
  }));

/** An admin interface that answers as the test says. */
async function withAdmin(
  answer: (path: string) => Response,
  use: (admin: Address, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const path = `${folder}/admin.sock`;
  const server = Deno.serve({ path, onListen: () => {} }, (request) => {
    return answer(new URL(request.url).pathname);
  });
  try {
    await use({ path }, folder);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an Envoy that does not answer as it should is asked again", () => {
  let posts = 0;
  let counts = 0;
  return withAdmin((path) => {
    if (path === "/healthcheck/fail") return new Response("OK", { status: posts++ ? 200 : 500 });
    if (counts++ === 0) return new Response("not now", { status: 503 });
    if (counts === 2) return new Response("nothing here");
    return new Response(
      'envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="ingress_http"} 0\n',
    );
  }, async (admin, folder) => {
    const events = new Events();
    await drainEnvoy({ ...soon(admin, `${folder}/ok`), onEvent: events.take });
    assert.deepEqual(events.all, [
      { kind: "unhealthy" },
      { kind: "not counted", message: "Envoy answered 503: not now" },
      { kind: "not counted", message: "Envoy gave no number of connections" },
      { kind: "connections", open: 0 },
      { kind: "drained" },
    ]);
  });
});

Deno.test("a signal ends the wait, and no ready file is left", () =>
  withAdmin(
    () =>
      new Response(
        'envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="ingress_http"} 9\n',
      ),
    async (admin, folder) => {
      const stop = new AbortController();
      const readyFile = `${folder}/ok`;
      const events = new Events();
      const drained = drainEnvoy({
        ...soon(admin, readyFile),
        signal: stop.signal,
        onEvent: events.take,
      });
      await events.until(({ kind }) => kind === "connections");
      stop.abort(new Error("enough"));
      await assert.rejects(drained, { message: "enough" });
      await assert.rejects(Deno.stat(readyFile), Deno.errors.NotFound);
    },
  ));

Deno.test("who waits for an end that does not come is told when the manager ends", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const stop = new AbortController();
  const options = { port: 0, readyFile: `${folder}/ok`, lookAgainMs: 5, signal: stop.signal };
  const manager = await serveShutdownManager(options);
  try {
    const hook = fetch(`http://127.0.0.1:${manager.port}/shutdown`);
    await (await fetch(`http://127.0.0.1:${manager.port}/healthz`)).text();
    stop.abort();
    const { status, body } = await hook;
    assert.equal(status, 503);
    await body?.cancel();
  } finally {
    stop.abort();
    await manager.finished;
    await Deno.remove(folder, { recursive: true });
  }
});
