/** Objects of teams as values, with as little around what a case is about as possible. */
import type { Manifest } from "../support/cluster/mod.ts";
import { fqdn, namespace } from "./guilty/guilty.ts";

/** Fields of an object of which no schema need approve. */
export type Fields = Readonly<Record<string, unknown>>;

/** A root of the odd host with this rest of a spec. */
export function root(spec: Fields, host: Fields = {}): Manifest {
  return proxy("odd", { virtualhost: { fqdn, ...host }, ...spec });
}

/** An HTTPProxy of this name. */
export function proxy(name: string, spec: unknown): Manifest {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name },
    spec,
  };
}

/** A root with a route to `web` that has these fields, and a sound one beside it. */
export function route(fields: Fields, host: Fields = {}): Manifest {
  return root({ routes: [{ services: [{ name: "web", port: 80 }], ...fields }, sound] }, host);
}

/** The same with conditions. */
export function on(...conditions: readonly Fields[]): Manifest {
  return route({ conditions });
}

/** A root with a route to these services, and a sound one beside it. */
export function services(...services: readonly Fields[]): Manifest {
  return root({ routes: [{ services }, sound] });
}

/** A root with a route that answers by itself, and a sound one beside it. */
export function answering(fields: Fields, host: Fields = {}): Manifest {
  return root({ routes: [fields, sound] }, host);
}

/** A root over TLS, with such a virtual host. */
export function secure(host: Fields, tls: Fields = {}): Manifest {
  return root({ routes: [{ services: [{ name: "web", port: 80 }] }, sound] }, {
    tls: { secretName: "tls", ...tls },
    ...host,
  });
}

/** Answers `/ok` without TLS, too. */
export const sound: Fields = {
  conditions: [{ prefix: "/ok" }],
  permitInsecure: true,
  authPolicy: { disabled: true },
  directResponsePolicy: { statusCode: 200, body: "ok" },
};

/** An Ingress named `odd` with a rule for the host: a path, and a sound one. */
export function ingress(
  path: Fields = {},
  { annotations = {}, ...spec }: Fields & { readonly annotations?: Fields } = {},
): Manifest {
  const backend = { service: { name: "web", port: { number: 80 } } };
  const paths = [
    { path: "/", pathType: "Prefix", backend, ...path },
    { path: "/ok", pathType: "Prefix", backend },
  ];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { namespace, name: "odd", annotations },
    spec: { rules: [{ host: fqdn, http: { paths } }], ...spec },
  };
}

/** A Secret named `odd` with texts. */
export function secret(stringData: Readonly<Record<string, string>>, type = "Opaque"): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name: "odd" },
    type,
    data: Object.fromEntries(
      Object.entries(stringData).map(([name, text]) => [
        name,
        new TextEncoder().encode(text).toBase64(),
      ]),
    ),
  };
}

/** A Service named `odd` with port 80. */
export function service(
  { annotations = {}, ...spec }: Fields & { readonly annotations?: Fields } = {},
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name: "odd", annotations },
    spec: { ports: [{ port: 80 }], ...spec },
  };
}

/** Endpoints of the Service `odd`. */
export function endpointSlice(
  endpoints: readonly Fields[],
  fields: Fields = {},
): Manifest {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace, name: "odd", labels: { "kubernetes.io/service-name": "odd" } },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080 }],
    endpoints,
    ...fields,
  };
}

/** An ExtensionService named `odd`. */
export function extension(spec: Fields): Manifest {
  return {
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { namespace, name: "odd" },
    spec: { services: [{ name: "web", port: 80 }], protocol: "h2c", ...spec },
  };
}
