import type { FilterRole } from "../plugin/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { cookieRewriteFilter } from "./cookie_rewrite.ts";
import { httpFilter } from "./http_filter.ts";
import { filterNames } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { pluginFilter, type PluginFilterUse } from "./plugin_filter.ts";

/**
 * The HTTP filters that every connection manager has, in the order requests pass them; `first` go
 * before, and `checks` of who may pass come after all others but the last. Those without settings
 * wait for what hosts and routes say to them. Filters of plugins have their places among them.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters
 */
export function httpFilters(
  { connectionManager: { compression = "gzip" } = {}, plugins }: EnvoyOptions,
  first: readonly Message[] = [],
  checks: readonly Message[] = [],
  use: PluginFilterUse = { disabled: true },
): readonly Message[] {
  const own = [
    ...(compression === "none" ? [] : [compressor(compression)]),
    ...common,
    ...checks,
    router,
  ];
  if (plugins === undefined) return [...first, ...own];
  const byName = new Map(own.map((filter) => [filter["name"], filter]));
  return [
    ...first,
    ...plugins.chain.flatMap((stage) => {
      if (stage.kind === "plugin") return pluginFilter(stage.filter, use);
      return byName.get(roleNames[stage.role]) ?? [];
    }),
  ];
}

/** What Envoy calls the filter of a role. */
const roleNames: Readonly<Record<FilterRole, string>> = {
  "compression": filterNames.compressor,
  "grpc-web": filterNames.grpcWeb,
  "grpc-stats": filterNames.grpcStats,
  "cors": filterNames.cors,
  "local-rate-limit": filterNames.localRateLimit,
  "cookie-rewrite": filterNames.cookieRewrite,
  "ip-filter": filterNames.rbac,
  "jwt": filterNames.jwtAuthentication,
  "authorization": filterNames.externalAuthorization,
  "rate-limit": filterNames.rateLimit,
  "router": filterNames.router,
};

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

const algorithms = { gzip: "Gzip", brotli: "Brotli", zstd: "Zstd" } as const;

function compressor(name: keyof typeof algorithms): Message {
  const type = `envoy.extensions.compression.${name}.compressor.v3.${algorithms[name]}`;
  return httpFilter(filterNames.compressor, "compressor.v3.Compressor", {
    compressorLibrary: { name, typedConfig: { "@type": type } },
    responseDirectionConfig: { commonConfig: { contentType: compressible } },
  });
}

const common: readonly Message[] = [
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
];

const router = httpFilter(filterNames.router, "router.v3.Router");
