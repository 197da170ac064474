/**
 * A client that sends what it is told, byte for byte: hosts in upper case, paths that others would
 * normalize, TLS versions and names of its choice. Each request has a connection of its own.
 */
import { Buffer } from "node:buffer";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";
import { within } from "./wait.ts";

/** Where a connection goes, and how. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** Address to come from. */
  readonly localAddress?: string;
  /** Written before anything else, TLS included: the header of the PROXY protocol. */
  readonly preface?: string;
  /** Absent: no TLS. */
  readonly tls?: ClientTls;
}

/** How a client speaks TLS. */
export interface ClientTls {
  /** Sent as SNI, and checked against the certificate. Absent: no SNI, and no check of the name. */
  readonly serverName?: string;
  /** PEM of whom to trust. */
  readonly ca: string;
  /** What to show who asks for a certificate. */
  readonly certificate?: IssuedCertificate;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
}

/** A request, as it is written. */
export interface HttpRequest {
  /** Default: GET. */
  readonly method?: string;
  /** The Host header. */
  readonly host: string;
  /** With query string; default `/`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A response. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request by HTTP/1.1. Rejects when no whole response comes back. */
export async function send(target: Target, request: HttpRequest): Promise<HttpAnswer> {
  const socket = await connect(target);
  const { method = "GET", host, path = "/", headers = {}, body = "" } = request;
  const all = {
    host,
    connection: "close",
    ...(body === "" ? {} : { "content-length": String(new TextEncoder().encode(body).length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  try {
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
    return await within(`${host}${path} is answered`, readAnswer(socket));
  } finally {
    socket.destroy();
  }
}

/** Sends a request by HTTP/2 over TLS. */
export async function sendHttp2(target: Target, request: HttpRequest): Promise<HttpAnswer> {
  const { address, port } = target;
  const socket = await connect(target, ["h2"]);
  const session = connectHttp2(`https://${address}:${port}`, { createConnection: () => socket });
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  session.on("error", reject);
  const { method = "GET", host, path = "/", headers = {} } = request;
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
      Object.entries(rest).map(([name, value]) => [name, String(value)]),
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

function keyPair(tls: ClientTls | undefined): { readonly cert?: string; readonly key?: string } {
  const { certificate } = tls ?? {};
  if (certificate === undefined) return {};
  return { cert: certificate.certificate, key: certificate.privateKey };
}

/**
 * A connection that was made, and with TLS also secured, for one of the protocols where some are
 * named. Rejects with the reason where it is refused.
 */
export async function connect(
  { address, port, localAddress, preface, tls }: Target,
  protocols: readonly string[] = [],
): Promise<Socket> {
  const where = { host: address, port, ...(localAddress === undefined ? {} : { localAddress }) };
  const socket = connectTcp(where);
  await within(
    `a connection to ${address}:${port} is made`,
    once(socket, "connect", "The connection was closed at once"),
  );
  if (preface !== undefined) socket.write(preface);
  if (tls === undefined) return socket;
  const { serverName, ca, minVersion, maxVersion } = tls;
  const secure = connectTls({
    socket,
    ca,
    ...keyPair(tls),
    ALPNProtocols: [...protocols],
    ...(serverName === undefined
      ? { checkServerIdentity: () => undefined }
      : { servername: isIP(serverName) === 0 ? serverName : "" }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  });
  try {
    await within(
      `a connection to ${address}:${port} is secured`,
      once(secure, "secureConnect", "The connection was closed before it was secured"),
    );
    return secure;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Waits for an event; rejects when there is an error first, or the end, which is told in words. */
function once(socket: Socket, event: "connect" | "secureConnect", atEnd: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, resolve);
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(atEnd)));
  return promise;
}

/** Upgrades to WebSocket, sends a text as raw bytes, and returns what comes back with it. */
export async function upgrade(
  target: Target,
  request: HttpRequest,
  text: string,
): Promise<HttpAnswer> {
  const socket = await connect(target);
  const { host, path = "/", headers = {} } = request;
  const all = {
    host,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  let read = Buffer.alloc(0);
  let isSent = false;
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  socket.on("data", (part: Uint8Array) => {
    read = Buffer.concat([read, part]);
    const answer = parseAnswer(read);
    if (answer === undefined) return;
    if (answer.status !== 101 || answer.body.includes(text)) resolve(answer);
    else if (!isSent) socket.write(text);
    isSent = true;
  });
  socket.on("error", reject);
  try {
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    return await within(`${host}${path} answers to the upgrade`, promise);
  } finally {
    socket.destroy();
  }
}

/** The next line that arrives, without its end. */
export async function readLine(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let read = "";
  const take = (part: Uint8Array) => {
    read += new TextDecoder().decode(part);
    if (read.endsWith("\n")) resolve(read.slice(0, -1));
  };
  const end = () => reject(new Error(`The connection ended after "${read}"`));
  socket.on("data", take);
  socket.on("close", end);
  try {
    return await within("a line arrives", promise);
  } finally {
    socket.off("data", take);
    socket.off("close", end);
  }
}

/** One response, without waiting for Envoy to close the connection: it may take its time. */
function readAnswer(socket: Socket): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  let read = Buffer.alloc(0);
  socket.on("data", (part: Uint8Array) => {
    read = Buffer.concat([read, part]);
    const answer = parseAnswer(read);
    if (answer !== undefined) resolve(answer);
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`The connection ended after ${read.length} bytes`)));
  return promise;
}

/** The response in these bytes; `undefined` while it is not complete. */
export function parseAnswer(bytes: Buffer): HttpAnswer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString().split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const rest = bytes.subarray(end + 4);
  const length = Number(headers["content-length"] ?? 0);
  const body = headers["transfer-encoding"] === "chunked"
    ? unchunked(rest)
    : rest.length >= length
    ? rest
    : undefined;
  if (body === undefined) return undefined;
  return { status: Number(statusLine.split(" ")[1]), headers, body: body.toString() };
}

/** What the chunks hold; `undefined` while the last one is missing. */
function unchunked(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let rest = bytes;;) {
    const line = rest.indexOf("\r\n");
    if (line < 0) return undefined;
    const size = parseInt(rest.subarray(0, line).toString(), 16);
    if (size === 0) return Buffer.concat(parts);
    if (rest.length < line + 2 + size + 2) return undefined;
    parts.push(rest.subarray(line + 2, line + 2 + size));
    rest = rest.subarray(line + 2 + size + 2);
  }
}
