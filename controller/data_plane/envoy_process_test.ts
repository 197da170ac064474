import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { decode, encode } from "../../proto/mod.ts";
import { envoyBinary, type EnvoyEvent, envoyProcess, waitUntilReady } from "./mod.ts";

/** A controller that has nothing to serve: every question is answered with an empty list. */
async function emptyController(): Promise<{ port: number; nodes: string[]; stop(): void }> {
  const nodes: string[] = [];
  const server = new grpc.Server();
  const bytes = (value: Uint8Array) => value as typeof value & { length: number };
  server.addService({
    deltaAggregatedResources: {
      path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      requestStream: true,
      responseStream: true,
      requestSerialize: (value: Uint8Array) => Buffer.from(bytes(value)),
      requestDeserialize: (value: Uint8Array) => value,
      responseSerialize: (value: Uint8Array) => Buffer.from(value),
      responseDeserialize: (value: Uint8Array) => value,
    },
  }, {
    deltaAggregatedResources: (call: grpc.ServerDuplexStream<Uint8Array, Uint8Array>) => {
      const asked = new Set<unknown>();
      call.on("data", (body: Uint8Array) => {
        const request = decode("envoy.service.discovery.v3.DeltaDiscoveryRequest", body);
        const { typeUrl, node } = request;
        if (node) nodes.push(String(Object(node).id));
        if (asked.has(typeUrl)) return;
        asked.add(typeUrl);
        const response = { typeUrl, nonce: String(asked.size), systemVersionInfo: "1" };
        call.write(encode("envoy.service.discovery.v3.DeltaDiscoveryResponse", response));
      });
      call.on("end", () => call.end());
      call.on("error", () => {}); // Envoy is gone
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
  return { port, nodes, stop: () => server.forceShutdown() };
}

/** Events as they come, and a way to wait for one. */
function events() {
  const seen: EnvoyEvent[] = [];
  const waiting = new Set<() => void>();
  const onEvent = (event: EnvoyEvent) => {
    seen.push(event);
    for (const look of [...waiting]) look();
  };
  const next = (kind: EnvoyEvent["kind"], nth = 1) =>
    new Promise<EnvoyEvent>((resolve) => {
      const look = () => {
        const event = seen.filter((event) => event.kind === kind)[nth - 1];
        if (!event) return;
        waiting.delete(look);
        resolve(event);
      };
      waiting.add(look);
      look();
    });
  return { seen, onEvent, next };
}

const soon = () => AbortSignal.timeout(20_000);

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

Deno.test("envoyProcess: starts, becomes ready, comes back when killed, and stops", async () => {
  const binary = await envoyBinary();
  const controller = await emptyController();
  const stop = new AbortController();
  const { seen, onEvent, next } = events();
  const node = { id: "test-1", cluster: "contour" };
  const envoy = await envoyProcess({
    binary,
    bootstrap: { node, xds: { address: "127.0.0.1", port: controller.port } },
    concurrency: 1,
    restartDelayMs: 1,
    onEvent,
    signal: stop.signal,
  });
  try {
    await envoy.ready(soon());
    assert.deepEqual(controller.nodes, ["test-1"]);
    const info = await envoy.adminGet("/server_info", soon());
    assert.equal(info.status, 200);
    assert.equal(JSON.parse(info.body).state, "LIVE");

    const first = await next("started");
    assert.ok(first.kind === "started");
    Deno.kill(first.pid, "SIGKILL");
    const died = await next("died");
    assert.deepEqual(died, { kind: "died", how: "signal SIGKILL", restartInMs: 1 });
    await next("started", 2);
    await envoy.ready(soon());
  } finally {
    stop.abort();
    await envoy.done;
    controller.stop();
  }
  assert.equal(seen.at(-1)?.kind, "stopped");
  for (const event of seen) if (event.kind === "started") assert.ok(!isAlive(event.pid));
  assert.ok("path" in envoy.admin);
  await assert.rejects(Deno.stat(envoy.admin.path), Deno.errors.NotFound);
});

Deno.test("envoyProcess: two run beside each other", async () => {
  const binary = await envoyBinary();
  const controller = await emptyController();
  const stop = new AbortController();
  const start = (id: string) =>
    envoyProcess({
      binary,
      bootstrap: {
        node: { id, cluster: "contour" },
        xds: { address: "127.0.0.1", port: controller.port },
      },
      concurrency: 1,
      signal: stop.signal,
    });
  const both = await Promise.all(["a", "b"].map(start));
  try {
    await Promise.all(both.map((envoy) => envoy.ready(soon())));
    assert.deepEqual([...controller.nodes].sort(), ["a", "b"]);
  } finally {
    stop.abort();
    await Promise.all(both.map(({ done }) => done));
    controller.stop();
  }
});

/** Stands in for Envoy where what it does is not the point. */
async function withScript(text: string, use: (binary: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const binary = `${folder}/envoy`;
  await Deno.writeTextFile(binary, `#!/bin/sh\n${text}\n`);
  await Deno.chmod(binary, 0o755);
  try {
    await use(binary);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const bootstrap = { xds: { address: "127.0.0.1", port: 1 } };

Deno.test("envoyProcess: tells what Envoy wrote, line by line, and waits longer each time", () =>
  withScript(`printf 'one\\ntwo'; echo oops >&2; exit 3`, async (binary) => {
    const stop = new AbortController();
    const { seen, onEvent, next } = events();
    const options = { binary, bootstrap, restartDelayMs: 1, onEvent, signal: stop.signal };
    const { done } = await envoyProcess(options);
    await next("died", 3);
    stop.abort();
    await done;
    const lines = seen.flatMap((event) =>
      event.kind === "line" ? [`${event.stream}: ${event.text}`] : []
    );
    assert.deepEqual(lines.slice(0, 3).sort(), ["stderr: oops", "stdout: one", "stdout: two"]);
    const deaths = seen.filter((event) => event.kind === "died").slice(0, 3);
    assert.deepEqual(
      deaths,
      [1, 2, 4].map((restartInMs) => {
        return { kind: "died", how: "exit code 3", restartInMs };
      }),
    );
  }));

Deno.test("envoyProcess: kills what does not stop when asked", () =>
  withScript(`trap '' TERM; echo up; while :; do read -r _ < /dev/null; done`, async (binary) => {
    const stop = new AbortController();
    const { seen, onEvent, next } = events();
    const options = { binary, bootstrap, stopTimeoutMs: 1, onEvent, signal: stop.signal };
    const { done } = await envoyProcess(options);
    await next("line"); // so that the trap is set
    stop.abort();
    await done;
    for (const event of seen) if (event.kind === "started") assert.ok(!isAlive(event.pid));
  }));

Deno.test("envoyProcess: does not outlive us where setpriv is at hand", () =>
  withScript(`echo $$ > "$0.pid"; echo up; exec sleep 600`, async (binary) => {
    const door = new URL("./mod.ts", import.meta.url).href;
    const program = `
      import { envoyProcess } from ${JSON.stringify(door)};
      const onEvent = (event) => event.kind === "line" && console.log(event.text);
      await envoyProcess({
        binary: ${JSON.stringify(binary)},
        bootstrap: { xds: { address: "127.0.0.1", port: 1 } },
        onEvent,
        signal: new AbortController().signal,
      });`;
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", config, "-"],
      env: { TMPDIR: dirname(binary) }, // what it leaves behind goes with the script
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const input = parent.stdin.getWriter();
    await input.write(new TextEncoder().encode(program));
    await input.close();
    const output = parent.stdout.getReader();
    await output.read(); // it is up
    await output.cancel();
    const pid = Number(await Deno.readTextFile(`${binary}.pid`));
    assert.ok(isAlive(pid));
    parent.kill("SIGKILL");
    await parent.status;
    if (await hasSetpriv()) {
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 1));
    } else {
      assert.ok(isAlive(pid)); // as documented
      Deno.kill(pid, "SIGKILL");
    }
  }));

async function hasSetpriv(): Promise<boolean> {
  try {
    return (await new Deno.Command("setpriv", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("envoyProcess: a binary that cannot be run ends it", async () => {
  const stop = new AbortController();
  const missing = { binary: "/nowhere/envoy", bootstrap, signal: stop.signal, restartDelayMs: 1 };
  const { onEvent, next } = events();
  const { done } = await envoyProcess({ ...missing, onEvent });
  // With setpriv before it, the program that starts is not the one that is missing.
  const ended = await Promise.race([done.then(() => "ended", () => "refused"), next("died")]);
  assert.ok(ended === "refused" || typeof ended === "object");
  stop.abort();
  await done.catch(() => {});
});

Deno.test("waitUntilReady: says how far Envoy came when time is up", async () => {
  let asked: () => void = () => {};
  const once = new Promise<void>((resolve) => asked = resolve);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked();
    return new Response("PRE_INITIALIZING\n", { status: 503 });
  });
  const limit = new AbortController();
  const admin = { address: "127.0.0.1", port: server.addr.port };
  const waiting = assert.rejects(waitUntilReady(admin, limit.signal), /did not become ready: /);
  await once;
  limit.abort();
  await waiting;
  await server.shutdown();
});
