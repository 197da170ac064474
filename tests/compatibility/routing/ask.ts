/** Requests as worlds are asked them, and answers with all that does not depend on chance. */
import { Buffer } from "node:buffer";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { IssuedCertificate } from "../../../controller/certs/mod.ts";
import type { Echo } from "../../support/backend.ts";
import type { ListenPlace } from "../../support/envoy.ts";
import { type HttpAnswer, parseAnswer } from "../../support/http_client.ts";
import { within } from "../../support/wait.ts";

/** A request of a client. */
export interface Asked {
  readonly method?: string;
  /** Host header; with `line` nothing is sent but TLS. */
  readonly host: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: without TLS. */
  readonly tls?: {
    /** SNI; `null` for none. */
    readonly name: string | null;
    readonly version?: "TLSv1.2" | "TLSv1.3";
    /** Whether a certificate is shown, and whose: of the authority that is trusted, or another. */
    readonly shows?: "known" | "unknown";
    /** What ALPN offers; default: only `http/1.1`. */
    readonly alpn?: readonly string[];
  };
  /** An address of loopback; default 127.0.0.1. */
  readonly from?: string;
  /** `line` reads the line that TCP backends greet with; `websocket` asks for the upgrade. */
  readonly as?: "http" | "websocket" | "line";
}

/** What came back. */
export interface Answered {
  /** Why there is no answer. */
  readonly failed?: string;
  /** Version, protocol of ALPN, and first name of the certificate. */
  readonly tls?: string;
  readonly status?: number;
  /** Save {@link usualHeaders}. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Those of {@link usualHeaders} that are not there. */
  readonly lacks?: readonly string[];
  /** Absent where it is what a backend saw. */
  readonly body?: string;
  readonly seen?: Seen;
}

/** A request as it came to a backend, where it is not as it was asked. */
export interface Seen {
  readonly backend: string;
  readonly http: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** Those that were changed or added. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of those that were taken away. */
  readonly gone?: readonly string[];
  /** SNI of the connection, with TLS. */
  readonly sni?: string;
}

/** Headers that nearly all answers have. */
const usualHeaders: Readonly<Record<string, string>> = {
  server: "envoy",
  vary: "Accept-Encoding",
};

/** Certificates that clients show. */
export interface ClientCertificates {
  readonly known: IssuedCertificate;
  readonly unknown: IssuedCertificate;
}

/** Asks an Envoy. */
export async function ask(
  place: ListenPlace,
  asked: Asked,
  certificates: ClientCertificates,
): Promise<Answered> {
  let socket: Socket | undefined;
  let tls: string | undefined;
  try {
    socket = await connected(place, asked);
    if (asked.tls !== undefined) {
      const secure = await secured(socket, asked.tls, certificates);
      [socket, tls] = [secure, describe(secure)];
    }
    const told = tls === undefined ? {} : { tls };
    if (asked.as === "line") return { ...told, body: await line(socket) };
    const answer = tls?.includes(" h2 ") ? await http2(socket, asked) : await http1(socket, asked);
    return { ...told, ...readable(asked, answer) };
  } catch (error) {
    const failed = /Waited in vain/.test(String(error)) ? "no answer" : "closed";
    return { failed, ...(tls === undefined ? {} : { tls }) };
  } finally {
    socket?.destroy();
  }
}

async function connected({ address, http, https }: ListenPlace, asked: Asked): Promise<Socket> {
  const socket = connectTcp({
    host: address,
    port: asked.tls === undefined ? http : https,
    localAddress: asked.from ?? "127.0.0.1",
  });
  await event(socket, "connect");
  return socket;
}

async function secured(
  socket: Socket,
  { name, version, shows, alpn = ["http/1.1"] }: NonNullable<Asked["tls"]>,
  certificates: ClientCertificates,
): Promise<TLSSocket> {
  const shown = shows === undefined ? undefined : certificates[shows];
  const secure = connectTls({
    socket,
    rejectUnauthorized: false,
    ALPNProtocols: [...alpn],
    ...(name === null ? {} : { servername: name }),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    ...(shown === undefined ? {} : { cert: shown.certificate, key: shown.privateKey }),
  });
  await event(secure, "secureConnect");
  return secure;
}

function describe(socket: TLSSocket): string {
  const names = socket.getPeerCertificate().subjectaltname ?? "";
  return `${socket.getProtocol()} ${socket.alpnProtocol || "-"} ${names.split(", ")[0]}`;
}

async function event(socket: Socket, name: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(name, resolve);
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("closed")));
  await within(name, promise);
}

async function line(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let read = "";
  socket.on("data", (part: Uint8Array) => {
    read += new TextDecoder().decode(part);
    if (read.includes("\n")) resolve(read.split("\n")[0] ?? "");
  });
  socket.on("close", () => reject(new Error("closed")));
  return await within("a line arrives", promise);
}

const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

async function http1(socket: Socket, asked: Asked): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  let read = Buffer.alloc(0);
  socket.on("data", (part: Uint8Array) => {
    read = Buffer.concat([read, part]);
    const answer = parseAnswer(read);
    if (answer !== undefined) resolve(answer);
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("closed")));
  const { method = "GET", host, path = "/", headers = {} } = asked;
  const all = { host, ...(asked.as === "websocket" ? upgradeHeaders : {}), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return await within(`${host}${path} is answered`, promise);
}

async function http2(socket: Socket, asked: Asked): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const session = connectHttp2("https://envoy.test", { createConnection: () => socket });
  session.on("error", reject);
  const { method = "GET", host, path = "/", headers = {} } = asked;
  const stream = session.request({
    ":method": method,
    ":authority": host,
    ":path": path,
    ...headers,
  });
  let status = 0;
  let answered: Record<string, string> = {};
  let body = "";
  stream.on("response", ({ ":status": code = 0, ...rest }) => {
    status = code;
    answered = Object.fromEntries(
      Object.entries(rest).map((
        [name, value],
      ) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
    );
  });
  stream.on("data", (part: Uint8Array) => body += new TextDecoder().decode(part));
  stream.on("end", () => resolve({ status, headers: answered, body }));
  stream.on("error", reject);
  stream.end();
  try {
    return await within(`${host}${path} is answered by HTTP/2`, promise);
  } finally {
    session.destroy();
  }
}

/** Without what differs from one time to the next. */
function readable(asked: Asked, { status, headers, body }: HttpAnswer): Answered {
  const isCompressed = headers["content-encoding"] !== undefined;
  const seen = isCompressed ? undefined : echoIn(body);
  const kept = Object.entries(headers).filter(([name, value]) =>
    value !== usualHeaders[name] &&
    !(name === "date" && value.endsWith("GMT")) &&
    !(name === "content-length" && (isCompressed || seen !== undefined))
  );
  const lacks = Object.keys(usualHeaders).filter((name) => headers[name] === undefined);
  return {
    status,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, settled(name, value)])),
    ...(lacks.length === 0 ? {} : { lacks }),
    ...(seen === undefined ? { body: isCompressed ? "" : body } : { seen: seenOf(asked, seen) }),
  };
}

function settled(name: string, value: string): string {
  // Envoy's own address, since clients have one of loopback.
  if (name === "x-forwarded-for") return value.replace(/\d+\.\d+\.\d+\.\d+$/, "(self)");
  if (name === "x-envoy-upstream-service-time" && /^\d+$/.test(value)) return "(ms)";
  return value.replace(/(X-Contour-Session-Affinity=)"[0-9a-f]+"/, '$1"(hash)"')
    .replaceAll(/\b(Hash)=[0-9a-f]+/g, "$1=(hash)")
    .replaceAll(/\b(Cert|Chain)="[^"]+"/g, '$1="(pem)"')
    .replace(/^t=\d+\.\d+$/, "(time)");
}

function echoIn(body: string): Echo | undefined {
  return body.startsWith('{"backend"') ? JSON.parse(body) : undefined;
}

const perRequest = ["x-request-id", "x-envoy-upstream-service-time"];

function seenOf(asked: Asked, echo: Echo): Seen {
  const { method = "GET", path = "/", host } = asked;
  const before = new Map(
    Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value.trim()]),
  );
  // What is left of the time depends on how long the tries before took.
  const isTriedAgain = before.has("x-backend-fail") || before.has("x-backend-status");
  const headers = Object.entries(echo.headers).filter(([name, value]) =>
    !perRequest.includes(name) && before.get(name) !== value &&
    !(isTriedAgain && name === "x-envoy-expected-rq-timeout-ms")
  );
  const gone = [...before.keys()].filter((name) => echo.headers[name] === undefined);
  return {
    backend: echo.backend,
    http: echo.httpVersion,
    ...(echo.method === method ? {} : { method: echo.method }),
    ...(echo.path === path ? {} : { path: echo.path }),
    ...(echo.host === host ? {} : { host: echo.host }),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, settled(name, value)])),
    ...(gone.length === 0 ? {} : { gone: gone.toSorted() }),
    ...(echo.serverName === undefined ? {} : { sni: echo.serverName }),
  };
}
