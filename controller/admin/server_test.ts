import assert from "node:assert/strict";
import { get as httpsGet } from "node:https";
import { makeAuthority, validityAround } from "../certs/mod.ts";
import {
  controllerMetrics,
  healthPages,
  metricsPages,
  type Pages,
  servePages,
  type Verdict,
} from "./mod.ts";

const build = { version: "1.2.3", revision: "abc", branch: "main" };
const well: Verdict = { ok: true, reasons: [] };

Deno.test("health and readiness are answered as they are at that moment", async () => {
  let readiness: Verdict = { ok: false, reasons: ["reading files", "Envoy is not live"] };
  let health = well;
  const pages = healthPages({
    readiness: () => readiness,
    health: () => Promise.resolve(health),
  });
  await withServer(pages, async (url) => {
    assert.deepEqual(await get(`${url}/readyz`), [503, "reading files\nEnvoy is not live\n"]);
    readiness = well;
    assert.deepEqual(await get(`${url}/readyz?verbose`), [200, "OK\n"]);
    assert.deepEqual(await get(`${url}/healthz`), [200, "OK\n"]);
    assert.deepEqual(await get(`${url}/health`), [200, "OK\n"]);
    health = { ok: false, reasons: ["no API server"] };
    assert.deepEqual(await get(`${url}/healthz`), [503, "no API server\n"]);
    assert.deepEqual(await get(`${url}/livez`), [200, "OK\n"]);
  });
});

Deno.test("what is not there says what is", async () => {
  const pages: Pages = { "/a": () => ({ body: "a" }), "/b": () => ({ body: "b" }) };
  await withServer(pages, async (url) => {
    assert.deepEqual(await get(`${url}/nope`), [404, "Not found; there are /a, /b\n"]);
    assert.deepEqual(await get(`${url}/toString`), [404, "Not found; there are /a, /b\n"]);
    assert.deepEqual(await get(`${url}/`), [200, "/a\n/b\n"]);
    assert.deepEqual(await get(`${url}/a`, "POST"), [405, "Only GET is answered here\n"]);
    assert.deepEqual(await get(`${url}/a`, "HEAD"), [200, ""]);
  });
});

Deno.test("a page that fails is an answer too", async () => {
  const pages: Pages = { "/a": () => Promise.reject(new Error("no memory")) };
  await withServer(pages, async (url) => {
    assert.deepEqual(await get(`${url}/a`), [500, "Cannot answer: no memory\n"]);
  });
});

Deno.test("metrics are Prometheus text", async () => {
  await withServer(metricsPages(controllerMetrics(build).registry), async (url) => {
    const response = await fetch(`${url}/metrics`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.match(
      await response.text(),
      /^contour_build_info\{branch="main",revision="abc",version="1.2.3"\} 1$/m,
    );
  });
});

Deno.test("a taken port is said with its address", async () => {
  await withServer({}, async (url) => {
    const port = Number(new URL(url).port);
    const again = servePages({
      address: "127.0.0.1",
      port,
      pages: {},
      signal: new AbortController().signal,
    });
    await assert.rejects(again, {
      message: `Cannot listen on 127.0.0.1:${port} for metrics and health: the address is in use`,
    });
  });
});

Deno.test("with TLS only those whom the CA knows are answered, also by new certificates", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const files = {
    caFile: `${folder}/ca.crt`,
    certFile: `${folder}/tls.crt`,
    keyFile: `${folder}/tls.key`,
  };
  const validity = validityAround(new Date(), 1);
  const made = async () => {
    const authority = await makeAuthority({ commonName: "Test", validity, algorithm: "ecdsa" });
    const issue = () => authority.issue({ dnsNames: ["contour"], validity, algorithm: "ecdsa" });
    return { ca: authority.certificate, own: await issue(), client: await issue() };
  };
  const write = async ({ ca, own }: Awaited<ReturnType<typeof made>>) => {
    await Deno.writeTextFile(files.caFile, ca);
    await Deno.writeTextFile(files.certFile, own.certificate);
    await Deno.writeTextFile(files.keyFile, own.privateKey);
  };
  const first = await made();
  await write(first);
  const stop = new AbortController();
  const loaded: string[] = [];
  let wake = () => {};
  const server = await servePages({
    address: "127.0.0.1",
    port: 0,
    tls: files,
    pages: { "/metrics": () => ({ body: "some" }) },
    onTlsEvent: ({ kind }) => {
      loaded.push(kind);
      wake();
    },
    signal: stop.signal,
  });
  const ask = (world: Awaited<ReturnType<typeof made>>, showsCertificate: boolean) =>
    new Promise<string>((resolve) => {
      const { certificate, privateKey } = world.client;
      const request = httpsGet({
        host: "127.0.0.1",
        port: server.port,
        path: "/metrics",
        servername: "contour",
        agent: false,
        ca: world.ca,
        ...(showsCertificate ? { cert: certificate, key: privateKey } : {}),
      }, (response) => {
        let body = "";
        response.on("data", (chunk) => body += chunk);
        response.on("end", () => resolve(body));
      });
      request.on("error", () => resolve("refused"));
    });
  try {
    assert.equal(await ask(first, true), "some\n");
    assert.equal(await ask(first, false), "refused");
    const second = await made();
    await write(second);
    while (loaded.length < 2) await new Promise<void>((resolve) => wake = resolve);
    assert.equal(await ask(second, true), "some\n");
    assert.equal(await ask(first, true), "refused");
  } finally {
    stop.abort();
    await server.finished;
    await Deno.remove(folder, { recursive: true });
  }
});

async function withServer(pages: Pages, act: (url: string) => Promise<void>) {
  const stop = new AbortController();
  const { signal } = stop;
  const server = await servePages({ address: "127.0.0.1", port: 0, pages, signal });
  try {
    await act(`http://${server.address}:${server.port}`);
  } finally {
    stop.abort();
    await server.finished;
  }
}

async function get(url: string, method = "GET"): Promise<[number, string]> {
  const response = await fetch(url, { method });
  return [response.status, await response.text()];
}
