import { type Diagnostic, keyId, type ObjectKey } from "../api/mod.ts";
import { type Origin, type Route, type VirtualHost, virtualHost } from "../graph/mod.ts";
import { type Db, query } from "../query/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { type Attachment, Attachments, type Reach } from "./attachments.ts";
import type { EvaluatedPart } from "./calls.ts";
import type { HostContribution, HostView, Json, RouteView } from "./contract.ts";
import { PolicyDiagnostics } from "./diagnostics.ts";
import { filterName } from "./facts.ts";
import { type InstalledPolicy, type PluginSet, pluginSet, pluginsInput } from "./plugin_set.ts";

/** What policies add to a host; `undefined`: no policy reaches it. */
export const hostPlugins = query("host-plugins", (db, fqdn: string): HostPlugins | undefined => {
  const host = virtualHost(db, fqdn);
  if (host === undefined) return undefined;
  return addedTo(db, host, db.get(pluginsInput, "plugins") ?? noPlugins);
});

/** Where no plugin is in use, fields for plugins are still told of. */
const noPlugins: PluginSet = pluginSet([], new Set());

/** What policies add to a host and to its routes. */
export interface HostPlugins {
  /** To the host as a whole, in the order of the plugins. */
  readonly host: readonly Addition[];
  /** To routes, by their place in the list of the host. */
  readonly routes: ReadonlyMap<number, RoutePlugins>;
  /** Objects whose policies have an effect here, each once, by key id. */
  readonly policies: readonly ObjectKey[];
  /** What services are told, by plugin and key. */
  readonly feed: ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** What is wrong with policies here, whatever objects they are written in. */
  readonly diagnostics: readonly Diagnostic[];
}

/** See {@link HostPlugins}. */
export interface RoutePlugins {
  readonly additions: readonly Addition[];
  /** Its requests are answered with 503: a policy that keeps requests out cannot be carried out. */
  readonly closed: boolean;
}

/** What the policies of one kind add. */
export interface Addition {
  /** The kind of policy, for messages. */
  readonly kind: string;
  /** The policies behind it, the nearest first; not empty. */
  readonly origins: readonly Origin[];
  readonly failure: "open" | "closed";
  /** What filters are told, by the name that Envoy knows them by. */
  readonly filters: Readonly<Record<string, Message>>;
  /** The same by role. */
  readonly roles: Readonly<Record<string, Message>>;
  readonly message: Message;
  /** What services are told, by key. */
  readonly feed: Readonly<Record<string, Json>>;
}

function addedTo(db: Db, host: VirtualHost, set: PluginSet): HostPlugins | undefined {
  const attachments = new Attachments(db, host, set);
  const diagnostics = new PolicyDiagnostics();
  for (const { origin, field } of attachments.unknown) diagnostics.unknown(origin, field, set);
  const result = {
    host: [] as Addition[],
    routes: new Map<number, { readonly additions: Addition[]; closed: boolean }>(),
    policies: new Map<string, ObjectKey>(),
    feed: new Map<string, Record<string, Json>>(),
  };
  for (const policy of set.policies) {
    const reach = attachments.of(policy);
    if (reach !== undefined) evaluate(policy, host, reach, result, diagnostics);
  }
  const told = diagnostics.all();
  const isEmpty = result.host.length + result.routes.size + result.feed.size === 0;
  if (isEmpty && result.policies.size + told.length === 0) return undefined;
  return {
    ...result,
    policies: [...result.policies].sort(([a], [b]) => a < b ? -1 : 1).map(([, key]) => key),
    diagnostics: told,
  };
}

interface Result {
  readonly host: Addition[];
  readonly routes: Map<number, { readonly additions: Addition[]; closed: boolean }>;
  readonly policies: Map<string, ObjectKey>;
  readonly feed: Map<string, Record<string, Json>>;
}

function evaluate(
  policy: InstalledPolicy,
  host: VirtualHost,
  reach: Reach,
  result: Result,
  diagnostics: PolicyDiagnostics,
): void {
  const { plugin, index, facts } = policy;
  const { sources, ofHost, ofRoutes } = reach;
  for (const { origin } of sources) {
    const { object } = origin;
    if (object.kind === facts.kind) result.policies.set(keyId(object), object);
  }
  for (const conflict of reach.conflicts) diagnostics.conflict(facts, conflict);
  const routes = [...ofRoutes].flatMap(([place, reached]) => {
    const route = host.routes[place];
    return route === undefined ? [] : [{ place, view: routeView(route), reach: reached }];
  });
  const outcome = plugin.call("evaluate", {
    policy: index,
    host: hostView(host),
    sources: sources.map(({ id, namespace, level, given }) => ({ id, namespace, level, given })),
    reach: ofHost,
    routes: routes.map(({ view, reach }) => ({ view, reach })),
  });
  const close = (place: number) => {
    if (facts.failure === "closed") routeResult(result, place).closed = true;
  };
  if (!outcome.ok) {
    const at = outcome.source === undefined ? undefined : sources[outcome.source];
    for (const { origin } of at === undefined ? sources : [at]) {
      diagnostics.failed(facts, origin, outcome.message);
    }
    for (const { place } of routes) close(place);
    return;
  }
  const { value } = outcome;
  for (const [i, problems] of value.sources.entries()) {
    const source = sources[i];
    if (problems === null || source === undefined) continue;
    diagnostics.notValid(facts, source.origin, problems);
    for (const { place, reach } of routes) if (reach.includes(i)) close(place);
  }
  const usable = (places: readonly number[]) =>
    places.flatMap((place) => value.sources[place] === null ? sources[place] ?? [] : []);
  const add = (part: EvaluatedPart, behind: readonly Attachment[], close: () => void) => {
    const [nearest] = behind;
    if (part === null || nearest === undefined) return undefined;
    if (part.kind === "failed") {
      diagnostics.failed(facts, nearest.origin, part.message);
      close();
      return undefined;
    }
    const { contribution } = part;
    for (const found of contribution.diagnostics ?? []) {
      const about = behind.find(({ id }) => id === found.policy) ?? nearest;
      diagnostics.finding(facts, about.origin, found);
    }
    const fed = result.feed.get(plugin.facts.name) ?? {};
    if (contribution.feed !== undefined) {
      result.feed.set(plugin.facts.name, { ...fed, ...contribution.feed });
    }
    return addition(policy, behind, contribution);
  };
  const whole = add(
    value.host,
    usable(ofHost),
    () => routes.forEach(({ place }) => close(place)),
  );
  if (whole !== undefined) result.host.push(whole);
  for (const [i, { place, reach }] of routes.entries()) {
    const part = add(value.routes[i] ?? null, usable(reach), () => close(place));
    if (part !== undefined) routeResult(result, place).additions.push(part);
  }
}

function routeResult(result: Result, place: number) {
  const known = result.routes.get(place) ?? { additions: [], closed: false };
  result.routes.set(place, known);
  return known;
}

function addition(
  { plugin, facts }: InstalledPolicy,
  behind: readonly Attachment[],
  { filters = {}, roles = {}, message = {}, feed = {} }: HostContribution,
): Addition {
  return {
    kind: facts.name,
    origins: behind.map(({ origin }) => origin),
    failure: facts.failure,
    filters: Object.fromEntries(
      Object.entries(filters).map(([name, told]) => [filterName(plugin.facts.name, name), told]),
    ),
    roles,
    message,
    feed,
  };
}

function hostView({ fqdn, owner, secure }: VirtualHost): HostView {
  return { fqdn, owner, tls: secure !== undefined && secure.kind !== "passthrough" };
}

function routeView({ origin, match, action }: Route): RouteView {
  return {
    object: origin.object,
    path: origin.path,
    match,
    action: action.kind,
    services: action.kind !== "forward" ? [] : action.clusters.map(({ cluster, weight }) => ({
      namespace: cluster.namespace,
      name: cluster.service,
      port: cluster.port,
      weight,
    })),
  };
}
