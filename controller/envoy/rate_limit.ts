import type {
  LocalRateLimit,
  RateLimitDescriptor,
  RateLimitEntry,
  RateLimitService,
} from "../graph/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";
import { grpcService } from "./grpc_service.ts";
import { filterNames } from "./names.ts";
import { headerMatcher } from "./route_match.ts";

/**
 * What the local rate limit filter is told of a host, or of a route in its place. `fqdn` names the
 * statistics.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
 */
export function localRateLimit(fqdn: string, limit: LocalRateLimit): Message {
  const { requests, burst, intervalMs, statusCode, responseHeaders } = limit;
  return {
    "@type": "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    statPrefix: `vhost.${fqdn}`,
    ...(statusCode === undefined ? {} : { status: { code: statusCode } }),
    tokenBucket: {
      maxTokens: requests + burst,
      tokensPerFill: { value: requests },
      fillInterval: duration(intervalMs),
    },
    filterEnabled: always,
    filterEnforced: always,
    ...(responseHeaders.length === 0 ? {} : {
      responseHeadersToAdd: responseHeaders.map(({ name, value }) => ({
        header: { key: name, value },
        appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
      })),
    }),
  };
}

/**
 * The filter that asks a rate limit service. It does so about requests that hosts or routes have
 * descriptors for.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter
 */
export function rateLimitFilter(service: RateLimitService): Message {
  const { server, domain, failOpen, limitHeaders, resourceExhausted } = service;
  const { timeout, ...grpc } = grpcService(server);
  return {
    name: filterNames.rateLimit,
    // Not encoded yet, so that it is checked with what it stands in.
    typedConfig: {
      "@type": "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
      domain,
      ...(timeout === undefined ? {} : { timeout }),
      failureModeDeny: !failOpen,
      rateLimitedAsResourceExhausted: resourceExhausted,
      rateLimitService: { grpcService: grpc, transportApiVersion: "V3" },
      enableXRatelimitHeaders: limitHeaders ? "DRAFT_VERSION_03" : "OFF",
    },
  };
}

/**
 * What a rate limit service is told of requests, for a host or a route.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-ratelimit
 */
export function rateLimitActions(descriptors: readonly RateLimitDescriptor[]): readonly Message[] {
  return descriptors.map((entries) => ({ actions: entries.map(action) }));
}

/** Says that the descriptors of the host do not count for a route. */
export const ignoreHostDescriptors: Message = {
  "@type": "envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute",
  vhRateLimits: "IGNORE",
};

const always: Message = { defaultValue: { numerator: 100, denominator: "HUNDRED" } };

function action(entry: RateLimitEntry): Message {
  switch (entry.kind) {
    case "generic-key":
      return {
        genericKey: {
          descriptorValue: entry.value,
          ...(entry.key === undefined ? {} : { descriptorKey: entry.key }),
        },
      };
    case "remote-address":
      return { remoteAddress: {} };
    case "request-header":
      return { requestHeaders: { headerName: entry.header, descriptorKey: entry.key } };
    case "header-match":
      return {
        headerValueMatch: {
          descriptorValue: entry.value,
          expectMatch: { value: entry.expectMatch },
          headers: entry.headers.map(headerMatcher),
        },
      };
  }
}
