import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A folder with so many hosts, each in a file of its own, and two backends behind all of them. */
export interface BenchWorld extends AsyncDisposable {
  readonly folder: string;
  readonly hosts: number;
  /** Names of the two backends, which they answer with, and their ports. */
  readonly backends: readonly [Backend, Backend];
  /** Writes the file of a host. */
  write(host: number, form: HostForm): Promise<void>;
  /** Removes it. */
  remove(host: number): Promise<void>;
}

/** A backend that answers with its name. */
export interface Backend {
  readonly name: string;
  readonly port: number;
}

/** What may differ in the file of a host. */
export interface HostForm {
  /** Answered in the header `x-revision`. */
  readonly revision: number;
  readonly backend: Backend;
}

/** The name of a host. */
export function fqdn(host: number): string {
  return `host-${host}.example.com`;
}

/** Writes a world of `hosts` hosts into a folder that goes with it. */
export async function benchWorld(hosts: number): Promise<BenchWorld> {
  const folder = await Deno.makeTempDir({ prefix: "contour-bench-" });
  const servers = await Promise.all([backend("left"), backend("right")]);
  const [left, right] = servers.map(({ backend }) => backend);
  if (left === undefined || right === undefined) throw new Error("Cannot start the backends");
  const path = (host: number) => join(folder, `part-${Math.floor(host / 500)}`, `${host}.yaml`);
  for (let part = 0; part <= hosts / 500; part++) await Deno.mkdir(join(folder, `part-${part}`));
  const write = (host: number, form: HostForm) =>
    Deno.writeTextFile(path(host), manifest(host, form));
  for (let host = 0; host < hosts; host++) await write(host, { revision: 0, backend: left });
  return {
    folder,
    hosts,
    backends: [left, right],
    write,
    remove: (host) => Deno.remove(path(host)),
    async [Symbol.asyncDispose]() {
      for (const { server } of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function backend(name: string): Promise<{ server: Server; backend: Backend }> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, backend: { name, port: (server.address() as AddressInfo).port } };
}

function manifest(host: number, { revision, backend }: HostForm): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: proxy-${host}
  namespace: team-${host % 100}
spec:
  virtualhost:
    fqdn: ${fqdn(host)}
  routes:
    - conditions:
        - prefix: /
      responseHeadersPolicy:
        set:
          - name: x-revision
            value: "${revision}"
      services:
        - name: service-${host}
          port: 80
    - conditions:
        - prefix: /api
      services:
        - name: service-${host}
          port: 80
    - conditions:
        - exact: /health
      services:
        - name: service-${host}
          port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: service-${host}
  namespace: team-${host % 100}
spec:
  ports:
    - name: http
      port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: service-${host}-1
  namespace: team-${host % 100}
  labels:
    kubernetes.io/service-name: service-${host}
addressType: IPv4
ports:
  - name: http
    port: ${backend.port}
endpoints:
  - addresses: [127.0.0.1]
`;
}
