import type { z } from "zod";
import type { ObjectKey, Position, Severity } from "../api/mod.ts";
import type { RouteMatch } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import type { quoteRegex, regexProblem } from "./regex.ts";

/**
 * The version of this contract. It grows when something is taken away or changes its meaning; what is
 * added leaves it as it is.
 */
export const contractVersion = 1;

/**
 * Declares a plugin. A plugin is a value: data, and pure functions that are called again whenever
 * what they were given changes, and not otherwise. They see nothing but their arguments, which they
 * must leave as they are, and give back plain data (what JSON can hold). What goes wrong in them is
 * told on the policy they were called for, and costs nobody else anything.
 *
 * ```ts
 * import { definePlugin, definePolicy } from "../../mod.ts";
 * import { z } from "zod";
 *
 * const Greeting = definePolicy({
 *   kind: "Greeting",
 *   summary: "Greets whoever asks.",
 *   schema: z.object({ text: z.string().min(1).describe("What is said in x-greeting.") }),
 *   host: ({ policies: [{ settings }] }) => ({
 *     message: { responseHeadersToAdd: [{ header: { key: "x-greeting", value: settings.text } }] },
 *   }),
 * });
 *
 * export default definePlugin({
 *   contract: 1,
 *   name: "greeting",
 *   summary: "Greets whoever asks.",
 *   policies: [Greeting],
 * });
 * ```
 */
export function definePlugin<Schema extends z.ZodObject = z.ZodObject>(
  plugin: PluginDefinition<Schema>,
): Plugin {
  return plugin as unknown as Plugin;
}

/** Declares a kind of policy; here its settings get their type from the schema. */
export function definePolicy<Schema extends z.ZodObject>(
  policy: PolicyDefinition<z.output<Schema>> & { readonly schema: Schema },
): Policy {
  return policy as unknown as Policy;
}

/** A plugin, whatever the types of its settings. What {@link definePlugin} gives back. */
export type Plugin = PluginDefinition<z.ZodObject>;

/** A kind of policy, whatever the type of its settings. What {@link definePolicy} gives back. */
export type Policy = PolicyDefinition<unknown>;

/**
 * A module of a plugin has one of these as its default export. The function is for plugins that do
 * not want to import anything: it is handed what there is to import.
 */
export type PluginModule = Plugin | ((kit: PluginKit) => Plugin);

/** See {@link PluginModule}. */
export interface PluginKit {
  readonly definePlugin: typeof definePlugin;
  readonly definePolicy: typeof definePolicy;
  /** The zod that schemas are made with. */
  readonly z: typeof z;
  readonly regexProblem: typeof regexProblem;
  readonly quoteRegex: typeof quoteRegex;
}

/** See {@link definePlugin}. */
export interface PluginDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** The {@link contractVersion} it was written for. */
  readonly contract: number;
  /** Lower-case letters, digits and '-', a letter first. One plugin of a name can be in use. */
  readonly name: string;
  /** What it is for, in a sentence. */
  readonly summary: string;
  /** Its own version, as `contour plugins` shows it. */
  readonly version?: string;
  /**
   * What the administrator sets under `plugins` in the configuration file, beside the name. Default:
   * nothing can be set. What has no default there has to be set.
   */
  readonly settings?: Schema;
  /** What users write. */
  readonly policies?: readonly Policy[];
  /** Filters that requests pass. */
  readonly filters?: readonly PluginFilter<z.output<Schema>>[];
  /** Envoy clusters that filters and hosts send requests to. */
  readonly clusters?: readonly PluginCluster<z.output<Schema>>[];
  /** What runs beside the controller for as long as that runs. */
  readonly services?: readonly PluginService<z.output<Schema>>[];
  /** What `contour lint` says beside what the policies say of themselves. */
  readonly lintRules?: readonly PluginLintRule<z.output<Schema>>[];
  /** Annotations of other controllers that become policies in `contour convert`. */
  readonly conversions?: readonly PluginConversion[];
}

/**
 * A kind of policy. Users attach it in three ways:
 *
 * - by an object of its kind with a `targetRef` (and the settings beside that in `spec`), which may
 *   name an HTTPProxy, an Ingress or the Namespace it is in itself, and by `sectionName` a part of it,
 * - by the field `plugins.<field>` of `spec.virtualhost` and of `spec.routes[]` of an HTTPProxy,
 * - by annotations, where the policy says which.
 *
 * A policy reaches objects of its own namespace alone. What is nearer to a request comes first: a
 * route before the object it is written in, that before the host, that before the namespace. At the
 * same distance a field comes before objects, objects before annotations, and of objects the older
 * one first, then the one whose name comes first.
 */
export interface PolicyDefinition<Settings> {
  /** The kind of its objects: `HeaderPolicy`. */
  readonly kind: string;
  /** The group of that kind; of your own, unless the plugin is in the box. Default: {@link defaultGroup}. */
  readonly group?: string;
  /** The version of that kind. Default: `v1alpha1`. */
  readonly version?: string;
  /** The plural for the API server: `headerpolicies`. Default: made by the rules of English. */
  readonly plural?: string;
  /** What it is for, in a sentence: the description in the CRD. */
  readonly summary: string;
  /**
   * The settings. Every field needs a description, and may have a default. `targetRef` and `targetRefs`
   * are taken. It shapes the checks, the messages and the CRD.
   */
  readonly schema: z.ZodObject;
  /**
   * Settings as users write them, that are valid: what `contour plugins check` tries the policy with.
   * Default: what can be made up from the schema.
   */
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
  /**
   * The name under `plugins` in an HTTPProxy; `false`: there is none. Default: that of the plugin for
   * its first policy, none for others.
   */
  readonly field?: string | false;
  /** Absent: it is not attached by annotations. */
  readonly annotations?: PolicyAnnotations;
  /** What its objects may target. Default: all of them. */
  readonly targets?: readonly TargetKind[];
  /**
   * What becomes of several policies of this kind at the same distance. `oldest` (default): one counts,
   * and the others are told so. `all`: every one counts.
   */
  readonly several?: "oldest" | "all";
  /**
   * What becomes of requests that a policy reaches whose settings are not valid, or whose function
   * failed. `open` (default): as if there were no policy. `closed`: they are answered with 503, so that
   * nobody gets past a check by breaking it.
   */
  readonly failure?: "open" | "closed";
  /**
   * What the policies that hold for a host as a whole add to it: those at the host and at its
   * namespace. Called when there is at least one.
   */
  readonly host?: (reach: HostReach<Settings>) => HostContribution | undefined;
  /**
   * What the policies that reach a route add to it. Called for each route that any policy reaches,
   * those of its host included. Envoy lets the settings of a filter at a route stand in place of those
   * at the host, and adds up headers and rate limits; so where the host alone has policies, most have
   * nothing to add here.
   */
  readonly route?: (reach: RouteReach<Settings>) => RouteContribution | undefined;
  /** What is wrong with a policy that its schema cannot say, whether or not it reaches anything. */
  readonly diagnose?: (settings: Settings) => readonly PluginDiagnostic[];
}

/** The group of policies in the box. */
export const defaultGroup = "policy.projectcontour.io";

/** What a `targetRef` can name. */
export type TargetKind = "HTTPProxy" | "Ingress" | "Namespace";

/** How annotations of an HTTPProxy, an Ingress or a Namespace become settings. */
export interface PolicyAnnotations {
  /** Their names. */
  readonly names: readonly string[];
  /**
   * The settings, as users would write them: the schema checks them next. `undefined`: there are none.
   * Given those of the named annotations that are there; at least one is.
   */
  readonly read: (values: Readonly<Record<string, string>>) => unknown;
}

/** A policy where it reaches something. */
export interface AttachedPolicy<Settings> {
  readonly settings: Settings;
  /** How near it is to the request. */
  readonly level: PolicyLevel;
  /**
   * What tells it from all other policies of its kind, for as long as it exists. For names of
   * statistics and keys of a {@link HostContribution.feed}: `default/limits`, or
   * `HTTPProxy/default/shop#spec.routes[2]` where it stands in an object of another kind.
   */
  readonly id: string;
  readonly namespace: string;
}

/** How near a policy is to a request, the nearest first: see {@link PolicyDefinition}. */
export type PolicyLevel = "route" | "object" | "host" | "namespace";

/** Policies, the nearest first. */
export type Policies<Settings> = readonly [
  AttachedPolicy<Settings>,
  ...AttachedPolicy<Settings>[],
];

/** See {@link PolicyDefinition.host}. */
export interface HostReach<Settings> {
  readonly host: HostView;
  /** The nearest first: with `several: "oldest"` at most one of each level. */
  readonly policies: Policies<Settings>;
}

/** See {@link PolicyDefinition.route}. */
export interface RouteReach<Settings> {
  readonly host: HostView;
  readonly route: RouteView;
  /** The nearest first: with `several: "oldest"` at most one of each level. */
  readonly policies: Policies<Settings>;
}

/** A host as plugins see it. */
export interface HostView {
  /** Lower case; a wildcard reads `*.example.com`; `*` takes what no other host does. */
  readonly fqdn: string;
  /** The root HTTPProxy, or the oldest Ingress. */
  readonly owner: ObjectKey;
  /** Whether it is served over TLS that Envoy ends. */
  readonly tls: boolean;
}

/** A rule of a host as plugins see it. */
export interface RouteView {
  /** The object it is written in. */
  readonly object: ObjectKey;
  /** Where in it: `spec.routes[2]`. */
  readonly path: string;
  /** All conditions, those of includes with them. */
  readonly match: RouteMatch;
  readonly action: "forward" | "redirect" | "direct-response";
  /** Where requests go; empty unless they are forwarded. */
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly port: number;
    readonly weight: number;
  }[];
}

/** What a policy adds to the virtual host. */
export interface HostContribution {
  /**
   * What filters are told of the host, by the name of a filter of this plugin: messages with "@type".
   * A filter that is not `always` works only where it is told something.
   */
  readonly filters?: Readonly<Record<string, Message>>;
  /** The same for filters that are there anyway, by role: only those that are `open` to it. */
  readonly roles?: Readonly<Partial<Record<OpenRole, Message>>>;
  /**
   * Fields of Envoy's VirtualHost: `requestHeadersToAdd`, `rateLimits` and so on. Lists are added to
   * those that are there, messages are merged, anything else is put in place. What finds the host and
   * its routes cannot be changed.
   * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
   */
  readonly message?: Message;
  /** What {@link PluginService.feed} is told while this contribution is in force, by key. */
  readonly feed?: Readonly<Record<string, Json>>;
  /** What is wrong, or worth knowing. Errors do not keep the contribution from being used. */
  readonly diagnostics?: readonly PluginDiagnostic[];
}

/**
 * What a policy adds to a route. `message` has fields of Envoy's Route; what it says under `route` is
 * left out where the route does not forward.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
 */
export type RouteContribution = HostContribution;

/** What JSON can hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** Something to tell the author of a policy. */
export interface PluginDiagnostic {
  /** Default: warning. */
  readonly severity?: Severity;
  /** One sentence without a final period. */
  readonly message: string;
  /** Where in the settings: `limits[0].unit`. Default: the policy as a whole. */
  readonly path?: string;
  /** The {@link AttachedPolicy.id} of the policy it is about. Default: the nearest. */
  readonly policy?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/**
 * An HTTP filter. It is in the chain of every listener but, unless `always`, disabled where neither
 * host nor route tell it anything, and then costs next to nothing. Envoy gets its configuration as a
 * resource of its own, so a refusal of that touches nothing else; where there is no accepted one yet
 * the filter does nothing, or with `failure: "closed"` denies requests.
 */
export interface PluginFilter<Settings = unknown> {
  /** Unlike those of the other filters of the plugin; Envoy knows it as `plugin.<plugin>.<name>`. */
  readonly name: string;
  /** It comes after all of these, as far as they are there. */
  readonly after?: Place | readonly Place[];
  /** It comes before all of these. Without any relation it comes last before the router. */
  readonly before?: Place | readonly Place[];
  /** Full name of the message: `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation`. */
  readonly type: string;
  /** Its fields. `undefined`: there is no such filter with these settings. Default: an empty message. */
  readonly config?: (context: PluginContext<Settings>) => Message | undefined;
  /** Whether it also works where nothing is said to it. Default: no. */
  readonly always?: boolean;
  /** See above. Default: `open`. */
  readonly failure?: "open" | "closed";
}

/** A filter: by its role, or as `plugin/filter` one of another plugin. */
export type Place = FilterRole | `${string}/${string}`;

/** The filters that are there without plugins, in the order requests pass them. */
export const filterRoles = [
  "compression",
  "grpc-web",
  "grpc-stats",
  "cors",
  "local-rate-limit",
  "cookie-rewrite",
  "ip-filter",
  "jwt",
  "authorization",
  "rate-limit",
  "router",
] as const;

/** One of {@link filterRoles}. */
export type FilterRole = (typeof filterRoles)[number];

/** The roles that plugins can tell something: where users of HTTPProxy have a field, that counts. */
export type OpenRole = "compression" | "cors" | "local-rate-limit";

/** What a filter or cluster can depend on: known when the controller starts. */
export interface PluginContext<Settings = unknown> {
  readonly settings: Settings;
  /** Where the services of the plugin listen, as Envoy reaches them, by name. */
  readonly services: Readonly<Record<string, ServiceAddress>>;
  /** What Envoy calls a cluster of this plugin. */
  readonly clusterName: (name: string) => string;
  /** Where the Envoys are. */
  readonly envoys: EnvoyReach;
}

/** How Envoys reach what listens in the process of the controller. */
export type EnvoyReach =
  /** They run on the same machine. */
  | { readonly kind: "beside" }
  /** They run elsewhere in the cluster, and come to us as they do for their configuration. */
  | {
    readonly kind: "elsewhere";
    /** Where servers for them have to listen: `0.0.0.0`. */
    readonly listen: string;
    /** The name they find the controllers by: `contour.projectcontour`. */
    readonly host: string;
    /** Files for TLS on our side, the same as for xDS; absent: they speak without. */
    readonly tls?: { readonly certificate: string; readonly key: string; readonly ca: string };
  };

/** Where a service listens. */
export interface ServiceAddress {
  readonly address: string;
  readonly port: number;
}

/** A cluster, always there; Envoy knows it as `plugin/<plugin>/<name>`. */
export interface PluginCluster<Settings = unknown> {
  readonly name: string;
  /**
   * Fields of Envoy's Cluster but for the name, with its endpoints: `STATIC`, `STRICT_DNS` or
   * `LOGICAL_DNS`. `undefined`: there is no such cluster with these settings.
   */
  readonly config: (context: PluginContext<Settings>) => Message | undefined;
}

/** A server, or anything else that goes on. Unlike the rest it has effects. */
export interface PluginService<Settings = unknown> {
  readonly name: string;
  /**
   * Starts it. Resolves when it does its work, with the place where Envoy finds it, if it is to be
   * found. The controller waits for that before it serves the first configuration, but not longer than
   * {@link serviceStartMs}. Rejects when it cannot start; it is then started again.
   */
  readonly start: (surroundings: ServiceSurroundings<Settings>) => Promise<RunningService>;
  /** Whether it is not to be started with these settings. Default: it always is. */
  readonly isWanted?: (settings: Settings) => boolean;
}

/** So long the controller waits for a service to start. */
export const serviceStartMs = 10_000;

/** What a service is given. */
export interface ServiceSurroundings<Settings = unknown> {
  readonly settings: Settings;
  /** Where the Envoys are that are to find it. */
  readonly envoys: EnvoyReach;
  /** Ends it: it stops what it began, and resolves `done`. */
  readonly signal: AbortSignal;
  /** A line in the log of the controller, with the names of plugin and service. */
  readonly log: (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: LogFields,
  ) => void;
  /** Metrics beside those of the controller; asked for at each scrape. In the text format of Prometheus. */
  readonly metrics: (text: () => string | Promise<string>) => void;
  /** Whether all is well, told in `/healthz` from then on; a reason: why not. At first it is. */
  readonly health: (reason: string | undefined) => void;
  /**
   * Changes of the {@link HostContribution.feed} of all hosts: at first all there is, later what
   * changed. Where several hosts feed a key, the value of the host whose name comes first counts.
   */
  readonly feed: AsyncIterable<FeedChange>;
  /** Where it listened before it failed: Envoy goes on looking for it there. */
  readonly previous?: ServiceAddress;
}

/** Fields of a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** See {@link ServiceSurroundings.feed}. */
export interface FeedChange {
  readonly changed: ReadonlyMap<string, Json>;
  readonly removed: readonly string[];
}

/** A service that does its work. */
export interface RunningService {
  /** Absent: Envoy is not to find it. */
  readonly address?: ServiceAddress;
  /** Resolves when it has ended after the signal; rejects when it failed, and is then started again. */
  readonly done: Promise<void>;
}

/** A rule of `contour lint`. */
export interface PluginLintRule<Settings = unknown> {
  /** As it is suppressed and reported: `greeting/too-long`, with the name of the plugin before it. */
  readonly name: string;
  readonly severity: Severity;
  /** What it finds and why that matters. */
  readonly explanation: string;
  /** Looks at everything that is linted. It may read files that the settings name, and no others. */
  readonly check: (objects: LintedObjects<Settings>) => readonly LintFinding[];
}

/** What is linted. */
export interface LintedObjects<Settings = unknown> {
  /** HTTPProxies, Ingresses and Services as they were read. */
  readonly objects: readonly LintedObject[];
  /** Policies of this plugin that are objects, those with mistakes left out. */
  readonly policies: readonly LintedObject[];
  /** Those of the administrator, as `--config` has them; checked, with defaults. */
  readonly settings: Settings;
}

/** An object by its kind: `RateLimit`, without a group. */
export interface LintedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** Something a rule found. */
export interface LintFinding {
  /** Absent: it is about no object, but about a file that the settings name. */
  readonly object?: Pick<LintedObject, "kind" | "namespace" | "name">;
  /** Where in the object: `spec.routes[0]`. Default: it as a whole. */
  readonly path?: string;
  /** Where in a file, if that is not an object's. Lines and columns from 1. */
  readonly position?: Position;
  readonly message: string;
  readonly hint?: string;
}

/** A family of annotations of Ingress that becomes a policy in `contour convert`. */
export interface PluginConversion {
  /** Their full names. */
  readonly annotations: readonly string[];
  /** The kind of policy. */
  readonly kind: string;
  /**
   * The settings, and the annotations that they do not express, with why. Given those that are there;
   * at least one is. `undefined`: none of them has an effect.
   */
  readonly convert: (values: Readonly<Record<string, string>>) => ConvertedPolicy | undefined;
}

/** See {@link PluginConversion}. */
export interface ConvertedPolicy {
  readonly settings: unknown;
  readonly lost?: readonly { readonly annotation: string; readonly why: string }[];
}
