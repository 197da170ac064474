/** A backend over TLS that lets in nobody without a certificate of the right authority. */
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** It answers with its name in `x-backend` and the names on the client's certificate as body. */
export interface DemandingBackend extends AsyncDisposable {
  readonly port: number;
}

/** Starts a backend; `clientCa` is the PEM of who signs its clients. */
export async function startDemandingBackend(
  { name, certificate: { certificate: cert, privateKey: key }, clientCa }: {
    readonly name: string;
    readonly certificate: IssuedCertificate;
    readonly clientCa: string;
  },
): Promise<DemandingBackend> {
  const demands = { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ cert, key, ...demands }, (request, response) => {
    const client = (request.socket as TLSSocket).getPeerCertificate();
    response.writeHead(200, { "x-backend": name });
    response.end(client.subjectaltname);
  });
  // By default Node closes a connection just when a slow test may be using it again.
  server.keepAliveTimeout = 600_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // whoever was turned away has seen enough
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
