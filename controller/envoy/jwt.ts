import type { JwtKeys, JwtProvider } from "../graph/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";
import { filterNames } from "./names.ts";

/**
 * The filter that checks tokens. It has no rules of its own: a route says by name whose token it
 * wants.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
 */
export function jwtFilter(providers: readonly JwtProvider[]): Message {
  return {
    name: filterNames.jwtAuthentication,
    typedConfig: {
      "@type": "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
      providers: Object.fromEntries(providers.map((one) => [one.name, provider(one)])),
      requirementMap: Object.fromEntries(
        providers.map(({ name }) => [name, { providerName: name }]),
      ),
    },
  };
}

/** What the filter is told of a route that wants a token of a provider. */
export function routeToken(provider: string): Message {
  return {
    "@type": "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
    requirementName: provider,
  };
}

function provider({ issuer, audiences, forward, keys }: JwtProvider): Message {
  return {
    ...(issuer === "" ? {} : { issuer }),
    ...(audiences.length === 0 ? {} : { audiences }),
    ...(forward ? { forward } : {}),
    // For plugins: claims by which requests are told apart.
    payloadInMetadata: "payload",
    ...keySource(keys),
  };
}

function keySource(keys: JwtKeys): Message {
  switch (keys.kind) {
    case "local":
      return { localJwks: { inlineBytes: new TextEncoder().encode(keys.jwks) } };
    case "remote": {
      const { uri, server, timeoutMs, cacheMs } = keys;
      return {
        remoteJwks: {
          httpUri: { uri, cluster: server.name, timeout: duration(timeoutMs) },
          ...(cacheMs === undefined ? {} : { cacheDuration: duration(cacheMs) }),
        },
      };
    }
  }
}
