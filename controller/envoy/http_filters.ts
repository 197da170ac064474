import type { AnyMessage, Message } from "../../proto/mod.ts";
import { cookieRewriteFilter } from "./cookie_rewrite.ts";
import { httpFilter } from "./http_filter.ts";
import { filterNames } from "./names.ts";

/**
 * The HTTP filters that every connection manager has, in the order requests pass them; `first` go
 * before. Those without settings wait for what hosts and routes say to them.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters
 */
export function httpFilters(first: readonly Message[] = []): readonly Message[] {
  return [...first, ...common];
}

/** What is worth compressing. */
const compressible = [
  "text/html",
  "text/plain",
  "text/css",
  "application/javascript",
  "application/x-javascript",
  "text/javascript",
  "text/x-javascript",
  "text/ecmascript",
  "text/js",
  "text/jscript",
  "text/x-js",
  "application/ecmascript",
  "application/x-json",
  "application/xml",
  "application/json",
  "image/svg+xml",
  "text/xml",
  "application/xhtml+xml",
  "application/grpc-web",
  "application/grpc-web+proto",
  "application/grpc-web+json",
  "application/grpc-web+thrift",
  "application/grpc-web-text",
  "application/grpc-web-text+proto",
  "application/grpc-web-text+thrift",
];

const gzip: AnyMessage = { "@type": "envoy.extensions.compression.gzip.compressor.v3.Gzip" };

const common: readonly Message[] = [
  httpFilter(filterNames.compressor, "compressor.v3.Compressor", {
    compressorLibrary: { name: "gzip", typedConfig: gzip },
    responseDirectionConfig: { commonConfig: { contentType: compressible } },
  }),
  httpFilter(filterNames.grpcWeb, "grpc_web.v3.GrpcWeb"),
  httpFilter(filterNames.grpcStats, "grpc_stats.v3.FilterConfig", {
    emitFilterState: true,
    enableUpstreamStats: true,
  }),
  httpFilter(filterNames.cors, "cors.v3.Cors"),
  httpFilter(filterNames.localRateLimit, "local_ratelimit.v3.LocalRateLimit", {
    statPrefix: "http",
  }),
  cookieRewriteFilter(),
  httpFilter(filterNames.rbac, "rbac.v3.RBAC"),
  httpFilter(filterNames.router, "router.v3.Router"),
];
