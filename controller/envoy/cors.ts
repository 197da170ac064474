import type { CorsPolicy, OriginMatch } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";

/**
 * What the CORS filter is told of a host.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
 */
export function cors(policy: CorsPolicy): Message {
  return {
    "@type": "envoy.extensions.filters.http.cors.v3.CorsPolicy",
    allowOriginStringMatch: policy.origins.map(originMatcher),
    allowMethods: policy.methods.join(","),
    ...joined("allowHeaders", policy.allowHeaders),
    ...joined("exposeHeaders", policy.exposeHeaders),
    ...(policy.maxAgeSeconds === undefined ? {} : { maxAge: String(policy.maxAgeSeconds) }),
    allowCredentials: { value: policy.allowCredentials },
    allowPrivateNetworkAccess: { value: policy.allowPrivateNetwork },
  };
}

function originMatcher(origin: OriginMatch): Message {
  switch (origin.kind) {
    case "any":
      // Envoy gives the star a meaning of its own here: any origin.
      return { exact: "*", ignoreCase: true };
    case "exact":
      return { exact: origin.text, ignoreCase: true };
    case "regex":
      return { safeRegex: { regex: origin.text } };
  }
}

function joined(field: string, values: readonly string[]): Message {
  return values.length === 0 ? {} : { [field]: values.join(",") };
}
