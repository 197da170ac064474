import protobuf from "protobufjs";
import { encode, type Message, messageType } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import type { HostFragment } from "./host_fragment.ts";
import { fallbackHosts } from "./fallback.ts";
import type { LayoutPlan } from "./layout.ts";
import { plainListener } from "./listener.ts";
import { listenerNames, scopeKey, scopeName, wildcardScope } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { type Resource, resourceOf, types } from "./resource.ts";
import { encodedRouteConfiguration } from "./route_configuration.ts";
import {
  inScope,
  markedVirtualHost,
  scopedVirtualHost,
  scopeFields,
  scopeKeyBuilder,
} from "./scope_miss.ts";
import { secureHosts, secureRouteConfigurations } from "./secure_hosts.ts";

/**
 * A scope of its own for each plain host, so that a change costs what the host costs, however many
 * others there are. Wildcard hosts share one scope. Requests get the same answers as in the flat
 * layout; how a request finds its scope is told in scope_miss.ts.
 *
 * Whoever sends scopes has to know of a weakness of Envoy (seen in 1.39.3): when it refuses a
 * response, it remembers the scopes that stood before the bad one without using them, and takes no
 * notice of them when they are sent again unchanged. They have to be taken back first, to the form
 * accepted before or by removal, and then sent again.
 * See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing#arch-overview-http-routing-route-scope
 */
export function scopedPlan(options: EnvoyOptions): LayoutPlan {
  const extra = inScope(options);
  return {
    plainListener: (services) =>
      plainListener(options, services, {
        scopedRoutes: {
          name: listenerNames.http,
          scopeKeyBuilder,
          rdsConfigSource: ads,
          scopedRds: { scopedRdsConfigSource: ads },
        },
        ...scopeFields(options, services),
      }),
    own: (fragment) => [...scopes(fragment, extra), ...secureRouteConfigurations(fragment)],
    shared: [
      {
        type: types.scopedRouteConfiguration,
        name: scopeName(wildcardScope),
        // Served without hosts too, so that there always is a first answer about scopes.
        compose: (hosts) => encodedScope(wildcardScope, hosts, extra),
        part: ({ fqdn, plain }) =>
          plain && isWildcard(fqdn)
            ? { body: scopedVirtualHost(plain), clusters: plain.clusters }
            : undefined,
      },
      secureHosts(options),
      fallbackHosts,
    ],
  };
}

function scopes({ fqdn, plain }: HostFragment, extra: Message): readonly Resource[] {
  if (plain === undefined || isWildcard(fqdn)) return [];
  return [resourceOf({
    type: types.scopedRouteConfiguration,
    name: scopeName(fqdn),
    body: encodedScope(fqdn, [markedVirtualHost(plain)], extra),
    clusters: plain.clusters,
  })];
}

/** A scope with its RouteConfiguration inside: one resource to send and to wait for, not two. */
function encodedScope(
  host: string,
  virtualHosts: readonly Uint8Array[],
  extra: Message,
): Uint8Array {
  const name = scopeName(host);
  const head = encode(types.scopedRouteConfiguration, {
    name,
    key: { fragments: [{ stringKey: scopeKey(host) }] },
  });
  const inline = encodedRouteConfiguration(name, virtualHosts, extra);
  const tag = inlineField.id << 3 | 2;
  const tail = new protobuf.Writer().uint32(tag).bytes(inline).finish();
  const scope = new Uint8Array(head.length + tail.length);
  scope.set(head);
  scope.set(tail, head.length);
  return scope;
}

const inlineField = messageType(types.scopedRouteConfiguration).lookup("routeConfiguration", [
  protobuf.Field,
]) as protobuf.Field;

function isWildcard(fqdn: string): boolean {
  return fqdn.startsWith("*");
}
