/** Authorization servers for Envoy to ask, over gRPC or HTTP, that say what they were asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";
import { decode, encode, isMessage, type Message } from "../../proto/mod.ts";
import { type RunningServer, startGrpcServer } from "./grpc_server.ts";

/** The header that gets a request through, with the value {@link goodPass}. */
export const passHeader = "x-pass";

/** See {@link passHeader}. */
export const goodPass = "good";

/** What a server was asked about one request. */
export interface AuthorizationCheck {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Entries that hosts and routes send along; gRPC only. */
  readonly context: Readonly<Record<string, string>>;
}

/** A server that lets requests with a good pass through, and tells the upstream `x-user: <name>`. */
export interface Authorizer extends AsyncDisposable {
  readonly port: number;
  /** Every check so far, in order. */
  readonly checks: readonly AuthorizationCheck[];
  /** Set while no check is to be answered. */
  hangs: boolean;
}

/** What a server is. */
export interface AuthorizerOptions {
  readonly name: string;
  readonly protocol: "grpc" | "http";
  /** With TLS; gRPC only. */
  readonly certificate?: IssuedCertificate;
  /** PEM of who signs those who may ask; absent: anybody may. Only with TLS. */
  readonly clientCa?: string;
}

/** Starts a server. Requests without the pass get 401, in the words `<name> does not know you`. */
export async function startAuthorizer(options: AuthorizerOptions): Promise<Authorizer> {
  const state: State = { name: options.name, checks: [], hangs: false };
  const { port, stop } = options.protocol === "grpc"
    ? await startGrpc(state, options)
    : await startHttp(state);
  return {
    port,
    checks: state.checks,
    get hangs() {
      return state.hangs;
    },
    set hangs(hangs) {
      state.hangs = hangs;
    },
    [Symbol.asyncDispose]: stop,
  };
}

interface State {
  readonly name: string;
  readonly checks: AuthorizationCheck[];
  hangs: boolean;
}

const requestType = "envoy.service.auth.v3.CheckRequest";
const responseType = "envoy.service.auth.v3.CheckResponse";

async function startGrpc(
  state: State,
  { certificate, clientCa }: AuthorizerOptions,
): Promise<RunningServer> {
  return await startGrpcServer<Message, Message>({
    path: "/envoy.service.auth.v3.Authorization/Check",
    decode: (body) => decode(requestType, body),
    encode: (message) => encode(responseType, message),
    answer(request) {
      const check = grpcCheck(request);
      state.checks.push(check);
      return state.hangs ? undefined : grpcAnswer(state.name, isAllowed(check));
    },
  }, { certificate, clientCa });
}

function grpcCheck(request: Message): AuthorizationCheck {
  const attributes = part(request, "attributes");
  const http = part(part(attributes, "request"), "http");
  const rawBody = http["rawBody"];
  return {
    method: text(http["method"]),
    host: text(http["host"]),
    path: text(http["path"]),
    headers: texts(http["headers"]),
    body: rawBody instanceof Uint8Array && rawBody.length > 0
      ? new TextDecoder().decode(rawBody)
      : text(http["body"]),
    context: texts(attributes["contextExtensions"]),
  };
}

function grpcAnswer(name: string, isAllowed: boolean): Message {
  return isAllowed
    ? { status: {}, okResponse: { headers: [{ header: { key: "x-user", value: name } }] } }
    : {
      status: { code: 16 },
      deniedResponse: { status: { code: "Unauthorized" }, body: `${name} does not know you` },
    };
}

async function startHttp(state: State): Promise<RunningServer> {
  const server = createServer((request, response) => {
    const { host = "", ...headers } = request.headers;
    const check: AuthorizationCheck = {
      method: request.method ?? "",
      host,
      path: request.url ?? "",
      headers: texts(headers),
      body: "",
      context: {},
    };
    state.checks.push(check);
    if (state.hangs) return;
    if (isAllowed(check)) response.writeHead(200, { "x-user": state.name, "x-secret": "inside" });
    else response.writeHead(401);
    response.end(isAllowed(check) ? "" : `${state.name} does not know you`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function isAllowed({ headers }: AuthorizationCheck): boolean {
  return headers[passHeader] === goodPass;
}

function part(message: Message, field: string): Message {
  const value = message[field];
  return isMessage(value) ? value : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => typeof each === "string" ? [[name, each]] : []),
  );
}
