import { conditions } from "./conditions.ts";
import { addresses, rateLimitPolicy, secretName } from "./http_proxy.ts";
import type { Random } from "./random.ts";
import { names, ports } from "./surroundings.ts";

/** A route with every policy at times. */
export function route(random: Random, mistakes: number): object {
  return {
    ...random.maybe(0.9, "conditions", () => conditions(random, mistakes, "route")),
    ...action(random, mistakes),
    ...random.maybe(0.2, "enableWebsockets", () => true),
    ...random.maybe(0.2, "permitInsecure", () => true),
    ...random.maybe(0.2, "timeoutPolicy", () => ({
      [random.of(["response", "idle", "idleConnection"])]: duration(random, mistakes),
    })),
    ...random.maybe(0.2, "retryPolicy", () => ({
      count: random.below(4) - 1,
      ...random.maybe(0.5, "perTryTimeout", () => "1s"),
      ...random.maybe(0.5, "retryOn", () => ["reset", "retriable-status-codes"]),
    })),
    ...random.maybe(0.2, "healthCheckPolicy", () => ({
      path: random.of(["/healthy", "/"]),
      ...random.maybe(0.3, "expectedStatuses", () => [{
        start: random.chance(mistakes) ? 500 : 200,
        end: 300,
      }]),
    })),
    ...random.maybe(0.3, "loadBalancerPolicy", () => loadBalancerPolicy(random, mistakes)),
    ...random.maybe(0.2, "pathRewritePolicy", () => ({
      replacePrefix: Array.from({ length: random.chance(mistakes) ? 2 : 1 }, () => ({
        ...random.maybe(0.5, "prefix", () => random.of(["/a", "/c/a"])),
        replacement: random.of(["/", "/x", "/x/"]),
      })),
    })),
    ...random.maybe(0.2, "requestHeadersPolicy", () => headersPolicy(random, mistakes)),
    ...random.maybe(0.2, "responseHeadersPolicy", () => responseHeadersPolicy(random, mistakes)),
    ...random.maybe(0.1, "cookieRewritePolicies", () => [cookie(random, mistakes)]),
    ...random.maybe(0.1, "rateLimitPolicy", () => rateLimitPolicy(random, mistakes)),
    ...random.maybe(0.1, "internalRedirectPolicy", () => ({})),
    ...random.maybe(0.1, "ipDenyPolicy", () => [addresses(random, mistakes)]),
    ...random.maybe(0.05, "authPolicy", () => ({ disabled: random.chance(0.5) })),
    ...random.maybe(0.05, "jwtVerificationPolicy", () => ({
      ...(random.chance(0.5) ? { disabled: true } : { require: random.of(["one", "nobody"]) }),
    })),
  };
}

function action(random: Random, mistakes: number): object {
  if (random.chance(mistakes)) return {};
  if (random.chance(0.1)) {
    return { directResponsePolicy: { statusCode: 200 + random.below(300), body: "hello" } };
  }
  if (random.chance(0.1)) {
    return {
      requestRedirectPolicy: {
        ...random.maybe(0.5, "hostname", () => "elsewhere.test"),
        ...random.maybe(0.5, "path", () => "/elsewhere"),
        ...random.maybe(mistakes, "prefix", () => "/elsewhere"),
      },
    };
  }
  return {
    services: Array.from({ length: 1 + random.below(2) }, () => routeService(random, mistakes)),
  };
}

/** A Service of a route or TCP proxy, which may not exist. */
export function routeService(random: Random, mistakes: number): object {
  return {
    name: random.chance(mistakes) ? "nobody" : random.of(names.services),
    port: random.chance(mistakes) ? 9999 : random.of(ports),
    ...random.maybe(0.1, "healthPort", () => random.of(ports)),
    ...random.maybe(0.3, "protocol", () => random.of(["h2", "h2c", "tls"])),
    ...random.maybe(0.4, "weight", () => random.below(100)),
    ...random.maybe(0.15, "mirror", () => true),
    ...random.maybe(0.1, "validation", () => ({
      caSecret: secretName(random),
      subjectName: "a.test",
    })),
    ...random.maybe(0.15, "requestHeadersPolicy", () => headersPolicy(random, mistakes)),
    ...random.maybe(0.15, "responseHeadersPolicy", () => responseHeadersPolicy(random, mistakes)),
    ...random.maybe(0.1, "cookieRewritePolicies", () => [cookie(random, mistakes)]),
    ...random.maybe(0.1, "slowStartPolicy", () => ({ window: duration(random, mistakes) })),
  };
}

function duration(random: Random, mistakes: number): string {
  return random.chance(mistakes) ? "h" : random.of(["1s", "0s", "1m30s", "500ms"]);
}

function loadBalancerPolicy(random: Random, mistakes: number): object {
  return {
    strategy: random.of(["RoundRobin", "WeightedLeastRequest", "Random", "Cookie", "RequestHash"]),
    ...random.maybe(0.8, "requestHashPolicies", () => [{
      headerHashOptions: { headerName: random.chance(mistakes) ? "x y" : "x-user" },
      ...random.maybe(mistakes, "hashSourceIP", () => true),
    }]),
  };
}

function responseHeadersPolicy(random: Random, mistakes: number): object {
  return headersPolicy(random, mistakes, random.chance(mistakes) ? ["Host"] : ["x-a", "x-b"]);
}

function headersPolicy(
  random: Random,
  mistakes: number,
  names: readonly string[] = ["x-a", "x-b", "Host"],
): object {
  return {
    ...random.maybe(0.8, "set", () => [{
      name: random.chance(mistakes) ? "x y" : random.of(names),
      value: random.of(["v", "%CONTOUR_NAMESPACE%", "%REQ(x-a)%", "100%"]),
    }]),
    ...random.maybe(0.4, "remove", () => [random.chance(mistakes) ? "host" : "x-c"]),
  };
}

function cookie(random: Random, mistakes: number): object {
  return {
    name: random.of(["session", "cart"]),
    ...(random.chance(mistakes) ? {} : { secure: random.chance(0.5) }),
  };
}
