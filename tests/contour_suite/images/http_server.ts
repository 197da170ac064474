/** HTTP servers that end at once, with all their connections. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Listens until disposed of. */
export async function listening(
  server: Server,
  place: { readonly host: string; readonly port: number },
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // whoever was turned away has seen enough
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  server.keepAliveTimeout = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(place.port, place.host, resolve);
  await promise;
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
