import type { PlacedFilter, PluginOptions } from "../plugin/mod.ts";
import { encodeAny, type Message } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { compareText, encodedResource, type Resource, types } from "./resource.ts";

/** How a chain has the filters of plugins. */
export interface PluginFilterUse {
  /** Whether those that are not `always` are off until a host or route says something to them. */
  readonly disabled: boolean;
  /** Names of those that are told something here; the others are left out. Absent: all are in. */
  readonly told?: ReadonlySet<string>;
}

/**
 * A filter whose configuration is a resource of its own. Envoy refuses or takes that by itself, and
 * a change of it leaves listeners and their connections alone. Until there is one that it takes, a
 * filter stands in that does nothing, or lets nobody pass.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension
 */
export function pluginFilter(filter: PlacedFilter, use: PluginFilterUse): readonly Message[] {
  const { name, type, always } = filter;
  if (use.told !== undefined && !always && !use.told.has(name)) return [];
  return [{
    name,
    configDiscovery: {
      configSource: ads,
      typeUrls: [type, standInType].map((type) => `type.googleapis.com/${type}`),
      defaultConfig: encodeAny(standInType, filter.failure === "closed" ? denyAll : {}),
    },
    ...(use.disabled && !always ? { disabled: true } : {}),
  }];
}

/** Filters that check addresses and such; without rules they let everybody pass. */
const standInType = "envoy.extensions.filters.http.rbac.v3.RBAC";

/** Allows what its policies name, and has none. */
const denyAll: Message = { rules: { action: "ALLOW", policies: {} } };

/** What plugins have served whatever the hosts are, sorted. */
export function pluginResources({ chain, clusters }: PluginOptions): readonly Resource[] {
  const filters = chain.flatMap((stage) => stage.kind === "plugin" ? [stage.filter] : []);
  return [
    ...clusters.map((message) =>
      encodedResource({ type: types.cluster, name: String(message["name"]), message })
    ).sort((a, b) => compareText(a.name, b.name)),
    ...filters.map(({ name, type, config }) =>
      encodedResource({
        type: types.typedExtensionConfig,
        name,
        message: { name, typedConfig: encodeAny(type, config) },
      })
    ).sort((a, b) => compareText(a.name, b.name)),
  ];
}
