/** HTTPProxies: roots, and what they include. */
import type { Random } from "../../../support/world/random.ts";
import { includeConditions } from "./conditions.ts";
import { addresses, route } from "./route.ts";

/** An HTTPProxy as it is applied. */
export interface Proxy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What the proxies of a world are called. */
export interface Surroundings {
  /** Whether there is a certificate for those who name no host. */
  readonly hasFallback: boolean;
  /** Names of those that roots may include, each in both namespaces. */
  readonly parts: readonly string[];
}

/** A root for a host. */
export function root(
  random: Random,
  around: Surroundings,
  { name, fqdn, tls }: {
    readonly name: string;
    readonly fqdn: string;
    readonly tls: "none" | "terminated" | "tcp" | "passthrough";
  },
): Proxy {
  const secured = tls === "none"
    ? {}
    : { tls: tlsOf(random, tls, around.hasFallback && tls === "terminated") };
  const virtualhost = {
    fqdn,
    ...secured,
    ...random.maybe(0.15, "corsPolicy", () => cors(random)),
    ...(random.chance(0.1)
      ? { [random.of(["ipAllowPolicy", "ipDenyPolicy"])]: addresses(random) }
      : {}),
  };
  const isTcp = tls === "tcp" || tls === "passthrough";
  return proxy(name, "default", {
    virtualhost,
    ...(isTcp ? { tcpproxy: tcpProxy(random, tls) } : {}),
    ...(isTcp && random.chance(0.5) ? {} : body(random, around)),
  });
}

/** What roots include; it may include those that come after it. */
export function part(
  random: Random,
  { parts }: Surroundings,
  name: string,
  namespace: string,
): Proxy {
  const others = parts.slice(parts.indexOf(name) + 1);
  return proxy(name, namespace, {
    routes: Array.from({ length: 1 + random.below(3) }, () => route(random)),
    ...random.maybe(others.length > 0 ? 0.6 : 0, "includes", () => [include(random, others)]),
  });
}

function include(random: Random, names: readonly string[]): object {
  return {
    name: random.of(names),
    ...random.maybe(0.6, "namespace", () => random.of(["default", "team"])),
    ...random.maybe(0.9, "conditions", () => includeConditions(random)),
  };
}

function proxy(name: string, namespace: string, spec: Proxy["spec"]): Proxy {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name, namespace },
    spec,
  };
}

function body(random: Random, { parts }: Surroundings): object {
  return {
    routes: Array.from({ length: 1 + random.below(4) }, () => route(random)),
    ...random.maybe(
      parts.length > 0 ? 0.6 : 0,
      "includes",
      () => Array.from({ length: 1 + random.below(2) }, () => include(random, parts)),
    ),
  };
}

function tlsOf(
  random: Random,
  tls: "terminated" | "tcp" | "passthrough",
  hasFallback: boolean,
): object {
  if (tls === "passthrough") return { passthrough: true };
  const versions = random.of<object>([
    {},
    {},
    { minimumProtocolVersion: "1.3" },
    { maximumProtocolVersion: "1.2" },
    { minimumProtocolVersion: "1.2", maximumProtocolVersion: "1.3" },
    { minimumProtocolVersion: "1.1" },
  ]);
  const secretName = random.of(["certificate", "certificate", "second", "team/delegated"]);
  if (random.chance(0.2)) {
    return { secretName, ...versions, clientValidation: clientValidation(random) };
  }
  return {
    secretName,
    ...versions,
    ...random.maybe(hasFallback ? 0.4 : 0, "enableFallbackCertificate", () => true),
  };
}

function clientValidation(random: Random): object {
  const skips = random.chance(0.25);
  return {
    ...(skips ? { skipClientCertValidation: true } : {}),
    ...(skips && random.chance(0.5) ? {} : { caSecret: "ca" }),
    ...random.maybe(0.3, "optionalClientCertificate", () => true),
    ...random.maybe(0.4, "forwardClientCertificate", () => ({
      ...random.maybe(0.6, "subject", () => true),
      ...random.maybe(0.3, "cert", () => true),
      ...random.maybe(0.3, "chain", () => true),
      ...random.maybe(0.6, "dns", () => true),
      ...random.maybe(0.6, "uri", () => true),
    })),
  };
}

function cors(random: Random): object {
  return {
    allowOrigin: random.of([
      ["*"],
      ["https://app.test"],
      ["http://App.test:8080", "https://.*\\.app\\.test"],
      [".*\\.app\\.test"],
    ]),
    allowMethods: random.of([["GET"], ["GET", "POST", "OPTIONS"]]),
    ...random.maybe(0.4, "allowHeaders", () => ["x-a", "Authorization"]),
    ...random.maybe(0.4, "exposeHeaders", () => ["X-Backend"]),
    ...random.maybe(0.4, "allowCredentials", () => random.chance(0.8)),
    ...random.maybe(0.2, "allowPrivateNetwork", () => true),
    ...random.maybe(0.5, "maxAge", () => random.of(["10m", "0s", "1h30m", "1.6s", "0"])),
  };
}

function tcpProxy(random: Random, tls: "tcp" | "passthrough"): object {
  const services = tls === "passthrough"
    ? [{ name: "tunnel", port: 80 }]
    : [{ name: random.of(["tcp", "tcp2"]), port: 80 }];
  return {
    services: random.chance(0.3)
      ? [...services.map((each) => ({ ...each, weight: 1 })), { name: "tcp2", port: 80, weight: 0 }]
      : services,
    ...random.maybe(0.3, "loadBalancerPolicy", () => ({
      strategy: random.of(["Random", "WeightedLeastRequest", "RoundRobin"]),
    })),
    ...random.maybe(0.3, "healthCheckPolicy", () => ({
      ...random.maybe(0.5, "intervalSeconds", () => 3),
      ...random.maybe(0.5, "timeoutSeconds", () => 1),
      ...random.maybe(0.5, "unhealthyThresholdCount", () => 9),
      ...random.maybe(0.5, "healthyThresholdCount", () => 1),
    })),
  };
}
