import { conditions } from "./conditions.ts";
import type { Draw, Fields } from "./draw.ts";
import { serviceName, servicePort } from "./names.ts";
import {
  addressPolicies,
  cookieRewrites,
  headersPolicy,
  healthCheck,
  loadBalancerPolicy,
  rateLimitPolicy,
  timeout,
  timeoutPolicy,
  upstreamValidation,
} from "./policies.ts";

/** A route with any of its fields. */
export function route(draw: Draw, namespaces: readonly string[]): Fields {
  const isRich = draw.chance(0.4);
  const maybe = <Name extends string>(chance: number, name: Name, make: () => unknown) =>
    isRich || draw.isTopic(name) ? draw.maybe(chance, name, make) : {};
  return {
    ...draw.maybe(0.8, "conditions", () => conditions(draw, "route")),
    ...draw.within("action", () => action(draw, namespaces)),
    ...maybe(0.2, "permitInsecure", () => draw.chance(0.7)),
    ...maybe(0.1, "enableWebsockets", () => true),
    ...maybe(0.2, "authPolicy", () => ({
      ...draw.maybe(0.5, "disabled", () => draw.chance(0.5)),
      ...draw.maybe(0.4, "context", () => ({ key: "value" })),
    })),
    ...maybe(0.3, "timeoutPolicy", () => timeoutPolicy(draw)),
    ...maybe(0.2, "retryPolicy", () => ({
      ...draw.maybe(0.6, "count", () => draw.value([3, 0, -1], [], [-2])),
      ...draw.maybe(0.5, "perTryTimeout", () => timeout(draw)),
      ...draw.maybe(0.5, "retryOn", () => [draw.value(["5xx", "reset"], [], ["odd"])]),
      ...draw.maybe(0.2, "retriableStatusCodes", () => [503]),
    })),
    ...maybe(0.25, "healthCheckPolicy", () => healthCheck(draw)),
    ...maybe(0.35, "loadBalancerPolicy", () => loadBalancerPolicy(draw)),
    ...maybe(0.3, "pathRewritePolicy", () => ({
      replacePrefix: draw.several(3, () => ({
        ...draw.maybe(0.6, "prefix", () => draw.value(["/a", "/a/", "/b"], ["/a"], [""])),
        replacement: draw.value(["/", "/x", "/x/"], ["x"], [""]),
      })),
    })),
    ...maybe(0.3, "requestHeadersPolicy", () => headersPolicy(draw)),
    ...maybe(0.3, "responseHeadersPolicy", () => headersPolicy(draw)),
    ...maybe(0.2, "cookieRewritePolicies", () => cookieRewrites(draw)),
    ...maybe(0.25, "rateLimitPolicy", () => rateLimitPolicy(draw)),
    ...maybe(0.1, "internalRedirectPolicy", () => ({
      ...draw.maybe(0.5, "maxInternalRedirects", () => draw.below(4)),
      ...draw.maybe(0.4, "redirectResponseCodes", () => [draw.value([302, 307], [], [305])]),
      ...draw.maybe(
        0.5,
        "allowCrossSchemeRedirect",
        () => draw.value(["Always", "SafeOnly", "Never"], [], ["Sometimes"]),
      ),
      ...draw.maybe(0.3, "denyRepeatedRouteRedirect", () => true),
    })),
    ...draw.maybe(0.06, "jwtVerificationPolicy", () => ({
      ...draw.maybe(
        draw.isTopic("jwtVerificationPolicy") ? 0.9 : 0.2,
        "require",
        () => draw.value(["one", "two"], ["three", "four", ""]),
      ),
      ...draw.maybe(0.3, "disabled", () => true),
    })),
    ...draw.within(
      "addresses",
      () => draw.isTopic("addresses") || (isRich && draw.chance(0.2)) ? addressPolicies(draw) : {},
    ),
  };
}

function action(draw: Draw, namespaces: readonly string[]): Fields {
  const services = () => ({
    services: draw.within(
      "services",
      () => draw.some(draw.chance(0.3) ? 3 : 1, () => routeService(draw, namespaces)),
    ),
  });
  const others = [
    () => ({
      requestRedirectPolicy: {
        ...draw.maybe(0.4, "scheme", () => draw.value(["http", "https"], [], ["ftp"])),
        ...draw.maybe(0.4, "hostname", () => draw.value(["elsewhere.test"], [], ["*.test", ""])),
        ...draw.maybe(0.3, "port", () => draw.value([80, 8443], [], [0, 65536])),
        ...draw.maybe(0.4, "statusCode", () => draw.value([301, 308], [], [300])),
        ...draw.maybe(draw.errs() ? 1 : 0.3, "path", () => draw.value(["/x"], [], ["x"])),
        ...draw.maybe(draw.errs() ? 1 : 0.3, "prefix", () => draw.value(["/x"], [], ["x"])),
      },
    }),
    () => ({
      directResponsePolicy: {
        statusCode: draw.value([200, 404, 503], [], [199, 600]),
        ...draw.maybe(0.3, "body", () => "gone"),
      },
    }),
  ];
  if (draw.errs()) return draw.of([() => ({}), () => ({ services: [] })])();
  if (draw.errs()) return { ...services(), ...draw.of(others)() };
  if (draw.errs()) return Object.assign({}, ...others.map((make) => make()));
  return draw.chance(0.85) ? services() : draw.of(others)();
}

/** A Service of a route or a TCP proxy. */
export function routeService(draw: Draw, namespaces: readonly string[]): Fields {
  const isRich = draw.chance(0.35);
  const maybe = <Name extends string>(chance: number, name: Name, make: () => unknown) =>
    isRich || draw.isTopic(name) ? draw.maybe(chance, name, make) : {};
  return {
    name: serviceName(draw),
    port: servicePort(draw),
    ...maybe(0.2, "healthPort", () => servicePort(draw)),
    ...maybe(0.5, "protocol", () => draw.value(["h2", "h2c", "tls"], [], ["http", ""])),
    ...draw.maybe(0.2, "weight", () => draw.value([0, 10, 90], [1000], [-1])),
    ...draw.maybe(draw.errs() ? 0.7 : 0.1, "mirror", () => true),
    ...maybe(0.5, "validation", () => upstreamValidation(draw, namespaces)),
    ...maybe(0.2, "requestHeadersPolicy", () => headersPolicy(draw)),
    ...maybe(0.2, "responseHeadersPolicy", () => headersPolicy(draw)),
    ...maybe(0.2, "cookieRewritePolicies", () => cookieRewrites(draw)),
    ...maybe(0.25, "slowStartPolicy", () => ({
      window: draw.value(["10s", "1m"], ["s", "h", ".s"]),
      ...draw.maybe(
        0.5,
        "aggression",
        () => draw.value(["1.0", "0.5", ".5"], ["0", "0.0"], ["x", "-1"]),
      ),
      ...draw.maybe(0.3, "minWeightPercent", () => draw.value([10, 100], [], [101])),
    })),
  };
}
