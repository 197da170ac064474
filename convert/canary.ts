import type { PlannedLocation } from "./host_locations.ts";
import type { RouteDraft } from "./output.ts";

/**
 * A route and those that its canary adds: a route for each case that decides by a header or a
 * cookie, and weights for the rest.
 */
export function canaryRoutes({ canaries }: PlannedLocation, route: RouteDraft): RouteDraft[] {
  const [canary] = canaries;
  const rule = canary?.member.settings.canary;
  const [primary] = route.services ?? [];
  if (canary === undefined || rule === undefined || primary === undefined) return [route];
  const cases = rule.cases.map(({ to, conditions }): RouteDraft => ({
    ...route,
    conditions: [...route.conditions ?? [], ...conditions],
    services: [to === "canary" ? canary.service : primary],
  }));
  const { weight, total } = rule;
  if (weight <= 0) return [...cases, route];
  if (weight >= total) return [...cases, { ...route, services: [canary.service] }];
  return [...cases, {
    ...route,
    services: [
      { ...primary, weight: total - weight },
      { ...canary.service, weight },
    ],
  }];
}
