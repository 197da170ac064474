import type { Random } from "./random.ts";

/** Few names, so that objects meet. */
export const names = {
  namespaces: ["a", "b"],
  roots: ["r0", "r1", "r2"],
  parts: ["p0", "p1", "p2"],
  services: ["s0", "s1", "s2"],
  secrets: ["c0", "c1"],
  sharedHosts: ["shared.test", "*.test"],
} as const;

/** Numbers that Services may or may not have. */
export const ports = [80, 81, 443] as const;

/** A Service with some ports, of all the kinds that tell them apart. */
export function service(
  random: Random,
  { namespace = random.of(names.namespaces), name = random.of(names.services) }: {
    readonly namespace?: string;
    readonly name?: string;
  } = {},
): object {
  const external = random.chance(0.03);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace,
      name,
      annotations: {
        ...random.maybe(0.1, "projectcontour.io/max-requests", () => String(random.below(3))),
        ...random.maybe(0.1, "projectcontour.io/upstream-protocol.h2c", () => "http"),
      },
    },
    spec: {
      ...(external
        ? { type: "ExternalName", externalName: random.of(["example.net", "localhost"]) }
        : {}),
      ports: ports.filter(() => random.chance(0.98)).map((port) => ({
        port,
        ...(port === 80 ? random.maybe(0.7, "name", () => "http") : { name: `port-${port}` }),
        ...random.maybe(0.01, "protocol", () => "UDP"),
        ...random.maybe(0.1, "appProtocol", () => random.of(["https", "kubernetes.io/h2c", "x"])),
      })),
    },
  };
}

/** An EndpointSlice of some Service, with addresses that are none among them. */
export function endpointSlice(random: Random): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      namespace: random.of(names.namespaces),
      name: `slice-${random.below(4)}`,
      labels: random.maybe(0.9, "kubernetes.io/service-name", () => random.of(names.services)),
    },
    addressType: random.of(["IPv4", "IPv4", "IPv4", "FQDN"]),
    ports: random.several(2, () => ({
      name: random.of(["", "http", "port-81"]),
      port: 8000 + random.below(3),
    })),
    endpoints: random.several(3, () => ({
      addresses: [random.chance(0.05) ? "nowhere" : `10.0.0.${1 + random.below(5)}`],
      ...random.maybe(0.3, "conditions", () => ({ ready: random.chance(0.5) })),
    })),
  };
}

/** A delegation of some Secrets to the other namespace, or to all. */
export function delegation(random: Random): object {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "TLSCertificateDelegation",
    metadata: { namespace: random.of(names.namespaces), name: `d${random.below(2)}` },
    spec: {
      delegations: [0, 1].slice(random.below(2)).map(() => ({
        secretName: random.of(names.secrets),
        targetNamespaces: random.of([["a"], ["b"], ["*"], ["*", "a"]]),
      })),
    },
  };
}
