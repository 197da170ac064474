/**
 * The server that the suites send most requests to: it answers with what it was asked, as JSON, on
 * port 3000, and over TLS on port 8443 where it is given a certificate. `/status/418` answers 418.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { listening } from "./http_server.ts";
import type { OwnImage } from "./mod.ts";

/** See above. */
export const serveEcho: OwnImage = async ({ address: host, env, read }) => {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const status = /^\/status\/(\d{3})(?:\?|$)/.exec(request.url ?? "")?.[1];
    response.writeHead(Number(status ?? 200), {
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
    });
    response.end(`${JSON.stringify(told(request, env), undefined, " ")}\n`);
  };
  await using servers = new AsyncDisposableStack();
  servers.use(await listening(createServer(answer), { host, port: 3000 }));
  const certificate = env["TLS_SERVER_CERT"];
  if (certificate !== undefined) {
    const clientCa = env["TLS_CLIENT_CACERTS"];
    const server = createTlsServer({
      cert: await read(certificate),
      key: await read(env["TLS_SERVER_PRIVKEY"] ?? ""),
      ...(clientCa === undefined
        ? {}
        // Who has no certificate is let in.
        : { ca: await read(clientCa), requestCert: true, rejectUnauthorized: false }),
    }, (request, response) => {
      const socket = request.socket as TLSSocket;
      if (socket.getPeerCertificate()?.raw !== undefined && !socket.authorized) socket.destroy();
      else answer(request, response);
    });
    servers.use(await listening(server, { host, port: 8443 }));
  }
  return servers.move();
};

function told(request: IncomingMessage, env: Readonly<Record<string, string>>) {
  const headers: Record<string, string[]> = {};
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = canonical(rawHeaders[at] ?? "");
    if (name !== "Host") (headers[name] ??= []).push(rawHeaders[at + 1] ?? "");
  }
  return {
    path: (request.url ?? "").replace(/^(https?:\/\/[^/]*)/, ""),
    host: request.headers.host,
    method: request.method,
    proto: `HTTP/${request.httpVersion}`,
    headers,
    namespace: env["NAMESPACE"],
    ingress: env["INGRESS_NAME"],
    service: env["SERVICE_NAME"],
    pod: env["POD_NAME"],
    ...("getPeerCertificate" in request.socket
      ? { tls: secured(request.socket as TLSSocket) }
      : {}),
  };
}

function secured(socket: TLSSocket) {
  const raw = socket.getPeerCertificate()?.raw;
  return {
    version: socket.getProtocol(),
    ...(raw === undefined ? {} : { peerCertificates: [pem(raw)] }),
  };
}

function pem(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** `x-request-id` is `X-Request-Id`. */
function canonical(name: string): string {
  return name.toLowerCase().replace(
    /(^|-)([a-z])/g,
    (_, dash, letter) => dash + letter.toUpperCase(),
  );
}
