import {
  type Diagnostic,
  formatPath,
  type PolicyKindEntry,
  type PolicyKinds,
  type Position,
} from "../api/mod.ts";
import { check, encode, encodeAny, type Message } from "../../proto/mod.ts";
import type { RunningPlugin } from "./calls.ts";
import { type EnvoyReach, type FilterRole, filterRoles, type ServiceAddress } from "./contract.ts";
import { clusterName, type FilterFacts } from "./facts.ts";
import { filterOrder } from "./filter_order.ts";
import { type PluginSet, pluginSet } from "./plugin_set.ts";

/** A plugin that somebody asked for. */
export interface RequestedPlugin {
  readonly plugin: RunningPlugin;
  /** Where it comes from, for messages: a path, the name of a package, `built in`. */
  readonly from: string;
}

/** What {@link RequestedPlugin.from} is of plugins in the box. */
export const builtInPlace = "built in";

/** What the administrator sets of a plugin. */
export interface GivenSettings {
  readonly value: unknown;
  /** Where that stands, and its parts: `settings.limits[0]`. Absent: in no file. */
  readonly locate?: (path: string) => Position;
}

/** A plugin that is in use, with its settings. */
export interface AdmittedPlugin extends RequestedPlugin {
  readonly settings: unknown;
}

/** Plugins that get along with each other. */
export interface Admission {
  readonly plugins: readonly AdmittedPlugin[];
  readonly policyKinds: PolicyKinds;
  /** Why others cannot be used: one diagnostic each. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Takes plugins in, in their order: one that bears a name, field or kind of one before it, or whose
 * settings are not valid, is left out. `settings` are by name; those of plugins that are not there
 * are told too.
 */
export function admit(
  requested: readonly RequestedPlugin[],
  settings: ReadonlyMap<string, GivenSettings> = new Map(),
): Admission {
  const plugins: AdmittedPlugin[] = [];
  const kinds = new Map<string, PolicyKindEntry>();
  const diagnostics: Diagnostic[] = [];
  const taken = new Map<string, string>();
  for (const { plugin, from } of requested) {
    const { facts } = plugin;
    const label = labelOf({ plugin, from });
    const claims = claimsOf(plugin);
    const clash = claims.find((claim) => taken.has(claim));
    if (clash !== undefined) {
      const holder = taken.get(clash) ?? "";
      diagnostics.push(notUsable(label, `its ${clash} is that of ${holder} already`));
      continue;
    }
    const given = settings.get(facts.name);
    const configured = plugin.call("configure", { settings: given?.value });
    if (!configured.ok) {
      diagnostics.push(
        notUsable(label, `it failed when it was given its settings: ${configured.message}`),
      );
      continue;
    }
    if (!configured.value.ok) {
      for (const { path, message } of configured.value.problems) {
        const field = formatPath(["settings", ...path]);
        const place = given?.locate?.(field);
        diagnostics.push({
          ...notUsable(label, `its settings are not valid: ${field}: ${message}`),
          ...(place === undefined ? {} : { position: place }),
        });
      }
      continue;
    }
    for (const claim of claims) taken.set(claim, `the plugin "${facts.name}" (${from})`);
    for (const entry of policyKindEntries(plugin)) {
      kinds.set(`${entry.apiVersion} ${entry.name}`, entry);
    }
    plugins.push({ plugin, from, settings: configured.value.settings });
  }
  const names = new Set(requested.map(({ plugin }) => plugin.facts.name));
  for (const [name, { locate }] of settings) {
    if (names.has(name)) continue;
    const place = locate?.("name");
    const there = [...names].sort().join(", ") || "none";
    diagnostics.push({
      ...notUsable(
        `"${name}"`,
        `there is none of this name, and the configuration has settings for it; there are: ${there}`,
      ),
      ...(place === undefined ? {} : { position: place }),
    });
  }
  return { plugins, policyKinds: kinds, diagnostics };
}

/** How messages call it: one in the box is known by its name. */
function labelOf({ plugin, from }: RequestedPlugin): string {
  return from === builtInPlace ? `"${plugin.facts.name}"` : from;
}

function claimsOf({ facts }: RunningPlugin): readonly string[] {
  return [
    `name "${facts.name}"`,
    ...facts.policies.flatMap(({ kind, field }) => [
      `kind "${kind}"`,
      ...(field === undefined ? [] : [`field "${field}"`]),
    ]),
  ];
}

/** The kinds that a plugin adds. */
function policyKindEntries(plugin: RunningPlugin): readonly PolicyKindEntry[] {
  return plugin.facts.policies.map(({ kind, name, apiVersion, plural }, policy) => ({
    kind,
    name,
    apiVersion,
    plural,
    read: (value, { strict }) => {
      const read = plugin.call("read", { policy, value, strict });
      if (read.ok) return read.value;
      const message = `the plugin of ${name} failed: ${read.message}`;
      return { ok: false, problems: [{ ...failure, message }] };
    },
  }));
}

const failure = { code: "CTR353", severity: "error", path: [], at: "value" } as const;

/** What plugins add for all hosts, and what the engine knows of them. */
export interface Furnishing {
  readonly set: PluginSet;
  readonly envoy: PluginOptions;
  readonly diagnostics: readonly Diagnostic[];
}

/** What plugins add to Envoy whatever the hosts are. */
export interface PluginOptions {
  /** Every role and every filter of a plugin, in the order requests pass them. */
  readonly chain: readonly PluginStage[];
  /** Envoy's Clusters, with their names. */
  readonly clusters: readonly Message[];
}

/** A place in the chain of filters. */
export type PluginStage =
  | { readonly kind: "role"; readonly role: FilterRole }
  | { readonly kind: "plugin"; readonly filter: PlacedFilter };

/** A filter of a plugin that is in the chain. */
export interface PlacedFilter {
  /** What Envoy calls it. */
  readonly name: string;
  /** Full name of its message. */
  readonly type: string;
  readonly config: Message;
  readonly always: boolean;
  readonly failure: "open" | "closed";
}

/**
 * Builds the filters and clusters of plugins, and puts the filters in order. A plugin of which a part
 * cannot be built or placed is left out as a whole. `addresses` are those of services, by plugin and
 * name; where there are none, as in `lint`, a place that nobody listens at stands for each. `envoys`
 * says where those are that are to reach them.
 */
export function furnish(
  admitted: readonly AdmittedPlugin[],
  addresses: ReadonlyMap<string, Readonly<Record<string, ServiceAddress>>> = new Map(),
  envoys: EnvoyReach = { kind: "beside" },
): Furnishing {
  const diagnostics: Diagnostic[] = [];
  const built = admitted.flatMap((each): readonly Built[] => {
    const result = build(each, addresses.get(each.plugin.facts.name), envoys);
    if (typeof result !== "string") return [result];
    diagnostics.push(notUsable(labelOf(each), result));
    return [];
  });
  for (let left = built;;) {
    const { stages, misplaced } = filterOrder(left.flatMap(({ seeking }) => seeking));
    const isMisplaced = ({ seeking }: Built) => seeking.some(({ id }) => misplaced.has(id));
    const lost = left.filter(isMisplaced);
    if (lost.length === 0) {
      const placed = new Map(left.flatMap(({ filters }) => [...filters]));
      const chain = stages.flatMap((stage): readonly PluginStage[] => {
        if (isRole(stage)) return [{ kind: "role", role: stage }];
        const filter = placed.get(stage);
        return filter === undefined ? [] : [{ kind: "plugin", filter }];
      });
      const filters = new Set([...placed.values()].map(({ name }) => name));
      return {
        set: pluginSet(left, filters),
        envoy: { chain, clusters: left.flatMap(({ clusters }) => clusters) },
        diagnostics,
      };
    }
    for (const each of lost) {
      const why = each.seeking.flatMap(({ id }) => misplaced.get(id) ?? []);
      diagnostics.push(notUsable(labelOf(each), why.join("; ")));
    }
    left = left.filter((each) => !isMisplaced(each));
  }
}

interface Built extends AdmittedPlugin {
  readonly filters: ReadonlyMap<string, PlacedFilter>;
  readonly seeking: readonly (Pick<FilterFacts, "after" | "before"> & {
    readonly id: `${string}/${string}`;
  })[];
  readonly clusters: readonly Message[];
}

function build(
  { plugin, from, settings }: AdmittedPlugin,
  addresses: Readonly<Record<string, ServiceAddress>> | undefined,
  envoys: EnvoyReach,
): Built | string {
  const { facts } = plugin;
  const nobody = { address: "127.0.0.1", port: 1 };
  const services = addresses ?? Object.fromEntries(facts.services.map((name) => [name, nobody]));
  const outcome = plugin.call("build", { settings, services, envoys });
  if (!outcome.ok) return `it failed when its filters were built: ${outcome.message}`;
  const filters = new Map<string, PlacedFilter>();
  const seeking: Built["seeking"][number][] = [];
  for (const [i, config] of outcome.value.filters.entries()) {
    const filter = facts.filters[i];
    if (config === null || filter === undefined) continue;
    const { name, envoyName, type, always, failure, after, before } = filter;
    const problem = messageProblem(type, config);
    if (problem !== undefined) return `Envoy would refuse its filter "${name}": ${problem}`;
    const id = `${facts.name}/${name}` as const;
    filters.set(id, { name: envoyName, type, config, always, failure });
    seeking.push({ id, after, before });
  }
  const clusters: Message[] = [];
  for (const [i, config] of outcome.value.clusters.entries()) {
    const name = facts.clusters[i];
    if (config === null || name === undefined) continue;
    const cluster = {
      connectTimeout: { seconds: 2 },
      ...config,
      name: clusterName(facts.name, name),
    };
    const problem = messageProblem("envoy.config.cluster.v3.Cluster", cluster);
    if (problem !== undefined) return `Envoy would refuse its cluster "${name}": ${problem}`;
    clusters.push(cluster);
  }
  return { plugin, settings, from, filters, seeking, clusters };
}

function isRole(stage: string): stage is FilterRole {
  return (filterRoles as readonly string[]).includes(stage);
}

/** Why Envoy would refuse a message, as far as our checks know; `undefined`: they find nothing. */
function messageProblem(type: string, message: Message): string | undefined {
  try {
    encodeAny(type, message);
    encode(type, message);
  } catch (error) {
    // A type that we do not know, or a field or a value that it has not.
    return error instanceof Error ? error.message : String(error);
  }
  const [violation] = check(type, message);
  if (violation === undefined) return undefined;
  const { path, message: rule } = violation;
  return path === "" ? rule : `${path} ${rule}`;
}

/** A plugin that is left out, and why: a sentence without subject. */
export function notUsable(from: string, why: string): Diagnostic {
  return {
    code: "CTR358",
    severity: "error",
    path: "",
    message: `the plugin ${from} cannot be used: ${why}`,
  };
}
