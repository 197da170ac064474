import type { Diagnostic, ObjectKey } from "../api/mod.ts";
import type {
  ClusterSpec,
  ExtensionRef,
  GlobalServices,
  KeyServer,
  Route,
  RouteAction,
  SecretRef,
  VirtualHost,
} from "../graph/mod.ts";
import type { HostPlugins, RoutePlugins } from "../plugin/mod.ts";
import { encode, type Message, type Violation } from "../../proto/mod.ts";
import { enriched } from "./additions.ts";
import { blameCluster, blameHost, blameRoute } from "./blamed_field.ts";
import { refusalDiagnostic } from "./checked.ts";
import { clusterSpecViolations } from "./cluster.ts";
import { authorizationViolations } from "./external_authorization.ts";
import { fallbackFilterChain } from "./fallback.ts";
import { filterChainType, secureFilterChain } from "./filter_chain.ts";
import { distinctExtensions, globalExtensions } from "./global_services.ts";
import { keyServerViolations } from "./key_server.ts";
import { envoyViolations } from "./message_rules.ts";
import { extensionName, secretName } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { withinRegexBudget } from "./regex_budget.ts";
import { compareText } from "./resource.ts";
import { type RouteForms, routeForms } from "./route.ts";
import { routeViolations } from "./route_rules.ts";
import { encodedVirtualHost, virtualHost, virtualHostType } from "./virtual_host.ts";

/**
 * Everything one host contributes to what Envoy is served, encoded. How fragments become resources
 * is for a {@link Layout} to say; the same host gives the same fragment in each of them.
 */
export interface HostFragment {
  readonly fqdn: string;
  /** Whom to blame for the host as a whole. */
  readonly owner: ObjectKey;
  /** The others that have rules here. Absent: none. */
  readonly sharedWith?: readonly ObjectKey[];
  /** Absent: the plain listener does not know the host. */
  readonly plain?: RoutedHost;
  /** Absent: the TLS listener does not know the host. */
  readonly secure?: SecureFragment;
  /** All clusters the host sends traffic to, each once, by name. */
  readonly clusters: readonly ClusterSpec[];
  /** The Secrets its certificates are in, each once, by name. */
  readonly secrets: readonly SecretRef[];
  /** Who is asked about its requests over TLS, or told of them. Absent: nobody. */
  readonly extensions?: readonly ExtensionRef[];
  /** Where the keys come from that tokens are checked with. Absent: from nowhere. */
  readonly keyServers?: readonly KeyServer[];
  /** Policies of plugins that have an effect here, which a refusal may be about. Absent: none. */
  readonly policies?: readonly ObjectKey[];
  /** What services of plugins are told, by plugin and key. Absent: nothing. */
  readonly feed?: HostPlugins["feed"];
  readonly diagnostics: readonly Diagnostic[];
}

/** A virtual host of one listener. */
export interface RoutedHost {
  /** An `envoy.config.route.v3.VirtualHost`. */
  readonly virtualHost: Uint8Array;
  /** Names of the clusters its routes send requests to, each once, sorted. */
  readonly clusters: readonly string[];
  /** Whether a route follows redirects itself, and so is looked up again for a later request. */
  readonly followsRedirects: boolean;
}

/** What the TLS listener needs for a host. */
export interface SecureFragment {
  readonly serverNames: readonly string[];
  /** An `envoy.config.listener.v3.FilterChain`. Changes of routes leave it as it is. */
  readonly filterChain: Uint8Array;
  /** Names of the clusters that the chain itself sends connections to. */
  readonly clusters: readonly string[];
  /** The name of the Secret with the certificate of the host. Absent: there is none. */
  readonly certificate?: string;
  /** Whether the chain holds authorities or lists of revocations for clients. */
  readonly checksClients?: true;
  /** Present where the chain speaks HTTP. */
  readonly routeConfiguration?: RoutedHost;
  /** The FilterChain for clients who name no host, which is the same for all who ask for it. */
  readonly fallback?: Uint8Array;
}

/**
 * Translates a host. What Envoy would refuse is replaced by something it takes and told in the
 * diagnostics, so that it costs its author and nobody else: a rule answers 503, a rule whose
 * conditions Envoy cannot evaluate takes no requests, a host with an impossible name or TLS
 * settings is not served there.
 */
export function hostFragment(
  host: VirtualHost,
  options: EnvoyOptions,
  surroundings: Surroundings = {},
): HostFragment {
  const { fqdn, owner, sharedWith } = host;
  const diagnostics: Diagnostic[] = [];
  const blame = (what: string, instead: string, violations: readonly Violation[]) => {
    const type = "VirtualHostError";
    const blames = blameHost(host, violations);
    for (const blame of blames) {
      diagnostics.push(refusalDiagnostic({ object: owner, type, what, instead, ...blame }));
    }
    return blames.length > 0;
  };
  const names = { fqdn, owner, ...(sharedWith === undefined ? {} : { sharedWith }) };
  const empty = { ...names, clusters: [], secrets: [], diagnostics };
  const bare = virtualHost(fqdn, host.policies);
  if (blame("host", "it is not served", envoyViolations(virtualHostType, bare))) return empty;
  const { plugins } = surroundings;
  const head = enriched(virtualHostType, bare, {
    additions: plugins?.host ?? [],
    origin: { object: owner, path: owner.kind === "HTTPProxy" ? "spec.virtualhost" : "" },
  });
  diagnostics.push(...plugins?.diagnostics ?? [], ...head.diagnostics);

  const clusters = new ClusterSet();
  const { services = {}, asksOfPlainRequests = false } = surroundings;
  const isWithin = withinRegexBudget(host.routes, diagnostics);
  const routes = host.routes.flatMap((route, place) =>
    isWithin[place] === false ? [] : translated(route, {
      fqdn,
      asksOfPlainRequests,
      clusters,
      diagnostics,
      plugins: withHost(plugins?.routes.get(place), head.closed),
    })
  );
  const plain = routedHost(head.message, routes.map(({ plain }) => plain));
  const secure = secureFragment(host, routes, {
    head: head.message,
    clusters,
    options,
    services,
    blame,
    told: toldFilters(plugins),
  });
  return {
    ...empty,
    ...(plain === undefined ? {} : { plain }),
    ...(secure === undefined ? {} : { secure }),
    clusters: clusters.sorted(),
    secrets: secure === undefined ? [] : certificates(host),
    ...(secure === undefined ? {} : helpers(host, services)),
    ...(plugins === undefined || plugins.policies.length === 0
      ? {}
      : { policies: plugins.policies }),
    ...(plugins === undefined || plugins.feed.size === 0 ? {} : { feed: plugins.feed }),
  };
}

/** A route is closed with its host. */
function withHost(
  route: RoutePlugins | undefined,
  closed: boolean,
): RoutePlugins | undefined {
  return closed ? { additions: [], closed } : route;
}

/** The filters of plugins that have anything to do in a host, by the name Envoy knows them by. */
function toldFilters(plugins: HostPlugins | undefined): ReadonlySet<string> {
  if (plugins === undefined) return nothingTold;
  const additions = [
    ...plugins.host,
    ...[...plugins.routes.values()].flatMap(({ additions }) => additions),
  ];
  return new Set(additions.flatMap(({ filters }) => Object.keys(filters)));
}

const nothingTold: ReadonlySet<string> = new Set();

/** What a host depends on that is not its own. */
export interface Surroundings {
  /** What policies of plugins add. Default: nothing. */
  readonly plugins?: HostPlugins | undefined;
  /** Asked about all requests over TLS. Default: none. */
  readonly services?: GlobalServices;
  /** Whether a server is asked about requests without TLS, and so about redirects. Default: no. */
  readonly asksOfPlainRequests?: boolean;
}

/** One rule on both listeners; absent where it is not to be. */
interface TranslatedRoute {
  readonly plain: EncodedRoute | undefined;
  readonly secure: EncodedRoute | undefined;
}

interface EncodedRoute {
  readonly body: Uint8Array;
  readonly clusters: readonly string[];
  readonly followsRedirects: boolean;
}

function translated(
  route: Route,
  { clusters, diagnostics, plugins, ...surroundings }: {
    readonly fqdn: string;
    readonly asksOfPlainRequests: boolean;
    readonly clusters: ClusterSet;
    readonly diagnostics: Diagnostic[];
    readonly plugins: RoutePlugins | undefined;
  },
): readonly TranslatedRoute[] {
  const forms = routeForms(route, surroundings);
  const targets = targetsOf(route.action);
  const specs = targets.map(({ cluster }) => cluster);
  const violations = routeViolations(route, forms.serve);
  const blames = [
    ...blameRoute(route, violations),
    ...targets.flatMap(({ cluster, at = "" }) =>
      blameCluster(route, at, clusters.violations(cluster))
    ),
  ];
  const faultyMatch = violations.some(({ path }) => /^match\b/.test(path));
  for (const blame of blames) {
    diagnostics.push(refusalDiagnostic({
      object: route.origin.object,
      type: "RouteError",
      what: "route",
      instead: faultyMatch
        ? "it takes no requests until its conditions are mended"
        : "its requests are answered with 503",
      ...blame,
    }));
  }
  if (faultyMatch) return [];
  const serve = blames.length > 0 || plugins === undefined
    ? { message: forms.serve, closed: false, diagnostics: [] }
    : enriched(
      "envoy.config.route.v3.Route",
      forms.serve,
      { additions: plugins.additions, origin: route.origin },
      (message) => routeViolations(route, message),
    );
  diagnostics.push(...serve.diagnostics);
  const isServed = blames.length === 0 && !serve.closed && plugins?.closed !== true;
  const served = isServed
    ? encodedRoute(serve.message, specs, route.action)
    : encodedRoute(forms.unavailable);
  if (isServed) clusters.add(specs);
  return [{
    plain: plainSide(route, served, forms),
    secure: route.secure === "absent" ? undefined : served,
  }];
}

function plainSide(
  { plain }: Route,
  served: EncodedRoute,
  forms: RouteForms,
): EncodedRoute | undefined {
  switch (plain) {
    case "serve":
      return served;
    case "redirect-to-https":
      return encodedRoute(forms.redirectToHttps);
    case "absent":
      return undefined;
  }
}

function encodedRoute(
  message: Message,
  clusters: readonly ClusterSpec[] = [],
  action?: RouteAction,
): EncodedRoute {
  return {
    body: encode("envoy.config.route.v3.Route", message),
    clusters: clusters.map(({ name }) => name),
    followsRedirects: action?.kind === "forward" && action.internalRedirect !== undefined,
  };
}

function targetsOf(
  action: RouteAction,
): readonly { readonly cluster: ClusterSpec; readonly at?: string }[] {
  switch (action.kind) {
    case "forward":
      return [...action.clusters, ...action.mirrors];
    case "redirect":
    case "direct-response":
      return [];
  }
}

/** A host on one listener; absent without rules, so that its requests are left to a wildcard. */
function routedHost(
  head: Message,
  sides: readonly (EncodedRoute | undefined)[],
): RoutedHost | undefined {
  const routes = sides.filter((route) => route !== undefined);
  return routes.length === 0 ? undefined : {
    virtualHost: encodedVirtualHost(head, routes.map(({ body }) => body)),
    clusters: sortedNames(routes.flatMap(({ clusters }) => clusters)),
    followsRedirects: routes.some(({ followsRedirects }) => followsRedirects),
  };
}

function secureFragment(
  host: VirtualHost,
  routes: readonly TranslatedRoute[],
  { head, clusters, options, services, blame, told }: {
    readonly head: Message;
    readonly clusters: ClusterSet;
    readonly options: EnvoyOptions;
    readonly services: GlobalServices;
    readonly blame: (what: string, instead: string, violations: readonly Violation[]) => boolean;
    readonly told: ReadonlySet<string>;
  },
): SecureFragment | undefined {
  const { fqdn, secure } = host;
  if (secure === undefined) return undefined;
  const routed = secure.kind === "http"
    ? routedHost(head, routes.map(({ secure }) => secure))
    : undefined;
  // A host whose rules are all gone serves nothing over TLS either: no certificate without content.
  if (secure.kind === "http" && routed === undefined) return undefined;
  const targets = secure.kind === "http" ? [] : secure.proxy.clusters.map(({ cluster }) => cluster);
  const message = secureFilterChain(host, secure, options, services, told);
  const { extensions = [], keyServers = [] } = helpers(host, services);
  const violations = [
    ...envoyViolations(filterChainType, message),
    ...(secure.kind === "http" ? authorizationViolations(secure.authorization) : []),
    ...keyServers.flatMap(keyServerViolations),
    ...targets.flatMap((spec) => clusters.violations(spec)),
  ];
  if (blame("host's TLS settings", "it is not served over TLS", violations)) return undefined;
  clusters.add(targets);
  return {
    serverNames: [fqdn],
    filterChain: encode(filterChainType, message),
    ...(secure.kind === "passthrough" ? {} : {
      certificate: secretName(secure.tls.certificate),
      ...(secure.tls.clientValidation === undefined ? {} : { checksClients: true as const }),
    }),
    clusters: sortedNames([
      ...targets.map(({ name }) => name),
      ...extensions.map(extensionName),
      ...keyServers.map(({ name }) => name),
    ]),
    ...(routed === undefined ? {} : { routeConfiguration: routed }),
    ...(secure.kind !== "http" || secure.fallbackCertificate === undefined ? {} : {
      fallback: encode(
        filterChainType,
        fallbackFilterChain(secure.fallbackCertificate, options, services),
      ),
    }),
  };
}

/** Whom the checks of a host ask, and who hears of its requests. */
function helpers(
  { secure }: VirtualHost,
  { authorization: ofAll, ...services }: GlobalServices,
): Pick<HostFragment, "extensions" | "keyServers"> {
  if (secure?.kind !== "http") return {};
  const { authorization, jwtProviders = [] } = secure;
  const servers = new Map(
    jwtProviders.flatMap(({ keys }) =>
      keys.kind === "remote" ? [[keys.server.name, keys.server] as const] : []
    ),
  );
  const keyServers = [...servers.values()].sort((a, b) => compareText(a.name, b.name));
  const extensions = distinctExtensions([
    ...(authorization === undefined ? [] : [authorization.extension]),
    ...globalExtensions({
      ...services,
      // Clients who name no host are asked of by the server of all hosts.
      ...(ofAll === undefined || secure.fallbackCertificate === undefined
        ? {}
        : { authorization: ofAll }),
    }),
  ]);
  return {
    ...(extensions.length === 0 ? {} : { extensions }),
    ...(keyServers.length === 0 ? {} : { keyServers }),
  };
}

function certificates({ secure }: VirtualHost): readonly SecretRef[] {
  if (secure === undefined || secure.kind === "passthrough") return [];
  const { certificate } = secure.tls;
  const fallback = secure.kind === "http" ? secure.fallbackCertificate : undefined;
  const all = [certificate, ...(fallback === undefined ? [] : [fallback])];
  return [...new Map(all.map((secret) => [secretName(secret), secret])).values()]
    .sort((a, b) => compareText(secretName(a), secretName(b)));
}

/** The clusters a host uses, and the verdicts on them. */
class ClusterSet {
  readonly #used = new Map<string, ClusterSpec>();
  readonly #violations = new Map<string, readonly Violation[]>();

  violations(spec: ClusterSpec): readonly Violation[] {
    const known = this.#violations.get(spec.name);
    if (known !== undefined) return known;
    const found = clusterSpecViolations(spec);
    this.#violations.set(spec.name, found);
    return found;
  }

  add(specs: readonly ClusterSpec[]): void {
    for (const spec of specs) this.#used.set(spec.name, spec);
  }

  sorted(): readonly ClusterSpec[] {
    return [...this.#used.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareText);
}
