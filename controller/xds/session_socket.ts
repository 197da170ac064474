import http2 from "node:http2";

/**
 * Lets grpc-js serve on versions of Deno (2.6 is one) whose HTTP/2 sessions have no socket: there,
 * even looking at one throws, and grpc-js looks at it to name the client in its traces; and a client
 * that goes away in the middle of a stream is a rejection that nobody can catch. Where sessions have
 * a socket nothing is changed.
 */
export function provideSessionSockets(): void {
  if (isProvided) return;
  isProvided = true;
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (event.reason instanceof Deno.errors.Http && hangUp.test(event.reason.message)) {
      event.preventDefault();
    }
  });
  const { createServer, createSecureServer } = http2;
  http2.createServer =
    ((...args: Parameters<typeof createServer>) =>
      withSockets(createServer(...args))) as typeof createServer;
  http2.createSecureServer =
    ((...args: Parameters<typeof createSecureServer>) =>
      withSockets(createSecureServer(...args))) as typeof createSecureServer;
}

let isProvided = false;

function withSockets<Server extends http2.Http2Server | http2.Http2SecureServer>(
  server: Server,
): Server {
  server.prependListener("session", (session: http2.ServerHttp2Session) => {
    if (!hasSocket(session)) Object.defineProperty(session, "socket", { value: {} });
  });
  return server;
}

function hasSocket(session: http2.ServerHttp2Session): boolean {
  try {
    return session.socket?.remoteAddress !== undefined;
  } catch {
    return false;
  }
}

/** The stream itself ends as it should; only the promise behind it is left over. */
const hangUp = /error reading a body from connection|connection error/;
