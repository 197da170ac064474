/** A Service that says what it was sent, and answers with the headers it is asked for. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine. */
export interface EchoBackend extends AsyncDisposable {
  readonly port: number;
}

/** What came in, the body of every answer as JSON. */
export interface Received {
  readonly path: string;
  /** By lower-case name, every value by itself. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/**
 * Starts it. `reply-x-a: b|c` in a request adds the header `x-a` twice to the answer, and
 * `reply-status` is its status.
 */
export async function startEcho(): Promise<EchoBackend> {
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const headers: Record<string, string[]> = {};
    const reply: [string, string][] = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i]?.toLowerCase() ?? "";
      const value = request.rawHeaders[i + 1] ?? "";
      (headers[name] ??= []).push(value);
      if (!name.startsWith("reply-") || name === "reply-status") continue;
      for (const one of value.split("|")) reply.push([name.slice("reply-".length), one]);
    }
    const received: Received = { path: request.url ?? "", headers };
    response.writeHead(Number(headers["reply-status"]?.[0] ?? 200), reply.flat());
    response.end(JSON.stringify(received));
  });
  server.keepAliveTimeout = 600_000;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}
