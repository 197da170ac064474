import type { GlobalServices } from "../graph/mod.ts";
import { encode, type Message, struct } from "../../proto/mod.ts";
import { globalFilters } from "./global_services.ts";
import type { RoutedHost } from "./host_fragment.ts";
import { luaFilter } from "./http_filter.ts";
import { httpFilters } from "./http_filters.ts";
import { filterNames, scopeHeader, scopeKey, wildcardScope } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import type { PluginFilterUse } from "./plugin_filter.ts";
import { virtualHostType } from "./virtual_host.ts";

/**
 * How a request finds its scope on the plain listener: the fields of the connection manager.
 *
 * Before anything else, and whatever the client sent, a private header gets the host's name. What
 * stands in it before the first colon is the key of the scope, so a port does no harm. Hosts that
 * are written in lower case and are no wildcards are found that way. For all others a script runs:
 * it tries the name in lower case, and then the scope that holds the wildcard hosts. Scopes switch
 * the script off, so it costs nothing where it is not needed.
 *
 * Envoy looks at the route for a websocket before any filter runs, when the script has not found
 * it yet. So the connection manager lets websockets through, and filters of their own decide.
 */
export function scopeFields(options: EnvoyOptions, services: GlobalServices): Message {
  const checks = globalFilters(services);
  return {
    earlyHeaderMutationExtensions: [{
      name: "contour.scope",
      typedConfig: {
        "@type": "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations: [{
          append: {
            header: { key: scopeHeader, value: scopeKey("%REQ(:AUTHORITY)%") },
            appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
          },
        }],
      },
    }],
    httpFilters: httpFilters(options, [scopeMiss], checks, inAnyScope),
    upgradeConfigs: [{
      upgradeType: "websocket",
      filters: httpFilters(options, [scopeMiss, websocketRoutes], checks, inAnyScope),
    }],
  };
}

/** How the key of a scope is read off a request. */
export const scopeKeyBuilder: Message = {
  fragments: [{ headerValueExtractor: { name: scopeHeader, elementSeparator: ":", index: 0 } }],
};

/**
 * Which filters a request passes is settled by the route it has at first, and those to wildcard
 * hosts have none. So filters of plugins are in its way, and scopes switch them off.
 */
const inAnyScope: PluginFilterUse = { disabled: false };

/** What a scope adds to its RouteConfiguration: filters that have nothing to do here. */
export function inScope({ plugins }: EnvoyOptions): Message {
  const disabled = { "@type": "envoy.config.route.v3.FilterConfig", disabled: true };
  const idle = (plugins?.chain ?? []).flatMap((stage) =>
    stage.kind === "plugin" && !stage.filter.always ? [stage.filter.name] : []
  );
  return {
    typedPerFilterConfig: {
      [filterNames.scopeMiss]: disabled,
      ...Object.fromEntries(idle.map((name) => [name, disabled])),
    },
  };
}

/**
 * A virtual host with what it needs in any scope: backends do not see the private header. Where
 * Envoy follows redirects it looks for a route again, after headers were taken away, and so has to
 * keep it.
 */
export function scopedVirtualHost({ virtualHost, followsRedirects }: RoutedHost): Uint8Array {
  return followsRedirects ? virtualHost : joined(virtualHost, withoutHeader);
}

/**
 * Marks a virtual host as found. Where the host is known and no rule takes the path, there is no
 * route to switch the script off; it sees the mark and does not look for wildcards.
 */
export function markedVirtualHost(host: RoutedHost): Uint8Array {
  return joined(scopedVirtualHost(host), mark);
}

/** Encoded messages one after the other are one message with the fields of both. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const withoutHeader = encode(virtualHostType, { requestHeadersToRemove: [scopeHeader] });

const mark = encode(virtualHostType, {
  metadata: { filterMetadata: { [filterNames.scopeMiss]: struct({ known: true }) } },
});

// `metadata()` makes Envoy look for the route again. `virtualHost()` is kept from its first call
// on, so that call has to come last.
const scopeMiss = luaFilter(
  filterNames.scopeMiss,
  `local function enter(handle, scope)
  handle:headers():replace("${scopeHeader}", scope)
  handle:clearRouteCache()
  handle:metadata()
end

function envoy_on_request(handle)
  local host = handle:headers():get(":authority") or ""
  local lower = string.lower(host)
  if lower ~= host then enter(handle, "${scopeKey("")}" .. lower) end
  if handle:virtualHost():metadata():get("known") ~= true then
    enter(handle, "${scopeKey(wildcardScope)}")
  end
end
`,
);

/** Answers 403, as Envoy itself does, where the route that was found takes no websockets. */
const websocketRoutes = luaFilter(
  filterNames.websocketRoutes,
  `function envoy_on_request(handle)
  local websocket = handle:metadata():get("websocket")
  if handle:streamInfo():routeName() ~= "" and websocket ~= true then
    handle:respond({[":status"] = "403"})
  end
end
`,
);
