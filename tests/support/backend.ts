/** Small servers that say what they were asked, so that a test sees what arrives behind Envoy. */
import { createServer as createHttp } from "node:http";
import { createSecureServer, createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import {
  type AddressInfo,
  createServer as createTcp,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { createServer as createTls } from "node:tls";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** What a backend speaks. `tcp` and `tls-tcp` greet with their name and repeat what they are sent. */
export type BackendProtocol = "http" | "https" | "h2c" | "h2" | "tcp" | "tls-tcp";

/** A request as it arrived; the body of every answer, as JSON. */
export interface Echo {
  readonly backend: string;
  readonly httpVersion: "1.1" | "2";
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** SNI; absent without TLS, "" when there was none. */
  readonly serverName?: string;
  /** Where the connection comes from: equal for requests of one connection. */
  readonly clientPort?: number;
}

/** A server on this machine. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Every request so far, in order; connections count for TCP. */
  readonly received: readonly Echo[];
  /** What `/healthz` says; true at first. */
  isHealthy: boolean;
}

/**
 * Starts a backend. A request may ask for more than its echo by headers: `x-backend-delay` waits so
 * many milliseconds, `x-backend-status` answers with that status, and `x-backend-fail: 2` has both
 * happen only the first two times the same `x-request-id` comes; `x-backend-reply: a=b` adds a header
 * to the answer.
 */
export async function startBackend(
  { name, protocol = "http", certificate, address = "127.0.0.1" }: BackendOptions,
): Promise<Backend> {
  const state: State = { name, received: [], tries: new Map(), isHealthy: true };
  const server = makeServer(state, protocol, certificate);
  // By default Node closes a connection just when a slow test may be using it again.
  if ("keepAliveTimeout" in server) server.keepAliveTimeout = 600_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // whoever hung up has seen enough
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name,
    port,
    received: state.received,
    get isHealthy() {
      return state.isHealthy;
    },
    set isHealthy(isHealthy) {
      state.isHealthy = isHealthy;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** What a backend is. */
export interface BackendOptions {
  readonly name: string;
  /** A loopback address; default 127.0.0.1. Rejects where this machine has none of its kind. */
  readonly address?: string;
  /** Default: `http`. */
  readonly protocol?: BackendProtocol;
  /** With `https`, `h2` and `tls-tcp`. */
  readonly certificate?: IssuedCertificate;
}

interface State {
  readonly name: string;
  readonly received: Echo[];
  /** By request id. */
  readonly tries: Map<string, number>;
  isHealthy: boolean;
}

function makeServer(
  state: State,
  protocol: BackendProtocol,
  certificate: IssuedCertificate | undefined,
): NetServer {
  const keyPair = { cert: certificate?.certificate ?? "", key: certificate?.privateKey ?? "" };
  const listener = (request: IncomingRequest, response: OutgoingResponse) =>
    answer(state, request, response).catch(() => {}); // whoever hung up has seen enough
  switch (protocol) {
    case "http":
      return createHttp(listener).on("upgrade", (_request, socket: Socket) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-backend: ${state.name}\r\n\r\n`,
        );
        socket.on("data", (part) => socket.write(part));
        socket.on("error", () => {});
      });
    case "https":
      return createHttps(keyPair, listener);
    case "h2c":
      return createHttp2(listener);
    case "h2":
      return createSecureServer(keyPair, listener);
    case "tcp":
      return createTcp((socket) => repeat(state, socket));
    case "tls-tcp":
      return createTls(keyPair, (socket) => repeat(state, socket));
  }
}

function repeat({ name }: State, socket: Socket): void {
  socket.on("error", () => {});
  socket.write(`${name}\n`);
  socket.on("data", (part) => socket.write(part));
}

/** What HTTP/1.1 and HTTP/2 requests have in common. */
interface IncomingRequest extends AsyncIterable<Uint8Array> {
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket: object | null;
}

interface OutgoingResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

async function answer(
  state: State,
  request: IncomingRequest,
  response: OutgoingResponse,
): Promise<void> {
  const echo = await echoOf(state.name, request);
  if (echo.path === "/healthz") {
    response.writeHead(state.isHealthy ? 200 : 503, {});
    response.end("");
    return;
  }
  state.received.push(echo);
  const { status, delayMs } = troubleOf(state, echo);
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const [, reply, value] = /^([^=]+)=(.*)$/.exec(echo.headers["x-backend-reply"] ?? "") ?? [];
  response.writeHead(status, {
    "content-type": "application/json",
    "x-backend": state.name,
    ...(reply === undefined || value === undefined ? {} : { [reply]: value }),
  });
  response.end(JSON.stringify(echo));
}

function troubleOf(
  { tries }: State,
  { headers }: Echo,
): { readonly status: number; readonly delayMs: number } {
  const failures = headers["x-backend-fail"];
  const trouble = {
    status: Number(headers["x-backend-status"] ?? (failures === undefined ? 200 : 503)),
    delayMs: Number(headers["x-backend-delay"] ?? 0),
  };
  if (failures === undefined) return trouble;
  const id = headers["x-request-id"] ?? "";
  const count = (tries.get(id) ?? 0) + 1;
  tries.set(id, count);
  return count <= Number(failures) ? trouble : { status: 200, delayMs: 0 };
}

async function echoOf(backend: string, request: IncomingRequest): Promise<Echo> {
  let body = "";
  for await (const part of request) body += new TextDecoder().decode(part);
  const { ":authority": authority, host, ...rest } = request.headers;
  const headers = Object.entries(rest).flatMap(([name, value]) =>
    name.startsWith(":") || value === undefined ? [] : [[name, String(value)]]
  );
  const { socket } = request;
  const serverName = socket !== null && "servername" in socket ? socket.servername : undefined;
  const clientPort = socket !== null && "remotePort" in socket ? socket.remotePort : undefined;
  return {
    backend,
    httpVersion: request.httpVersion.startsWith("2") ? "2" : "1.1",
    method: request.method ?? "",
    path: request.url ?? "",
    host: String(authority ?? host ?? ""),
    headers: Object.fromEntries(headers),
    body,
    ...(serverName === undefined ? {} : { serverName: serverName ? String(serverName) : "" }),
    ...(typeof clientPort === "number" ? { clientPort } : {}),
  };
}
