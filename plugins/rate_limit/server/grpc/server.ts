import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { followTlsFiles, type TlsFilePaths, type TlsFilesEvent } from "../outside.ts";
import { Http2Connection } from "../http2/connection.ts";
import { type CallOptions, type GrpcMethod, takeCall } from "./call.ts";

/**
 * Serves methods of gRPC until it is stopped. Rejects when the address cannot be listened on, or the
 * certificates cannot be used.
 */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const { place, maxConnections = 1_000, maxMessageBytes = 256 << 10 } = options;
  const connections = new Set<Http2Connection>();
  const calls: CallOptions = {
    methods: options.methods,
    maxMessageBytes,
    onCall: options.onCall ?? (() => {}),
  };
  const take = (socket: Socket) => {
    if (connections.size >= maxConnections && !makeRoom(connections)) return void socket.destroy();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    connections.add(
      new Http2Connection(socket, {
        maxStreams: options.maxStreams ?? 2_048,
        maxHeaderListBytes: 16 << 10,
        maxBodyBytes: maxMessageBytes + 5,
        requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
        accept: (stream, headers) => takeCall(stream, headers, calls),
        closed: (connection) => connections.delete(connection),
      }),
    );
  };
  const stop = new AbortController();
  const server = place.kind === "tcp" && place.tls !== undefined
    ? await tlsServer(place.tls, take, { signal: stop.signal, ...options })
    : createServer(take);
  await listen(server, place);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const connection of connections) connection.expire(now);
  }, Math.min(1_000, (options.requestTimeoutMs ?? 10_000) / 2));
  const bound = server.address();
  let stopping: Promise<void> | undefined;
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    connections: () => connections.size,
    stop(graceMs = 5_000) {
      return stopping ??= new Promise((resolve) => {
        stop.abort();
        const over = () => {
          clearTimeout(cut);
          clearInterval(timer);
          resolve();
        };
        const cut = setTimeout(() => {
          for (const connection of connections) connection.cut();
          // There are versions of Deno that never tell that a server has closed.
          setTimeout(over, 200);
        }, graceMs);
        server.close(over);
        for (const connection of connections) connection.leave();
      });
    },
  };
}

/** What to serve, and where. */
export interface GrpcServerOptions {
  readonly place: GrpcPlace;
  /** By path: `/grpc.health.v1.Health/Check`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  /** Told the path of each unary call. */
  readonly onCall?: (path: string) => void;
  /** Told of the files of certificates. */
  readonly onTlsEvent?: (event: TlsFilesEvent) => void;
  /** Larger ones are refused. Default: 256 KiB. */
  readonly maxMessageBytes?: number;
  /** Calls at once on a connection. Default: 2,048. */
  readonly maxStreams?: number;
  /** For one more, an idle one is hung up on; without any, the new one. Default: 1,000. */
  readonly maxConnections?: number;
  /** How long a request may take to come in, in milliseconds. Default: 10,000. */
  readonly requestTimeoutMs?: number;
}

/** Where to listen. */
export type GrpcPlace =
  | {
    readonly kind: "tcp";
    /** An IP address or a name of this machine. */
    readonly address: string;
    /** 0 takes any free port. */
    readonly port: number;
    /** Absent: plain text. With `caFile` clients have to show a certificate. */
    readonly tls?: TlsFilePaths;
  }
  /** A Unix domain socket. */
  | { readonly kind: "socket"; readonly path: string };

/** A server that listens. */
export interface GrpcServer {
  /** 0 for a socket. */
  readonly port: number;
  /** How many there are. */
  readonly connections: () => number;
  /**
   * Takes no more calls, ends those there are, and resolves when all clients have gone; those that stay
   * are hung up on after a while.
   */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Hangs up on whoever has been idle for the longest; false when nobody is. */
function makeRoom(connections: ReadonlySet<Http2Connection>): boolean {
  let idlest: Http2Connection | undefined;
  let since = Infinity;
  for (const connection of connections) {
    const { idleSince = Infinity } = connection;
    if (idleSince >= since) continue;
    since = idleSince;
    idlest = connection;
  }
  idlest?.cut();
  return idlest !== undefined;
}

async function tlsServer(
  files: TlsFilePaths,
  take: (socket: Socket) => void,
  { signal, onTlsEvent = () => {} }: {
    readonly signal: AbortSignal;
    readonly onTlsEvent?: (event: TlsFilesEvent) => void;
  },
): Promise<Server> {
  let server: ReturnType<typeof createTlsServer> | undefined;
  await followTlsFiles(files, {
    signal,
    onEvent: onTlsEvent,
    use({ ca, certificate, privateKey }) {
      const context = {
        cert: certificate,
        key: privateKey,
        minVersion: "TLSv1.2" as const,
        ...(ca === undefined ? {} : { ca }),
      };
      if (server !== undefined) return server.setSecureContext(context);
      const demands = ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
      server = createTlsServer({
        ...context,
        ...demands,
        ALPNProtocols: ["h2"],
        handshakeTimeout: 10_000,
      }, take);
      // Of handshakes that fail only the client has to know.
      server.on("tlsClientError", () => {});
    },
  });
  if (server === undefined) throw new TypeError("Files that could be read are used");
  return server;
}

function listen(server: Server, place: GrpcPlace): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", (cause) => {
    const where = place.kind === "socket" ? place.path : `${place.address}:${place.port}`;
    const isTaken = "code" in cause && cause.code === "EADDRINUSE";
    const reason = isTaken ? "the address is in use" : cause.message;
    reject(new Error(`Cannot listen on ${where} for gRPC: ${reason}`, { cause }));
  });
  if (place.kind === "socket") server.listen({ path: place.path }, resolve);
  else server.listen({ host: place.address, port: place.port }, resolve);
  return promise;
}
