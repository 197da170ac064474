import type { Random } from "./random.ts";
import { conditions } from "./conditions.ts";
import { route, routeService } from "./route.ts";
import { names } from "./surroundings.ts";

/** How often something is wrong. */
export interface Mistakes {
  /** A probability, asked for at every place where a mistake can be made. */
  readonly mistakes: number;
}

/** An HTTPProxy, root or not, that includes others, itself perhaps, and uses every feature at times. */
export function httpProxy(
  random: Random,
  {
    mistakes,
    namespace = random.of(names.namespaces),
    name = random.of([...names.roots, ...names.parts]),
  }: Mistakes & { readonly namespace?: string; readonly name?: string },
): object {
  const root = name.startsWith("r") !== random.chance(mistakes / 4);
  const virtualhost = virtualHost(random, mistakes, `${name}.${namespace}.test`);
  const tcp = root ? "tls" in virtualhost || random.chance(mistakes) : true;
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name },
    spec: {
      ...(root ? { virtualhost } : {}),
      ...random.maybe(0.05, "ingressClassName", () => random.of(["contour", "other"])),
      ...random.maybe(0.95, "routes", () => [
        route(random, mistakes),
        ...random.several(2, () => route(random, mistakes)),
      ]),
      ...random.maybe(root ? 0.8 : 0.3, "includes", () => [
        include(random, mistakes),
        ...random.several(1, () => include(random, mistakes)),
      ]),
      ...(tcp ? random.maybe(0.2, "tcpproxy", () => tcpProxy(random, mistakes)) : {}),
    },
  };
}

function virtualHost(random: Random, mistakes: number, ownHost: string): object {
  return {
    fqdn: random.chance(0.85) ? ownHost : random.of(names.sharedHosts),
    ...random.maybe(0.4, "tls", () => tls(random, mistakes)),
    ...random.maybe(0.1, "corsPolicy", () => ({
      allowOrigin: [random.chance(mistakes) ? "a(" : "*"],
      allowMethods: ["GET"],
      ...random.maybe(0.5, "maxAge", () => random.chance(mistakes) ? "h" : "10m"),
    })),
    ...random.maybe(0.1, "rateLimitPolicy", () => rateLimitPolicy(random, mistakes)),
    ...random.maybe(0.1, "ipAllowPolicy", () => [addresses(random, mistakes)]),
    ...random.maybe(mistakes / 4, "ipDenyPolicy", () => [addresses(random, mistakes)]),
    ...random.maybe(0.05, "authorization", () => authorization(random, mistakes)),
    ...random.maybe(0.05, "jwtProviders", () => jwtProviders(random, mistakes)),
  };
}

function authorization(random: Random, mistakes: number): object {
  return {
    ...random.maybe(0.8, "extensionRef", () => ({
      name: random.of(["e0", "e1"]),
      ...random.maybe(0.5, "namespace", () => random.of(names.namespaces)),
    })),
    ...random.maybe(mistakes, "responseTimeout", () => "h"),
    ...random.maybe(0.3, "authPolicy", () => ({ disabled: random.chance(0.5) })),
  };
}

function jwtProviders(random: Random, mistakes: number): object[] {
  return ["one", "two"].slice(random.below(2)).map((name) => ({
    name: random.chance(mistakes) ? "one" : name,
    ...random.maybe(0.3, "default", () => true),
    ...(random.chance(0.7)
      ? { remoteJWKS: { uri: random.chance(mistakes) ? "ftp://x" : "https://issuer.test/keys" } }
      : { localJWKS: { secretName: random.of(names.secrets), key: "jwks" } }),
  }));
}

function tls(random: Random, mistakes: number): object {
  const version = () => random.of(["1.2", "1.3", "1.1"]);
  const passthrough = random.chance(0.3);
  return {
    ...(passthrough !== random.chance(mistakes) ? {} : { secretName: secretName(random) }),
    ...(passthrough ? { passthrough } : {}),
    ...random.maybe(0.2, "minimumProtocolVersion", version),
    ...random.maybe(0.2, "maximumProtocolVersion", version),
    ...random.maybe(0.1, "clientValidation", () => ({
      ...random.maybe(0.8, "caSecret", () => secretName(random)),
      ...random.maybe(0.3, "skipClientCertValidation", () => true),
    })),
    ...random.maybe(0.05, "enableFallbackCertificate", () => true),
  };
}

/** Of the own namespace, or of one that may have delegated it. */
export function secretName(random: Random): string {
  const name = random.of(names.secrets);
  return random.chance(0.4) ? `${random.of(names.namespaces)}/${name}` : name;
}

/** Limits that may lack what they need. */
export function rateLimitPolicy(random: Random, mistakes: number): object {
  return {
    ...random.maybe(0.6, "local", () => ({ requests: 1 + random.below(3), unit: "second" })),
    ...random.maybe(0.6, "global", () => ({
      descriptors: [{
        entries: [random.chance(mistakes) ? {} : { genericKey: { value: "x" } }],
      }],
    })),
  };
}

/** A range of addresses. */
export function addresses(random: Random, mistakes: number): object {
  return {
    source: random.of(["Peer", "Remote"]),
    cidr: random.chance(mistakes) ? "10.0.0.0/99" : random.of(["10.0.0.0/8", "192.0.2.1", "::1"]),
  };
}

function include(random: Random, mistakes: number): object {
  return {
    name: random.chance(mistakes) ? "nobody" : proxyName(random, mistakes),
    ...random.maybe(0.5, "namespace", () => random.of(names.namespaces)),
    ...random.maybe(0.7, "conditions", () => conditions(random, mistakes, "include")),
  };
}

function proxyName(random: Random, mistakes: number): string {
  return random.of(random.chance(mistakes) ? names.roots : names.parts);
}

function tcpProxy(random: Random, mistakes: number): object {
  const target = () => ({
    name: proxyName(random, mistakes),
    ...random.maybe(0.5, "namespace", () => random.of(names.namespaces)),
  });
  const included = random.chance(0.4);
  return {
    ...(included ? { [random.of(["include", "includes"])]: target() } : {}),
    ...(included === random.chance(mistakes)
      ? { services: [routeService(random, mistakes), routeService(random, mistakes)] }
      : {}),
    ...random.maybe(0.3, "loadBalancerPolicy", () => ({
      strategy: random.of(["Random", "Cookie", "RoundRobin"]),
    })),
    ...random.maybe(0.2, "healthCheckPolicy", () => ({ intervalSeconds: 1 + random.below(3) })),
  };
}
