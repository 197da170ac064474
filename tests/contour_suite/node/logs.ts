/** What containers have written, as the API server asks for it. */
import { makeAuthority, validityAround } from "../../../controller/certs/mod.ts";

/** Listens over TLS until the process ends; returns the port. */
export async function serveLogs(
  hostname: string,
  log: (namespace: string, pod: string, container: string) => Uint8Array | undefined,
): Promise<number> {
  const validity = validityAround(new Date(), 2);
  const authority = await makeAuthority({ commonName: "node", validity, algorithm: "ecdsa" });
  const { certificate: cert, privateKey: key } = await authority.issue({
    dnsNames: ["suite-node"],
    validity,
    algorithm: "ecdsa",
  });
  const server = Deno.serve(
    { hostname, port: 10_250, cert, key, onListen: () => {} },
    (request) => {
      const [, kind, namespace = "", pod = "", container = ""] = new URL(request.url).pathname
        .split("/");
      const found = kind === "containerLogs" ? log(namespace, pod, container) : undefined;
      return new Response(found ? new Uint8Array(found) : null, {
        status: found === undefined ? 404 : 200,
      });
    },
  );
  return server.addr.port;
}
