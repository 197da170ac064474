import type { Random } from "./random.ts";
import { names, ports } from "./surroundings.ts";

/**
 * An Ingress whose hosts are those of HTTPProxies and of other Ingresses, right and wrong in every
 * way: of another class, older or younger, with backends and certificates that may not be there.
 */
export function ingress(random: Random): object {
  const annotations = Object.fromEntries(
    Object.entries(annotationValues).filter(() => random.chance(0.15))
      .map(([name, values]) => [name, random.of(values)]),
  );
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      namespace: random.of(names.namespaces),
      name: `i${random.below(3)}`,
      annotations,
      ...random.maybe(0.7, "creationTimestamp", () => `202${random.below(4)}-01-01T00:00:00Z`),
    },
    spec: {
      ...random.maybe(0.1, "ingressClassName", () => random.of(["contour", "other"])),
      ...random.maybe(0.25, "defaultBackend", () => backend(random)),
      ...random.maybe(0.9, "rules", () => random.several(3, () => rule(random))),
      ...random.maybe(0.5, "tls", () => random.several(2, () => tls(random))),
    },
  };
}

const hosts = [...names.sharedHosts, "r0.a.test", "r1.b.test", "i.test", "*.a.test"];

function rule(random: Random): object {
  return {
    ...random.maybe(0.85, "host", () => random.chance(0.03) ? "no host" : random.of(hosts)),
    ...random.maybe(0.97, "http", () => ({ paths: random.several(3, () => path(random)) })),
  };
}

function path(random: Random): object {
  return {
    ...random.maybe(
      0.95,
      "path",
      () => random.of(["/", "/a", "/a/", "/a/b", "/a?b", "/[a-z]+", "/["]),
    ),
    pathType: random.of(["Prefix", "Exact", "ImplementationSpecific"]),
    backend: backend(random),
  };
}

function backend(random: Random): object {
  if (random.chance(0.03)) return { resource: { kind: "Bucket", name: "b" } };
  const port = random.chance(0.6)
    ? { number: random.of(ports) }
    : { name: random.of(["http", "port-81", "nobody"]) };
  return { service: { name: random.of(names.services), port } };
}

function tls(random: Random): object {
  return {
    ...random.maybe(0.95, "hosts", () => random.several(2, () => random.of(hosts))),
    ...random.maybe(0.95, "secretName", () => random.of(names.secrets)),
  };
}

const annotationValues: Readonly<Record<string, readonly string[]>> = {
  "ingress.kubernetes.io/force-ssl-redirect": ["true", "false", "yes"],
  "kubernetes.io/ingress.allow-http": ["true", "false"],
  "kubernetes.io/ingress.class": ["contour", "other"],
  "projectcontour.io/num-retries": ["3", "-1", "many"],
  "projectcontour.io/per-try-timeout": ["1s", "infinity", "-1s"],
  "projectcontour.io/request-timeout": ["10s"],
  "projectcontour.io/response-timeout": ["5s", "infinity", "soon", "-5s"],
  "projectcontour.io/retry-on": ["5xx", "gateway-error,reset", "sometimes"],
  "projectcontour.io/tls-cert-namespace": names.namespaces,
  "projectcontour.io/tls-maximum-protocol-version": ["1.2", "1.3"],
  "projectcontour.io/tls-minimum-protocol-version": ["1.3", "1.1"],
  "projectcontour.io/unheard-of": ["x"],
  "projectcontour.io/websocket-routes": ["/a", "/a, /"],
};
