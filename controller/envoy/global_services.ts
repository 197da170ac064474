import type { ExtensionRef, GlobalServices } from "../graph/mod.ts";
import type { Message, Violation } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { authorizationViolations, externalAuthorizationFilter } from "./external_authorization.ts";
import { httpFilter } from "./http_filter.ts";
import { envoyViolations } from "./message_rules.ts";
import { extensionName, filterNames } from "./names.ts";
import { rateLimitFilter } from "./rate_limit.ts";
import { compareText } from "./resource.ts";
import { tracingField } from "./tracing.ts";

/** The filters by which the services of all hosts are asked, where no host says otherwise. */
export function globalFilters({ authorization, rateLimits }: GlobalServices): readonly Message[] {
  return [
    ...(authorization === undefined ? [] : [externalAuthorizationFilter(authorization)]),
    ...(rateLimits === undefined ? [] : [rateLimitFilter(rateLimits)]),
  ];
}

/** The ExtensionServices behind the services of all hosts, each once, by name. */
export function globalExtensions(
  { authorization, rateLimits, tracing }: GlobalServices,
): readonly ExtensionRef[] {
  return distinctExtensions([
    ...(authorization === undefined ? [] : [authorization.extension]),
    ...(rateLimits === undefined ? [] : [rateLimits.server.extension]),
    ...(tracing === undefined ? [] : [tracing.server.extension]),
  ]);
}

/** The same ExtensionServices, each once, by name. */
export function distinctExtensions(extensions: readonly ExtensionRef[]): readonly ExtensionRef[] {
  return [...new Map(extensions.map((each) => [extensionName(each), each])).values()]
    .sort((a, b) => compareText(extensionName(a), extensionName(b)));
}

/**
 * What Envoy would refuse of the services of all hosts, and every listener with it. It follows from
 * the configuration alone, which is to be refused for it.
 */
export function globalServiceViolations(services: GlobalServices): readonly Violation[] {
  return [
    ...envoyViolations("envoy.config.listener.v3.FilterChain", {
      filters: [{
        name: "envoy.filters.network.http_connection_manager",
        typedConfig: {
          "@type":
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          statPrefix: "check",
          rds: { configSource: ads, routeConfigName: "check" },
          httpFilters: [...globalFilters(services), router],
          ...tracingField(services.tracing),
        },
      }],
    }),
    ...authorizationViolations(services.authorization),
  ];
}

/** Without it what is checked would be no chain of filters. */
const router = httpFilter(filterNames.router, "router.v3.Router");
