import type { PlannedHost } from "./host.ts";
import type { PlannedLocation } from "./host_locations.ts";
import type { Workshop } from "./workshop.ts";

/**
 * Notes canaries that reach further in ingress-nginx than they do here. There a canary belongs to the
 * Service port of the path it is for, and so takes its part of every other path of that Service, also
 * of other hosts.
 */
export function noteCanaryReach({ notes }: Workshop, hosts: readonly PlannedHost[]): void {
  const users = new Map<string, { readonly host: string; readonly location: PlannedLocation }[]>();
  for (const { host, locations } of hosts) {
    for (const location of locations) {
      const key = backendOf(location);
      if (key === undefined) continue;
      const list = users.get(key) ?? [];
      list.push({ host, location });
      users.set(key, list);
    }
  }
  for (const { host, locations } of hosts) {
    for (const location of locations) {
      const key = backendOf(location);
      if (key === undefined) continue;
      const others = (users.get(key) ?? []).filter((other) =>
        other.location !== location && other.location.canaries.length === 0
      );
      const [first] = others;
      if (first === undefined) continue;
      const more = others.length === 1 ? "" : ` and ${others.length - 1} more`;
      for (const { member: { ingress }, origin } of location.canaries) {
        notes.add(ingress.note, origin, {
          verdict: "approximated",
          subject: `canary of ${key}`,
          message:
            `nginx also gives it a part of ${first.host}${first.location.path}${more}, which ` +
            "have the same Service: here only of the path it is for",
          place: { within: "routes", origin: location.origin, host },
        });
      }
    }
  }
}

function backendOf({ member, service }: PlannedLocation): string | undefined {
  if (service === undefined || member.settings.dialect !== "ingress-nginx") return undefined;
  return `${member.ingress.namespace}/${service.name}:${service.port}`;
}
