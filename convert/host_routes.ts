import { canaryRoutes } from "./canary.ts";
import type { ServedHost } from "./host_context.ts";
import { hostAuthorization, isLocked } from "./host_authorization.ts";
import type { PlannedLocation } from "./host_locations.ts";
import type { ReadIngress } from "./hosts.ts";
import { plainMatch } from "./native_paths.ts";
import { closedAnswer } from "./nginx/access.ts";
import { nginxMatches, type PathMatch } from "./nginx_paths.ts";
import { orderedRoute, type RouteDraft, type RouteOrigin } from "./output.ts";
import type { IngressSettings } from "./settings.ts";

/** A route and where it comes from. */
export interface RouteWithOrigin {
  readonly route: RouteDraft;
  readonly origin: RouteOrigin;
}

/**
 * The routes of a host, by the Ingress they belong to. Of equal ones the first counts; those of `before`
 * come before all.
 */
export function hostRoutes(
  context: ServedHost,
  locations: readonly PlannedLocation[],
  before: readonly RouteWithOrigin[],
): ReadonlyMap<ReadIngress, readonly RouteWithOrigin[]> {
  const { workshop, host } = context;
  const nginx = locations.filter(({ member }) => member.settings.dialect === "ingress-nginx");
  const together = nginxMatches(
    nginx.map(({ path, pathType, member: { settings } }) => ({
      path,
      pathType,
      useRegex: settings.useRegex,
      rewriteTarget: settings.rewriteTarget,
    })),
  );
  const routes = new Map<ReadIngress, RouteWithOrigin[]>();
  const seen = new Set(before.map(({ route }) => JSON.stringify(route.conditions)));
  for (const location of locations) {
    const { member, origin } = location;
    const { ingress } = member;
    const at = nginx.indexOf(location);
    const found = together[at] ??
      plainMatch(location, locations.filter((other) => other !== location));
    for (const { verdict, message } of found.remarks) {
      workshop.notes.add(ingress.note, `${origin}.path`, {
        verdict,
        subject: `path "${location.path}" of ${host}`,
        message,
        place: { within: "routes", origin, host },
      });
    }
    const own = routes.get(member) ?? [];
    const all = found.matches.flatMap((match) => routesOf(context, location, match));
    const fresh = all.filter(({ conditions }) => !seen.has(JSON.stringify(conditions)));
    if (fresh.length < all.length) {
      workshop.notes.add(ingress.note, origin, {
        verdict: "lost",
        subject: `${location.pathType} "${location.path}" of ${host}`,
        message: "another path of the host takes the same requests, and comes first",
        place: { within: "spec", host },
      });
    }
    for (const route of fresh) {
      seen.add(JSON.stringify(route.conditions));
      own.push({ route: orderedRoute(route), origin: { source: ingress.id, path: origin } });
    }
    routes.set(member, own);
  }
  return routes;
}

/** The routes of a path in one of its forms. */
function routesOf(
  context: ServedHost,
  location: PlannedLocation,
  match: PathMatch,
): RouteDraft[] {
  const { tls, passthrough } = context;
  const isAuthorized = hostAuthorization(context) !== undefined;
  const { settings } = location.member;
  const base: RouteDraft = { conditions: [...match.conditions] };
  const isFree = isChallenge(location);
  const isGuarded = isAuthorized && settings.host.authorization !== undefined && !isFree;
  const isOpen = passthrough ||
    tls !== undefined && (settings.plain === "serve" || isFree) && !isGuarded;
  const insecure = isOpen ? { permitInsecure: true } : {};
  if (match.answer !== undefined) {
    const { redirect: path } = match.answer;
    return [{ ...base, requestRedirectPolicy: { path, statusCode: 301 }, ...insecure }];
  }
  if (settings.answer !== undefined) {
    const isRedirect = settings.answer.requestRedirectPolicy !== undefined;
    const early = isRedirect && tls !== undefined ? { permitInsecure: true } : insecure;
    return [{ ...base, ...settings.answer, ...early }];
  }
  if (isClosed(context, location)) {
    return [{ ...base, ...closedAnswer(["auth-url"]), ...insecure }];
  }
  if (location.service === undefined) {
    return [{ ...base, directResponsePolicy: { statusCode: 503 }, ...insecure }];
  }
  // The server is asked about the whole host; paths that never were are taken out.
  const exempt = isAuthorized && !isGuarded ? { authPolicy: { disabled: true } } : {};
  const copies = settings.mirror === undefined ? [] : [settings.mirror];
  return canaryRoutes(location, { ...base, services: [location.service] })
    .map((route) => ({
      ...policies(context, location, match),
      ...route,
      services: [...route.services ?? [], ...copies],
      ...exempt,
      ...insecure,
    }))
    .flatMap((route) => forcedHttps(context, settings, route));
}

/** All but conditions and services of a route that forwards. */
function policies(
  { tls }: ServedHost,
  { member: { settings }, path }: PlannedLocation,
  match: PathMatch,
): Partial<RouteDraft> {
  const isRewritten = match.rewrite !== undefined;
  const request = isRewritten && settings.forwardedPrefix !== undefined
    ? [{ name: "X-Forwarded-Prefix", value: settings.forwardedPrefix }]
    : [];
  const response = tls !== undefined && settings.hsts !== undefined
    ? [{ name: "Strict-Transport-Security", value: settings.hsts }]
    : [];
  const { route } = settings;
  return {
    ...route,
    ...(settings.websockets(path) ? { enableWebsockets: true } : {}),
    ...(match.rewrite === undefined
      ? {}
      : { pathRewritePolicy: { replacePrefix: [{ replacement: match.rewrite }] } }),
    ...headers("requestHeadersPolicy", route, request),
    ...headers("responseHeadersPolicy", route, response),
  };
}

/** Where TLS ends in front of Envoy, requests that came without it are sent back. */
function forcedHttps(
  { tls }: ServedHost,
  { forceHttps }: IngressSettings,
  route: RouteDraft,
): RouteDraft[] {
  if (forceHttps === undefined || tls !== undefined) return [route];
  const header = {
    name: "X-Forwarded-Proto",
    notexact: "https",
    treatMissingAsEmpty: true,
  };
  return [
    {
      conditions: [...route.conditions ?? [], { header }],
      requestRedirectPolicy: { scheme: "https", statusCode: forceHttps },
    },
    route,
  ];
}

/** Whether nobody gets what a path is for, since its requests cannot be authorized. */
export function isClosed(context: ServedHost, location: PlannedLocation): boolean {
  return isLocked(context, location.member.settings) && !isChallenge(location);
}

/** Whether a path is one that ingress-nginx leaves out of redirects to https and of authorization. */
export function isChallenge({ path, member: { settings } }: PlannedLocation): boolean {
  return path.startsWith(acmePath) && settings.dialect === "ingress-nginx";
}

const acmePath = "/.well-known/acme-challenge";

function headers(
  name: "requestHeadersPolicy" | "responseHeadersPolicy",
  route: Partial<RouteDraft>,
  more: readonly { readonly name: string; readonly value: string }[],
): Partial<RouteDraft> {
  if (more.length === 0) return {};
  const policy = route[name];
  return { [name]: { ...policy, set: [...policy?.set ?? [], ...more] } };
}
