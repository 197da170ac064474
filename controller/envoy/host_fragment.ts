import type { Diagnostic, ObjectKey } from "../api/mod.ts";
import type { ClusterSpec, Route, RouteAction, SecretRef, VirtualHost } from "../graph/mod.ts";
import { check, encode, type Message, type Violation } from "../../proto/mod.ts";
import { refusalDiagnostic } from "./checked.ts";
import { clusterSpecViolations } from "./cluster.ts";
import { filterChainType, secureFilterChain } from "./filter_chain.ts";
import type { EnvoyOptions } from "./options.ts";
import { compareText } from "./resource.ts";
import { routeForms } from "./route.ts";
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
  /** Absent: the plain listener does not know the host. */
  readonly plain?: RoutedHost;
  /** Absent: the TLS listener does not know the host. */
  readonly secure?: SecureFragment;
  /** All clusters the host sends traffic to, each once, by name. */
  readonly clusters: readonly ClusterSpec[];
  /** The Secrets its certificates are in, each once, by name. */
  readonly secrets: readonly SecretRef[];
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
  /** Present where the chain speaks HTTP. */
  readonly routeConfiguration?: RoutedHost;
}

/**
 * Translates a host. What Envoy would refuse is replaced by something it takes and told in the
 * diagnostics, so that it costs its author and nobody else: a rule answers 503, a rule whose
 * conditions Envoy cannot evaluate takes no requests, a host with an impossible name or TLS
 * settings is not served there.
 */
export function hostFragment(host: VirtualHost, options: EnvoyOptions): HostFragment {
  const { fqdn, owner } = host;
  const diagnostics: Diagnostic[] = [];
  const blame = (what: string, instead: string, violations: readonly Violation[]) => {
    if (violations.length === 0) return false;
    const path = "spec.virtualhost";
    const type = "VirtualHostError";
    diagnostics.push(
      refusalDiagnostic({ object: owner, path, type, what, violations, instead }),
    );
    return true;
  };
  const empty = { fqdn, owner, clusters: [], secrets: [], diagnostics };
  const head = virtualHost(fqdn, host.policies);
  if (blame("host", "it is not served", check(virtualHostType, head))) return empty;

  const clusters = new ClusterSet();
  const routes = host.routes.flatMap((route) => translated(route, fqdn, clusters, diagnostics));
  const plain = routes.length === 0
    ? undefined
    : routedHost(host, routes.map(({ plain }) => plain));
  const secure = secureFragment(host, routes, clusters, options, blame);
  return {
    ...empty,
    ...(plain === undefined ? {} : { plain }),
    ...(secure === undefined ? {} : { secure }),
    clusters: clusters.sorted(),
    secrets: secure === undefined ? [] : certificates(host),
  };
}

/** One rule on both listeners. */
interface TranslatedRoute {
  readonly plain: EncodedRoute;
  readonly secure: EncodedRoute;
}

interface EncodedRoute {
  readonly body: Uint8Array;
  readonly clusters: readonly string[];
  readonly followsRedirects: boolean;
}

function translated(
  route: Route,
  fqdn: string,
  clusters: ClusterSet,
  diagnostics: Diagnostic[],
): readonly TranslatedRoute[] {
  const forms = routeForms(route, fqdn);
  const specs = clustersOf(route.action);
  const violations = [
    ...routeViolations(route, forms.serve),
    ...specs.flatMap((spec) => clusters.violations(spec)),
  ];
  const faultyMatch = violations.some(({ path }) => /^match\b/.test(path));
  if (violations.length > 0) {
    diagnostics.push(refusalDiagnostic({
      object: route.origin.object,
      path: route.origin.path,
      type: "RouteError",
      what: "route",
      violations,
      instead: faultyMatch
        ? "it takes no requests until its conditions are mended"
        : "its requests are answered with 503",
    }));
  }
  if (faultyMatch) return [];
  const secure = violations.length > 0
    ? encodedRoute(forms.unavailable)
    : encodedRoute(forms.serve, specs, route.action);
  if (violations.length === 0) clusters.add(specs);
  const plain = route.plain === "serve" ? secure : encodedRoute(forms.redirectToHttps);
  return [{ plain, secure }];
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

function clustersOf(action: RouteAction): readonly ClusterSpec[] {
  switch (action.kind) {
    case "forward":
      return [...action.clusters, ...action.mirrors].map(({ cluster }) => cluster);
    case "redirect":
    case "direct-response":
      return [];
  }
}

function routedHost(
  { fqdn, policies }: VirtualHost,
  routes: readonly EncodedRoute[],
): RoutedHost {
  return {
    virtualHost: encodedVirtualHost(fqdn, policies, routes.map(({ body }) => body)),
    clusters: sortedNames(routes.flatMap(({ clusters }) => clusters)),
    followsRedirects: routes.some(({ followsRedirects }) => followsRedirects),
  };
}

function secureFragment(
  host: VirtualHost,
  routes: readonly TranslatedRoute[],
  clusters: ClusterSet,
  options: EnvoyOptions,
  blame: (what: string, instead: string, violations: readonly Violation[]) => boolean,
): SecureFragment | undefined {
  const { fqdn, secure } = host;
  if (secure === undefined) return undefined;
  // A host whose rules are all gone serves nothing over TLS either: no certificate without content.
  if (secure.kind === "http" && routes.length === 0) return undefined;
  const targets = secure.kind === "http" ? [] : secure.proxy.clusters.map(({ cluster }) => cluster);
  const message = secureFilterChain(host, secure, options);
  const violations = [
    ...check(filterChainType, message),
    ...targets.flatMap((spec) => clusters.violations(spec)),
  ];
  if (blame("host's TLS settings", "it is not served over TLS", violations)) return undefined;
  clusters.add(targets);
  return {
    serverNames: [fqdn],
    filterChain: encode(filterChainType, message),
    clusters: sortedNames(targets.map(({ name }) => name)),
    ...(secure.kind === "http"
      ? { routeConfiguration: routedHost(host, routes.map(({ secure }) => secure)) }
      : {}),
  };
}

function certificates({ secure }: VirtualHost): readonly SecretRef[] {
  return secure === undefined || secure.kind === "passthrough" ? [] : [secure.tls.certificate];
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
