import type { Cluster } from "../support/cluster/mod.ts";
import { inParallel } from "../support/in_parallel.ts";
import { podAddress } from "../support/pod_network.ts";
import { type BenchWorld, fqdn, type HostForm, startBackends } from "./world.ts";

/** The objects of so many hosts in a cluster: an HTTPProxy, a Service, an EndpointSlice each. */
export async function kubeWorld(cluster: Cluster, hosts: number): Promise<BenchWorld> {
  const backends = await startBackends([podAddress(2), podAddress(3)]);
  const [left] = backends.both;
  const forms = new Map<number, HostForm>();
  const create = async (host: number, form: HostForm) => {
    await Promise.all([
      cluster.request("POST", services(host), service(host)),
      cluster.request("POST", slices(host), endpointSlice(host, form)),
    ]);
    await cluster.request("POST", proxies(host), proxy(host, form));
    forms.set(host, form);
  };
  for (let team = 0; team < Math.min(teams, hosts); team++) {
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: `team-${team}` } });
  }
  await inParallel(
    Array.from({ length: hosts }, (_, host) => host),
    16,
    (host) => create(host, { revision: 0, backend: left }),
  );
  return {
    hosts,
    backends: backends.both,
    async write(host, form) {
      const before = forms.get(host);
      if (before === undefined) return await create(host, form);
      forms.set(host, form);
      if (before.revision !== form.revision) {
        const { spec } = proxy(host, form);
        await cluster.request("PATCH", `${proxies(host)}/proxy-${host}`, { spec });
      }
      if (before.backend !== form.backend) {
        const { ports, endpoints } = endpointSlice(host, form);
        await cluster.request("PATCH", `${slices(host)}/service-${host}-1`, { ports, endpoints });
      }
    },
    async remove(host) {
      forms.delete(host);
      await cluster.request("DELETE", `${proxies(host)}/proxy-${host}`);
      await cluster.request("DELETE", `${services(host)}/service-${host}`);
      await cluster.request("DELETE", `${slices(host)}/service-${host}-1`);
    },
    [Symbol.asyncDispose]: () => backends[Symbol.asyncDispose](),
  };
}

const teams = 100;

function namespace(host: number): string {
  return `team-${host % teams}`;
}

function proxies(host: number): string {
  return `/apis/projectcontour.io/v1/namespaces/${namespace(host)}/httpproxies`;
}

function services(host: number): string {
  return `/api/v1/namespaces/${namespace(host)}/services`;
}

function slices(host: number): string {
  return `/apis/discovery.k8s.io/v1/namespaces/${namespace(host)}/endpointslices`;
}

function proxy(host: number, { revision }: HostForm) {
  const to = { services: [{ name: `service-${host}`, port: 80 }] };
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: `proxy-${host}` },
    spec: {
      virtualhost: { fqdn: fqdn(host) },
      routes: [
        {
          conditions: [{ prefix: "/" }],
          responseHeadersPolicy: { set: [{ name: "x-revision", value: `${revision}` }] },
          ...to,
        },
        { conditions: [{ prefix: "/api" }], ...to },
        { conditions: [{ exact: "/health" }], ...to },
      ],
    },
  };
}

function service(host: number) {
  const spec = { clusterIP: "None", ports: [{ name: "http", port: 80 }] };
  return { metadata: { name: `service-${host}` }, spec };
}

function endpointSlice(host: number, { backend: { address, port } }: HostForm) {
  return {
    metadata: {
      name: `service-${host}-1`,
      labels: { "kubernetes.io/service-name": `service-${host}` },
    },
    addressType: "IPv4",
    ports: [{ name: "http", port }],
    endpoints: [{ addresses: [address] }],
  };
}
