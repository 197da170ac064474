import type { DescriptorConfiguration } from "../configuration/schema.ts";
import type {
  HostContribution,
  HostReach,
  Json,
  PluginDiagnostic,
  RouteReach,
} from "../outside.ts";
import type { Place } from "./division_steps.ts";
import { type LimitSides, limitSides } from "./limit_sides.ts";
import type { RateLimitSettings } from "./settings.ts";
import type { Message } from "./step.ts";

/** What the limits of a host as a whole add to it. */
export function hostContribution(
  { host, policies }: HostReach<RateLimitSettings>,
): HostContribution {
  return contribution(policiesInForce(policies), { host: host.fqdn });
}

/** What limits add to a route; `undefined`: it has those of its host. */
export function routeContribution(
  { host, route, policies }: RouteReach<RateLimitSettings>,
): HostContribution | undefined {
  const inForce = policiesInForce(policies);
  if (route.action !== "forward") return { diagnostics: answeredByEnvoy(inForce) };
  const isThatOfHost = inForce.every(({ level, namespace }) =>
    level === "host" || (level === "namespace" && namespace === host.owner.namespace)
  );
  const isByRoute = inForce.some(({ settings }) => settings.limits.some(({ by }) => by?.route));
  if (isThatOfHost && !isByRoute) return undefined;
  return contribution(inForce, { host: host.fqdn, route: routeName(route) });
}

/** Envoy counts only what it forwards. */
function answeredByEnvoy(policies: readonly Reached[]): readonly PluginDiagnostic[] {
  return policies.filter(({ level, settings }) => level === "route" && settings.limits.length > 0)
    .map(({ id }) => ({
      policy: id,
      message: "nothing is counted here: Envoy answers these requests by itself",
    }));
}

/** The nearest, and where all of those at a distance inherit, the ones farther away. */
function policiesInForce(policies: readonly Reached[]): readonly Reached[] {
  const inForce: Reached[] = [];
  for (const level of ["route", "object", "host", "namespace"] as const) {
    const here = policies.filter((policy) => policy.level === level);
    inForce.push(...here);
    if (here.some(({ settings }) => settings.inherit !== true)) break;
  }
  return inForce;
}

type Reached = HostReach<RateLimitSettings>["policies"][number];

/** The names of the filters of this plugin. */
export const filterNames = {
  limits: "limits",
  kept: "request-headers",
  costs: "response-costs",
} as const;

function contribution(policies: readonly Reached[], place: Place): HostContribution {
  const feed: Record<string, Json> = {};
  const all: LimitSides[] = [];
  for (const { id, settings } of policies) {
    const sides = settings.limits.map((limit, i) => limitSides(limit, i, id, place));
    all.push(...sides);
    feed[id] = fedDescriptors(sides.flatMap(({ descriptors }) => descriptors));
  }
  const rateLimits = all.flatMap(({ rateLimits }) => rateLimits);
  const kept = distinctRules(all.flatMap(({ kept }) => kept));
  const costs = distinctRules(all.flatMap(({ costs }) => costs));
  return {
    filters: {
      // Told nothing, the filter would do as it is told for the host.
      [filterNames.limits]: rateLimits.length === 0 ? disabled : {
        "@type": "envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute",
        rateLimits,
      },
      ...(kept.length === 0 ? {} : { [filterNames.kept]: { ...toMetadata, requestRules: kept } }),
      ...(costs.length === 0
        ? {}
        : { [filterNames.costs]: { ...toMetadata, responseRules: costs } }),
    },
    feed,
  };
}

const disabled = { "@type": "envoy.config.route.v3.FilterConfig", disabled: true };
const toMetadata = { "@type": "envoy.extensions.filters.http.header_to_metadata.v3.Config" };

/** Of several rules for a header the first. */
function distinctRules(rules: readonly Message[]): readonly Message[] {
  return [...new Map([...rules].reverse().map((rule) => [rule["header"], rule])).values()]
    .reverse();
}

/** Without what is undefined: it travels as JSON. */
function fedDescriptors(descriptors: readonly DescriptorConfiguration[]): Json {
  return JSON.parse(JSON.stringify(descriptors));
}

/** What a route is counted by: its conditions, wherever it stands among the others. */
function routeName({ object, match }: RouteReach<RateLimitSettings>["route"]): string {
  const { path, headers, query } = match;
  const shown = path.kind === "regex"
    ? `~${path.regex}`
    : path.kind === "exact"
    ? `=${path.path}`
    : path.kind === "prefix"
    ? `${path.prefix}*`
    : path.prefix;
  const others = headers.length + query.length === 0 ? "" : ` ${JSON.stringify([headers, query])}`;
  return `${object.kind}/${object.namespace}/${object.name} ${shown}${others}`;
}
