import { join } from "node:path";
import { type BenchWorld, fqdn, type HostForm, startBackends } from "./world.ts";

/** A folder with so many hosts, each in a file of its own. */
export interface FilesWorld extends BenchWorld {
  readonly folder: string;
}

/** Writes a world of `hosts` hosts into a folder that goes with it. */
export async function filesWorld(hosts: number): Promise<FilesWorld> {
  const folder = await Deno.makeTempDir({ prefix: "contour-bench-" });
  const backends = await startBackends(["127.0.0.1", "127.0.0.1"]);
  const [left] = backends.both;
  const path = (host: number) => join(folder, `part-${Math.floor(host / 500)}`, `${host}.yaml`);
  for (let part = 0; part <= hosts / 500; part++) await Deno.mkdir(join(folder, `part-${part}`));
  const write = (host: number, form: HostForm) =>
    Deno.writeTextFile(path(host), manifest(host, form));
  for (let host = 0; host < hosts; host++) await write(host, { revision: 0, backend: left });
  return {
    folder,
    hosts,
    backends: backends.both,
    write,
    remove: (host) => Deno.remove(path(host)),
    async [Symbol.asyncDispose]() {
      await backends[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
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
