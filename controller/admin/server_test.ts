import assert from "node:assert/strict";
import { controllerMetrics, type Readiness, serveAdmin } from "./mod.ts";

const build = { version: "1.2.3", revision: "abc", branch: "main" };

Deno.test("health and readiness are answered as they are at that moment", async () => {
  let readiness: Readiness = { ready: false, reasons: ["reading files", "Envoy is not live"] };
  await withAdmin(() => readiness, async (url) => {
    assert.deepEqual(await get(`${url}/readyz`), [503, "reading files\nEnvoy is not live\n"]);
    readiness = { ready: true, reasons: [] };
    assert.deepEqual(await get(`${url}/readyz`), [200, "OK\n"]);
    assert.deepEqual(await get(`${url}/healthz`), [200, "OK\n"]);
    assert.deepEqual(await get(`${url}/health`), [200, "OK\n"]);
  });
});

Deno.test("what is not there says what is", async () => {
  await withAdmin(() => ({ ready: true, reasons: [] }), async (url) => {
    assert.deepEqual(await get(`${url}/nope`), [
      404,
      "Not found; there are /metrics, /healthz and /readyz\n",
    ]);
    assert.deepEqual(await get(`${url}/metrics`, "POST"), [405, "Only GET is answered here\n"]);
  });
});

Deno.test("metrics are Prometheus text", async () => {
  await withAdmin(() => ({ ready: true, reasons: [] }), async (url) => {
    const response = await fetch(`${url}/metrics`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.match(
      await response.text(),
      /^contour_build_info\{branch="main",revision="abc",version="1.2.3"\} 1$/m,
    );
  });
});

Deno.test("a taken port is said with its address", async () => {
  await withAdmin(() => ({ ready: true, reasons: [] }), (url) => {
    const port = Number(new URL(url).port);
    assert.throws(() => open(() => ({ ready: true, reasons: [] }), port, AbortSignal.abort()), {
      message: `Cannot serve metrics and health on 127.0.0.1:${port}: the address is in use`,
    });
  });
});

async function withAdmin(readiness: () => Readiness, act: (url: string) => Promise<void> | void) {
  const stop = new AbortController();
  const server = open(readiness, 0, stop.signal);
  try {
    await act(`http://${server.address}:${server.port}`);
  } finally {
    stop.abort();
    await server.finished;
  }
}

function open(readiness: () => Readiness, port: number, signal: AbortSignal) {
  return serveAdmin({
    address: "127.0.0.1",
    port,
    readiness,
    health: () => ({ healthy: true, reasons: [] }),
    metrics: controllerMetrics(build).registry,
    signal,
  });
}

async function get(url: string, method = "GET"): Promise<[number, string]> {
  const response = await fetch(url, { method });
  return [response.status, await response.text()];
}
