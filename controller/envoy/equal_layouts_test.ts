/** Requests get the same answers from a real Envoy in both layouts. */
import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { makeAuthority, validityAround } from "../certs/mod.ts";
import type { Route, VirtualHost } from "../graph/mod.ts";
import {
  clusterResource,
  createLayout,
  defaultEnvoyOptions,
  type EnvoyOptions,
  hostFragment,
  type LayoutKind,
  loadAssignmentResource,
  type Resource,
  secretResource,
} from "./mod.ts";
import { type FileEnvoy, fileEnvoy } from "./tests/file_envoy.ts";
import { answer, clusterSpec, forward, host, match, overTls, route } from "./tests/model.ts";

const log = { path: "/dev/stdout", format: "%REQ(:METHOD)% %RESPONSE_CODE% %RESPONSE_FLAGS%\n" };
const options: EnvoyOptions = {
  ...defaultEnvoyOptions,
  http: { address: "127.0.0.1", port: 0, accessLog: log },
  https: { address: "127.0.0.1", port: 0, accessLog: log },
};

/** What the graph adds to the routes of a wildcard host. */
function guarded(route: Route): Route {
  return {
    ...route,
    match: {
      ...route.match,
      headers: [{
        name: ":authority",
        value: {
          kind: "regex",
          text: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\.wild\\.example(:[0-9]+)?",
        },
        invert: false,
        ignoreCase: false,
        treatMissingAsEmpty: false,
      }],
    },
  };
}

const hosts: readonly VirtualHost[] = [
  host("a.example", [answer("/", "a")]),
  host("h.example", [
    route({ match: match("/ws"), action: forward({ websockets: true }) }),
    route({
      match: match("/moved"),
      action: { kind: "redirect", statusCode: 302, path: { kind: "full", text: "/new" } },
    }),
    route(),
  ]),
  host("p.wild.example", [answer("/p", "p")]),
  host(
    "*.wild.example",
    [
      route({ match: match("/ws"), action: forward({ websockets: true }) }),
      route({ match: match("/plain") }),
      answer("/", "wild"),
    ].map(guarded),
  ),
  // Every label of these counts, as there is no guard.
  host("*.deep.example", [answer("/", "deep")]),
  host("*.er.deep.example", [answer("/", "deeper")]),
  host("known.deep.example", [answer("/only", "only")]),
  overTls(host("tls.example", [answer("/", "tls", { plain: "redirect-to-https" })])),
  overTls(host("b.tls.example", [answer("/", "b.tls")])),
  overTls(host("*.wild.tls.example", [answer("/", "wild.tls")])),
];

const get = (host: string | undefined, path = "/", ...lines: string[]) =>
  raw(`GET ${path} HTTP/1.1`, host, ["connection: close", ...lines]);
const upgrade = (host: string, path: string, to = "websocket") =>
  raw(`GET ${path} HTTP/1.1`, host, ["connection: Upgrade", `upgrade: ${to}`]);
const raw = (first: string, host: string | undefined, lines: readonly string[]) =>
  [first, ...(host === undefined ? [] : [`host: ${host}`]), ...lines, "", ""].join("\r\n");

/** Requests in plain text, and what the first line and the body of the answer are in both layouts. */
const requests: Readonly<Record<string, readonly [request: string, answer: string]>> = {
  "a host": [get("a.example"), "200 a"],
  "a host with a port": [get("a.example:8080"), "200 a"],
  "a host with an empty port": [get("a.example:"), "200 a"],
  "a host with two ports": [get("a.example:80:90"), "404 "],
  "a host in capitals": [get("A.Example"), "200 a"],
  "a host in capitals with a port": [get("A.EXAMPLE:81"), "200 a"],
  "a host with a trailing dot": [get("a.example."), "404 "],
  "a host nobody has": [get("nobody.example"), "404 "],
  "an empty host": [get(""), "404 "],
  "no host": [get(undefined), "400 "],
  "an address": [get("192.0.2.1"), "404 "],
  "an IPv6 address": [get("[::1]"), "404 "],
  "an IPv6 address with a port": [get("[::1]:8080"), "404 "],
  "the name of the wildcard scope": [get("~"), "404 "],
  "the name of the wildcard scope with a port": [get("~:80"), "404 "],
  "a dash": [get("-"), "404 "],
  "a path nobody takes": [get("p.wild.example", "/q"), "404 "],
  "a path nobody takes, in capitals": [get("P.wild.example", "/q"), "404 "],
  "a path taken, in capitals": [get("P.wild.example", "/p"), "200 p"],
  "a wildcard host": [get("x.wild.example"), "200 wild"],
  "a wildcard host with a port": [get("x.wild.example:123"), "200 wild"],
  "a wildcard host in capitals": [get("X.wild.example"), "404 "],
  "a wildcard host, two labels": [get("x.y.wild.example"), "404 "],
  "a wildcard host with an odd label": [get("a_b.wild.example"), "404 "],
  "a wildcard host with a trailing dot": [get("x.wild.example."), "404 "],
  "an unguarded wildcard host in capitals": [get("X.Deep.example:8"), "200 deep"],
  "an unguarded wildcard host, two labels": [get("x.y.deep.example"), "200 deep"],
  "the longer of two wildcards": [get("x.er.deep.example"), "200 deeper"],
  "a host beside a wildcard, its path": [get("known.deep.example", "/only"), "200 only"],
  "a host beside a wildcard, no path of its own": [get("known.deep.example", "/x"), "404 "],
  "a host beside a wildcard, in capitals": [get("Known.deep.example", "/x"), "404 "],
  "the suffix of a wildcard itself": [get("deep.example"), "404 "],
  "HTTP/1.0": [raw("GET / HTTP/1.0", "a.example", []), "200 a"],
  "HTTP/1.0 without a host": [raw("GET / HTTP/1.0", undefined, []), "400 "],
  "an absolute URL": [
    raw("GET http://a.example/ HTTP/1.1", "nobody", ["connection: close"]),
    "200 a",
  ],
  "OPTIONS *": [raw("OPTIONS * HTTP/1.1", "a.example", ["connection: close"]), "404 "],
  "CONNECT": [raw("CONNECT a.example:80 HTTP/1.1", "a.example:80", []), "404 "],
  "a private header to another host": [
    get("nobody.example", "/", "x-contour-scope: http||a.example"),
    "404 ",
  ],
  "private headers to nowhere": [
    get("a.example", "/", "x-contour-scope: http||~", "X-Contour-Scope: x"),
    "200 a",
  ],
  "a private header to a wildcard": [
    get("a.example", "/", "x-contour-scope: http||~"),
    "200 a",
  ],
  "a websocket": [upgrade("h.example", "/ws"), "101 hello"],
  "a websocket to a host in capitals": [upgrade("H.example", "/ws"), "101 hello"],
  "a websocket to a wildcard host": [upgrade("x.wild.example", "/ws"), "101 hello"],
  "a websocket where there are none": [upgrade("h.example", "/"), "403 "],
  "a websocket where there are none, capitals": [upgrade("H.example", "/"), "403 "],
  "a websocket where there are none, wildcard": [upgrade("x.wild.example", "/plain"), "403 "],
  "a websocket to a redirect": [upgrade("h.example", "/moved"), "403 "],
  "a websocket to a path nobody takes": [upgrade("p.wild.example", "/q"), "404 "],
  "a websocket to a host nobody has": [upgrade("nobody.example", "/"), "404 "],
  "another upgrade": [upgrade("h.example", "/ws", "other"), "403 "],
  "a redirect": [get("h.example", "/moved"), "302 "],
  "a redirect to https": [get("tls.example"), "301 "],
  "what a backend hears": [get("h.example", "/x"), "200 GET /x h.example"],
  "what a backend hears, wildcard": [
    get("x.wild.example", "/plain"),
    "200 GET /plain x.wild.example",
  ],
  "what a backend hears, capitals": [get("H.Example", "/x"), "200 GET /x H.Example"],
};

/** Requests over TLS: SNI, host, and the answer. */
const secureRequests: Readonly<Record<string, readonly [string, string, string]>> = {
  "the host of the connection": ["tls.example", "tls.example", "200 tls"],
  "the host with a port": ["tls.example", "tls.example:443", "200 tls"],
  "the host in capitals": ["tls.example", "TLS.example", "200 tls"],
  "another host": ["tls.example", "b.tls.example", "421 misdirected request\n"],
  "a wildcard host": ["x.wild.tls.example", "x.wild.tls.example", "200 wild.tls"],
  "another host of the wildcard": [
    "x.wild.tls.example",
    "y.wild.tls.example",
    "421 misdirected request\n",
  ],
};

Deno.test("both layouts give the same answers", async (t) => {
  await using backend = startBackend();
  const secret = await certificate();
  await using scoped = await serve("scoped", backend.port, secret);
  await using flat = await serve("flat", backend.port, secret);
  for (const [name, [request, expected]] of Object.entries(requests)) {
    await t.step(name, async () => {
      assert.equal(await ask(flat, request), expected, "flat");
      assert.equal(await ask(scoped, request), expected, "scoped");
    });
  }
  for (const [name, [sni, host, expected]] of Object.entries(secureRequests)) {
    await t.step(`over TLS: ${name}`, async () => {
      for (const envoy of [flat, scoped]) {
        const socket = connectTls({
          host: "127.0.0.1",
          port: envoy.port("ingress_https"),
          servername: sni,
          rejectUnauthorized: false,
        });
        assert.equal(await exchange(socket, get(host)), expected);
      }
    });
  }
  await t.step("over HTTP/2", async () => {
    for (const envoy of [flat, scoped]) {
      const answers = [
        await askHttp2(envoy, "a.example"),
        await askHttp2(envoy, "A.example:80"),
        await askHttp2(envoy, "x.wild.example:80"),
      ];
      assert.deepEqual(answers, ["200 a", "200 a", "200 wild"]);
    }
  });
  await t.step("the access logs are the same", async () => {
    const lines = (envoy: FileEnvoy) => envoy.log().match(/^[A-Z-]+ \d+ \S+$/gm) ?? [];
    // Envoy writes its log a little after it answers: until the last line of each is there.
    const last = raw("HEAD / HTTP/1.1", "a.example", ["connection: close"]);
    await ask(flat, last);
    await ask(scoped, last);
    const deadline = Date.now() + 10_000;
    while ([flat, scoped].some((envoy) => !envoy.log().includes("HEAD"))) {
      if (Date.now() > deadline) throw new Error("Envoy does not write its access log");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(lines(flat).length > 50);
    assert.deepEqual(lines(scoped).sort(), lines(flat).sort());
  });
});

async function serve(kind: LayoutKind, port: number, secret: Resource): Promise<FileEnvoy> {
  const layout = createLayout(kind, options);
  const fragments = hosts.map((host) => hostFragment(host, options));
  for (const { diagnostics } of fragments) assert.deepEqual(diagnostics, []);
  const changed = new Map(fragments.map((fragment) => [fragment.fqdn, fragment]));
  layout.update({ hosts: { changed, removed: [] } });
  const spec = clusterSpec("echo");
  const ref = {
    name: "default/echo/http",
    namespace: "default",
    service: "echo",
    portName: "http",
  };
  const cluster = clusterResource({
    spec,
    discovery: { kind: "eds", assignment: ref },
    connectTimeoutMs: 2_000,
    circuitBreakers: {},
  });
  const endpoints = [{ address: "127.0.0.1", port }];
  const assignment = loadAssignmentResource(ref, { name: ref.name, endpoints });
  return await fileEnvoy([...layout.resources(), cluster.value, assignment.value, secret]);
}

async function certificate(): Promise<Resource> {
  const validity = validityAround(new Date(), 1);
  const authority = await makeAuthority({ commonName: "test", validity, algorithm: "ecdsa" });
  const issued = await authority.issue({
    dnsNames: ["tls.example", "b.tls.example", "*.wild.tls.example"],
    validity,
    algorithm: "ecdsa",
  });
  return secretResource({ namespace: "default", name: "tls" }, {
    certificateChain: issued.certificate,
    privateKey: issued.privateKey,
  });
}

/** Answers with the first line and the host of a request, and what else it should not have got. */
function startBackend(): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) await respond(connection);
  })();
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

async function respond(connection: Deno.Conn): Promise<void> {
  let request = "";
  const buffer = new Uint8Array(4096);
  while (!request.includes("\r\n\r\n")) {
    const size = await connection.read(buffer);
    if (size === null) break;
    request += new TextDecoder().decode(buffer.subarray(0, size));
  }
  const header = (name: string) => new RegExp(`^${name}: (.*?)\r?$`, "im").exec(request)?.[1];
  const secret = header("x-contour-scope");
  const body = [/^\w+ \S+/.exec(request)?.[0], header("host"), ...(secret ? [secret] : [])].join(
    " ",
  );
  const response = header("upgrade") === undefined
    ? `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    : "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nhello";
  await connection.write(new TextEncoder().encode(response));
  connection.close();
}

function ask(envoy: FileEnvoy, request: string): Promise<string> {
  const socket = connectTcp({ host: "127.0.0.1", port: envoy.port("ingress_http") });
  return exchange(socket, request);
}

/** Sends a request on a connection and gives back the status and the body. */
function exchange(socket: ReturnType<typeof connectTcp>, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let response = "";
    const finish = () => {
      const [head = "", body = ""] = response.split("\r\n\r\n");
      resolve(`${head.split(" ")[1] ?? ""} ${body}`);
      socket.destroy();
    };
    socket.setTimeout(10_000, () => reject(new Error(`No end of the answer: ${response}`)));
    socket.on("error", reject);
    socket.on("data", (data) => {
      response += data.toString();
      if (isComplete(response)) finish();
    });
    socket.on("end", finish);
    socket.write(request);
  });
}

/** Envoy keeps a closed connection open for a second; waiting for that would take a minute. */
function isComplete(response: string): boolean {
  const [head = "", body] = response.split("\r\n\r\n");
  if (body === undefined) return false;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return /^HTTP\/1.. 101/.test(head) ? body === "hello" : !/transfer-encoding/i.test(head);
}

function askHttp2(envoy: FileEnvoy, authority: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${envoy.port("ingress_http")}`);
    session.on("error", reject);
    const stream = session.request({ ":authority": authority, ":path": "/" });
    let status = "";
    let body = "";
    stream.on("response", (headers) => status = String(headers[":status"]));
    stream.on("data", (data) => body += data.toString());
    stream.on("error", reject);
    stream.on("end", () => {
      session.close();
      resolve(`${status} ${body}`);
    });
    stream.end();
  });
}
