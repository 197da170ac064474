import type { ExternalAuthorization, HeaderNameMatch, RouteAuthorization } from "../graph/mod.ts";
import { duration, type Message, type Violation } from "../../proto/mod.ts";
import { grpcService } from "./grpc_service.ts";
import { extensionName, filterNames } from "./names.ts";
import { timeoutDuration } from "./timeout.ts";

/**
 * The filter that asks a server whether a request may pass. Routes are chosen again once it said so:
 * headers that it added can lead elsewhere.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
 */
export function externalAuthorizationFilter(authorization: ExternalAuthorization): Message {
  const { failOpen, requestBody } = authorization;
  return {
    name: filterNames.externalAuthorization,
    typedConfig: {
      "@type": "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
      ...server(authorization),
      transportApiVersion: "V3",
      failureModeAllow: failOpen,
      ...(requestBody === undefined ? {} : {
        withRequestBody: {
          maxRequestBytes: requestBody.maximumBytes,
          allowPartialMessage: requestBody.allowPartial,
          packAsBytes: requestBody.packAsBytes,
        },
      }),
      clearRouteCache: true,
      statusOnError: { code: "Forbidden" },
      includePeerCertificate: true,
    },
  };
}

/** What the filter is told of a route. */
export function routeAuthorization(authorization: RouteAuthorization): Message {
  const type = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
  switch (authorization.kind) {
    case "disabled":
      return { "@type": type, disabled: true };
    case "context":
      return { "@type": type, checkSettings: { contextExtensions: authorization.entries } };
  }
}

/** What Envoy asks beyond the rules of its API. */
export function authorizationViolations(
  authorization: ExternalAuthorization | undefined,
): readonly Violation[] {
  if (authorization?.protocol.kind !== "http") return [];
  const { pathPrefix = "/" } = authorization.protocol;
  if (pathPrefix.startsWith("/") && /^[\x21-\x7e]*$/.test(pathPrefix)) return [];
  return [{
    path: "authorization.httpSettings.pathPrefix",
    rule: "path_prefix",
    message: `must begin with "/" and hold no spaces or line breaks`,
  }];
}

function server(authorization: ExternalAuthorization): Message {
  const { protocol, extension, timeout } = authorization;
  switch (protocol.kind) {
    case "grpc":
      return { grpcService: grpcService(authorization) };
    case "http": {
      const cluster = extensionName(extension);
      const limit = timeoutDuration(timeout);
      const { pathPrefix, requestHeaders, upstreamHeaders } = protocol;
      return {
        httpService: {
          // The server sees the host of the request; only the cluster counts here.
          serverUri: { uri: "http://dummy/", cluster, timeout: limit ?? duration(0) },
          ...(pathPrefix === undefined ? {} : { pathPrefix }),
          ...(upstreamHeaders.length === 0 ? {} : {
            authorizationResponse: { allowedUpstreamHeaders: headerNames(upstreamHeaders) },
          }),
        },
        ...(requestHeaders.length === 0 ? {} : { allowedHeaders: headerNames(requestHeaders) }),
      };
    }
  }
}

function headerNames(matches: readonly HeaderNameMatch[]): Message {
  return {
    patterns: matches.map(({ kind, text, ignoreCase }) => ({
      [kind]: text,
      ...(ignoreCase ? { ignoreCase } : {}),
    })),
  };
}
