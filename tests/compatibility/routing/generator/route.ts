/** Routes with every policy at times. */
import type { Random } from "../../../support/world/random.ts";
import { routeConditions } from "./conditions.ts";
import { cookies, requestHeaders, responseHeaders, services } from "./service.ts";

/** A route that is valid, on its own at least. */
export function route(random: Random): object {
  const dice = random.next();
  const kind = random.chance(0.5) ? "prefix" : "any";
  const conditions = random.maybe(0.93, "conditions", () => routeConditions(random, kind));
  const common = {
    ...conditions,
    ...random.maybe(0.2, "permitInsecure", () => true),
  };
  if (dice < 0.1) return { ...common, directResponsePolicy: directResponse(random) };
  if (dice < 0.22) return { ...common, requestRedirectPolicy: redirect(random) };
  return { ...common, ...served(random, kind) };
}

function directResponse(random: Random): object {
  return {
    statusCode: random.of([200, 204, 301, 404, 418, 503]),
    ...random.maybe(0.6, "body", () => random.of(["hello", '{"a": 1}', "50% off %PROTOCOL%", " "])),
  };
}

function redirect(random: Random): object {
  return {
    ...random.maybe(0.4, "scheme", () => random.of(["http", "https"])),
    ...random.maybe(0.4, "hostname", () => "elsewhere.test"),
    ...random.maybe(0.3, "port", () => random.of([80, 443, 8_080])),
    ...random.maybe(0.5, "statusCode", () => random.of([301, 302, 303, 307, 308])),
    ...random.of<object>([{}, {}, { path: "/gone" }, { path: "/" }, { prefix: "/new" }, {
      prefix: "/",
    }]),
  };
}

function served(random: Random, kind: "prefix" | "any"): object {
  const balancing = random.maybe(0.25, "loadBalancerPolicy", () => loadBalancing(random));
  const strategy = Object(balancing).loadBalancerPolicy?.strategy ?? "RoundRobin";
  const slowStart = strategy === "RoundRobin" || strategy === "WeightedLeastRequest";
  return {
    services: services(random, { slowStart }),
    ...balancing,
    ...random.maybe(0.15, "enableWebsockets", () => true),
    ...random.maybe(0.25, "timeoutPolicy", () => timeouts(random)),
    ...random.maybe(0.2, "retryPolicy", () => retries(random)),
    ...(kind === "prefix" ? random.maybe(0.25, "pathRewritePolicy", () => rewrite(random)) : {}),
    ...random.maybe(0.3, "requestHeadersPolicy", () => requestHeaders(random, "route")),
    ...random.maybe(0.3, "responseHeadersPolicy", () => responseHeaders(random)),
    ...random.maybe(0.15, "cookieRewritePolicies", () => cookies(random)),
    ...random.maybe(0.06, "internalRedirectPolicy", () => internalRedirects(random)),
    ...(random.chance(0.1)
      ? { [random.of(["ipAllowPolicy", "ipDenyPolicy"])]: addresses(random) }
      : {}),
  };
}

function loadBalancing(random: Random): object {
  const policies = [
    { headerHashOptions: { headerName: "X-User" } },
    { queryParameterHashOptions: { parameterName: "User" } },
    { hashSourceIP: true },
  ].filter(() => random.chance(0.5)).map((each) => ({
    ...each,
    ...random.maybe(0.4, "terminal", () => random.chance(0.7)),
  }));
  return random.of<object>([
    { strategy: "RoundRobin" },
    { strategy: "WeightedLeastRequest" },
    { strategy: "Random" },
    { strategy: "Cookie" },
    { strategy: "RequestHash", requestHashPolicies: policies },
    { strategy: "RequestHash", requestHashPolicies: policies },
  ]);
}

function timeouts(random: Random): object {
  return {
    ...random.maybe(
      0.6,
      "response",
      () => random.of(["700ms", "5s", "0s", "infinity", "1m"]),
    ),
    ...random.maybe(0.4, "idle", () => random.of(["900ms", "10s", "0s", "infinity"])),
    ...random.maybe(0.4, "idleConnection", () => random.of(["10s", "0s", "infinity"])),
  };
}

function retries(random: Random): object {
  return {
    ...random.maybe(0.7, "count", () => random.of([-1, 0, 1, 2, 3])),
    ...random.maybe(0.4, "perTryTimeout", () => random.of(["800ms", "0s", "infinity", "20s"])),
    ...random.maybe(
      0.6,
      "retryOn",
      () =>
        random.of([["5xx"], ["gateway-error"], ["retriable-status-codes"], ["reset"], [
          "retriable-4xx",
          "retriable-status-codes",
        ], ["unavailable", "cancelled"]]),
    ),
    ...random.maybe(0.4, "retriableStatusCodes", () => [random.of([418, 503, 404])]),
  };
}

function rewrite(random: Random): object {
  return {
    replacePrefix: random.of<object[]>([
      [{ replacement: "/" }],
      [{ replacement: "/n" }],
      [{ replacement: "/n/" }],
      [{ replacement: "n" }],
      [{ prefix: "/a", replacement: "/m" }],
      [{ prefix: "/a/", replacement: "/m" }],
      [{ prefix: "/a", replacement: "/m/" }, { replacement: "/n/" }],
      [{ prefix: "/v1/a", replacement: "/" }, { prefix: "/", replacement: "/root" }],
    ]),
  };
}

function internalRedirects(random: Random): object {
  return {
    ...random.maybe(0.5, "maxInternalRedirects", () => random.of([0, 1, 3])),
    ...random.maybe(0.5, "redirectResponseCodes", () => random.of([[302], [301, 307], [303, 308]])),
    ...random.maybe(
      0.5,
      "allowCrossSchemeRedirect",
      () => random.of(["Always", "Never", "SafeOnly"]),
    ),
    ...random.maybe(0.4, "denyRepeatedRouteRedirect", () => random.chance(0.7)),
  };
}

/** Ranges of addresses that clients come from, or do not. */
export function addresses(random: Random): object[] {
  return Array.from({ length: 1 + random.below(2) }, () => ({
    source: random.of(["Peer", "Remote"]),
    cidr: random.of([
      "127.0.9.0/24",
      "127.0.9.77/24",
      "127.0.0.1",
      "127.0.0.1/32",
      "127.0.9.1",
      "10.0.0.0/8",
      "::1",
      "2001:db8::/32",
    ]),
  }));
}
