/** Services: their addresses lead to Pods that are ready, as kube-proxy would do it. */
import type { AnyObject, Api } from "./api.ts";
import { passOn } from "./tcp.ts";

interface Service extends AnyObject {
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } };
}

interface EndpointSlice extends AnyObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

/** Follows Services and their endpoints. */
export class Services {
  readonly #api: Api;
  readonly #services = new Map<
    string,
    { readonly service: Service; readonly open: Disposable[] }
  >();
  readonly #slices = new Map<string, EndpointSlice>();

  constructor(api: Api) {
    this.#api = api;
    api.follow<EndpointSlice>("/apis/discovery.k8s.io/v1/endpointslices", (slice, state) => {
      if (state === "gone") this.#slices.delete(slice.metadata.uid);
      else this.#slices.set(slice.metadata.uid, slice);
    });
    api.follow<Service>("/api/v1/services", (service, state) => this.#see(service, state));
  }

  /** What the name of a Service means: an address, another name, or nothing. */
  resolve(namespace: string, name: string): { address: string } | { alias: string } | undefined {
    const spec = this.#services.get(`${namespace}/${name}`)?.service.spec;
    if (spec === undefined) return undefined;
    if (spec.externalName !== undefined) return { alias: spec.externalName };
    const { clusterIP } = spec;
    return clusterIP === undefined || clusterIP === "None" ? undefined : { address: clusterIP };
  }

  #see(service: Service, state: "present" | "gone"): void {
    const { namespace, name } = service.metadata;
    const id = `${namespace}/${name}`;
    const known = this.#services.get(id);
    const isSame = state === "present" && known !== undefined &&
      JSON.stringify(known.service.spec) === JSON.stringify(service.spec);
    if (isSame) return;
    for (const each of known?.open ?? []) each[Symbol.dispose]();
    this.#services.delete(id);
    if (state === "gone" || id === "default/kubernetes") return;
    const { clusterIP, ports = [], type } = service.spec;
    const open = clusterIP === undefined || clusterIP === "None" || clusterIP === ""
      ? []
      : ports.map(
        ({ name: portName, port }) =>
          passOn({ hostname: clusterIP, port }, () => {
            const places = this.#places(namespace, name, portName);
            const place = places[Math.floor(Math.random() * places.length)];
            return place && Deno.connect(place);
          }),
      );
    this.#services.set(id, { service, open });
    if (type === "LoadBalancer" && service.status?.loadBalancer?.ingress === undefined) {
      const status = { loadBalancer: { ingress: [{ ip: clusterIP }] } };
      const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
      this.#api.request("PATCH", path, { status }).catch(() => {}); // it may be gone already
    }
  }

  #places(
    namespace: string,
    service: string,
    portName = "",
  ): { hostname: string; port: number }[] {
    return [...this.#slices.values()].filter(({ metadata }) =>
      metadata.namespace === namespace &&
      metadata.labels?.["kubernetes.io/service-name"] === service
    ).flatMap(({ endpoints, ports }) =>
      (ports ?? []).filter(({ name = "" }) => name === portName).flatMap(({ port }) =>
        (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses }) => addresses.map((hostname) => ({ hostname, port })))
      )
    );
  }
}
