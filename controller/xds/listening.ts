import * as grpc from "@grpc/grpc-js";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { followTlsFiles } from "../certs/mod.ts";
import { CalmConnection } from "./calm_connection.ts";
import { xdsCredentials, type XdsCredentialsOptions } from "./credentials.ts";
import { provideSessionSockets } from "./session_socket.ts";

/**
 * Listens for Envoys and hands their connections to the gRPC server. Rejects when the address cannot
 * be listened on, or the certificates cannot be used.
 */
export async function listenFor(server: grpc.Server, place: ListenPlace): Promise<Listening> {
  return canInject() ? await listenByOurselves(server, place) : await listenByGrpc(server, place);
}

/** Where to listen, and how safely. */
export interface ListenPlace {
  /** An IP address or a name of this machine. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absent: plain text. */
  readonly tls?: XdsCredentialsOptions;
}

/** A place that is listened on. */
export interface Listening {
  readonly port: number;
  /** Takes no new connections. */
  stop(): void;
  /** Ends those there are. */
  cut(): void;
}

/** Versions of Deno before 2.7 speak HTTP/2 in another way, and over sockets of their own alone. */
function canInject(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 7);
}

async function listenByOurselves(
  grpcServer: grpc.Server,
  { address, port, tls }: ListenPlace,
): Promise<Listening> {
  const injector = grpcServer.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.setNoDelay(true);
    injector.injectConnection(new CalmConnection(socket));
  };
  const server = tls === undefined ? createServer(take) : await tlsServer(tls, take);
  await new Promise<void>((resolve, reject) => {
    server.on("error", (cause) => reject(cannotListen(address, port, cause)));
    server.listen({ host: address, port }, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    stop: () => server.close(),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** TLS 1.3, and whoever connects has to show a certificate. */
async function tlsServer(
  { caFile, certFile, keyFile, ...rest }: XdsCredentialsOptions,
  take: (socket: Socket) => void,
): Promise<Server> {
  let server: ReturnType<typeof createTlsServer> | undefined;
  await followTlsFiles({ caFile, certFile, keyFile }, {
    ...rest,
    use({ ca, certificate, privateKey }) {
      const context = {
        ...(ca === undefined ? {} : { ca }),
        cert: certificate,
        key: privateKey,
        minVersion: "TLSv1.3" as const,
      };
      if (server !== undefined) return server.setSecureContext(context);
      const demands = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ["h2"] };
      server = createTlsServer({ ...context, ...demands }, take);
    },
  });
  if (server === undefined) throw new TypeError("Files that could be read are used");
  return server;
}

async function listenByGrpc(
  server: grpc.Server,
  { address, port, tls }: ListenPlace,
): Promise<Listening> {
  provideSessionSockets();
  const credentials = tls === undefined
    ? grpc.ServerCredentials.createInsecure()
    : await xdsCredentials(tls);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${bracketed(address)}:${port}`, credentials, (error, port) => {
      if (error === null) return resolve(port);
      reject(cannotListen(address, port, error));
    });
  });
  // Both are part of how the gRPC server itself ends.
  return { port: bound, stop: () => {}, cut: () => {} };
}

function cannotListen(address: string, port: number, cause: Error): Error {
  const isTaken = "code" in cause && cause.code === "EADDRINUSE";
  const reason = isTaken ? "the address is in use" : cause.message;
  return new Error(`Cannot listen on ${bracketed(address)}:${port}: ${reason}`, { cause });
}

/** An IPv6 address needs brackets before a port. */
function bracketed(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}
