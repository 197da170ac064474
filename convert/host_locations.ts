import { backendText, resolveBackend } from "./backend.ts";
import type { HostContext } from "./host_context.ts";
import type { ReadIngress } from "./hosts.ts";
import type { Backend, IngressPath, PathType } from "./ingress_source.ts";
import type { RouteServiceDraft } from "./output.ts";
import type { IngressSettings } from "./settings.ts";

/** The paths of a host, from all its Ingresses, and the canaries of each. */
export function hostLocations(context: HostContext): PlannedLocation[] {
  return attachCanaries(context, ownLocations(context));
}

/** A path of a host, whichever Ingress it is from. */
export interface PlannedLocation {
  readonly member: ReadIngress;
  readonly path: string;
  readonly pathType: PathType;
  readonly backend: Backend;
  readonly origin: string;
  /** Absent when there is no such Service. */
  readonly service?: RouteServiceDraft;
  readonly canaries: readonly PlannedCanary[];
}

/** Where a canary sends its share. */
export interface PlannedCanary {
  readonly member: ReadIngress;
  readonly origin: string;
  readonly service: RouteServiceDraft;
}

/** The paths of all its Ingresses. Of equal ones that of the oldest Ingress counts. */
function ownLocations(context: HostContext): PlannedLocation[] {
  const { workshop, host, primaries } = context;
  const locations: PlannedLocation[] = [];
  const seen = new Map<string, PlannedLocation>();
  for (const member of primaries) {
    for (const { path, pathType, backend, origin } of pathsOf(context, member)) {
      const { ingress, settings } = member;
      if (!path.startsWith("/")) {
        workshop.notes.add(ingress.note, `${origin}.path`, {
          verdict: "lost",
          subject: `${pathType} "${path}" of ${host} to ${backendText(backend)}`,
          message: "a path begins with a slash; no cluster takes this one",
          place: { within: "spec", host },
        });
        continue;
      }
      const key = pathKey(path, pathType, settings);
      const winner = seen.get(key);
      if (winner !== undefined) {
        workshop.notes.add(ingress.note, origin, {
          verdict: "lost",
          subject: `${pathType} "${path}" of ${host} to ${backendText(backend)}`,
          message:
            `${winner.member.ingress.id} is older and has the same path, so requests go there ` +
            "before and after; this one never took any",
          place: { within: "spec", host },
        });
        continue;
      }
      const resolved = resolveBackend(backend, ingress.namespace, workshop.sources.services, {
        byTargetPort: settings.dialect === "ingress-nginx",
      });
      if (!resolved.ok) {
        workshop.notes.add(ingress.note, backend.path, {
          verdict: "lost",
          subject: `${pathType} "${path}" of ${host} to ${backendText(backend)}`,
          message: `${resolved.message}; the route answers 503`,
          place: { within: "routes", origin, host },
        });
      } else {
        workshop.notes.add(ingress.note, origin, {
          verdict: "kept",
          subject: `${pathType} "${path}" of ${host} to ${resolved.name}:${resolved.port}`,
          place: { within: "routes", origin, host },
        });
      }
      const location: PlannedLocation = {
        member,
        path,
        pathType,
        backend,
        origin,
        canaries: [],
        ...(resolved.ok
          ? { service: { name: resolved.name, port: resolved.port, ...settings.service } }
          : {}),
      };
      seen.set(key, location);
      locations.push(location);
    }
  }
  return locations;
}

/** The paths an Ingress has for this host, with what its default backend adds. */
function pathsOf(
  { workshop, host }: HostContext,
  { ingress: { body, note }, settings }: ReadIngress,
): IngressPath[] {
  const { hosts = [] } = workshop.options;
  const isGiven = hosts.includes(host);
  const rules = body.rules.filter((rule) =>
    rule.host === host || ((rule.host === "" || rule.host === "*") && isGiven)
  );
  const paths = rules.flatMap(({ paths }) => [...paths]);
  const { defaultBackend } = body;
  if (defaultBackend === undefined || settings.canary !== undefined) return paths;
  const reaches = settings.dialect === "ingress-nginx" || isGiven;
  const hasRoot = paths.some(({ path, pathType }) => path === "/" && pathType !== "Exact");
  const { path: origin } = defaultBackend;
  workshop.notes.add(note, origin, {
    verdict: reaches ? hasRoot ? "kept" : "approximated" : "lost",
    subject: `${origin} for ${host}: ${backendText(defaultBackend)}`,
    message: !reaches
      ? "it takes requests for host names that no rule is for, which an HTTPProxy cannot: name hosts " +
        "with --host, or keep the Ingress"
      : hasRoot
      ? "the host has a rule for /"
      : `takes what no other path of ${host} does; other host names get 404`,
    place: { within: "routes", origin, host },
  });
  return reaches && !hasRoot
    ? [...paths, { path: "/", pathType: "Prefix", backend: defaultBackend, origin }]
    : paths;
}

/** Gives each canary to the path it is for. */
function attachCanaries(
  context: HostContext,
  locations: readonly PlannedLocation[],
): PlannedLocation[] {
  const { workshop, host, members } = context;
  const found = new Map<PlannedLocation, PlannedCanary[]>();
  for (const member of members) {
    const { ingress, settings } = member;
    if (settings.canary === undefined) continue;
    for (const { path, pathType, backend, origin } of pathsOf(context, member)) {
      const key = pathKey(path, pathType, settings);
      const primary = locations.find((location) =>
        pathKey(location.path, location.pathType, location.member.settings) === key
      );
      const resolved = resolveBackend(backend, ingress.namespace, workshop.sources.services, {
        byTargetPort: true,
      });
      const problem = primary === undefined
        ? "no other Ingress has the same host, path and pathType, so nginx ignores the canary; give " +
          "the file with the Ingress it belongs to"
        : !resolved.ok
        ? resolved.message
        : ingress.namespace !== primary.member.ingress.namespace
        ? `it is in another namespace than ${primary.member.ingress.id}, and the Services of a route ` +
          "have to be in one: move it there"
        : (found.get(primary) ?? []).length > 0
        ? "only the first canary of a path counts"
        : undefined;
      workshop.notes.add(ingress.note, origin, {
        verdict: problem === undefined ? "kept" : "lost",
        subject: `canary for ${pathType} "${path}" of ${host}: ${backendText(backend)}`,
        ...(problem === undefined ? {} : { message: problem }),
        place: { within: "routes", host, ...(primary ? { origin: primary.origin } : {}) },
      });
      if (problem !== undefined || primary === undefined || !resolved.ok) continue;
      const service = {
        name: resolved.name,
        port: resolved.port,
        ...primary.member.settings.service,
      };
      found.set(primary, [...found.get(primary) ?? [], { member, origin, service }]);
    }
  }
  return locations.map((location) => ({ ...location, canaries: found.get(location) ?? [] }));
}

/** Paths with equal keys are one path to the controller. */
function pathKey(path: string, pathType: PathType, { dialect }: IngressSettings): string {
  const type = dialect === "ingress-nginx" && pathType !== "Exact" ? "Prefix" : pathType;
  return JSON.stringify([path, type]);
}
