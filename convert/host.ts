import type { ServedHost } from "./host_context.ts";
import { noteLocked } from "./host_authorization.ts";
import { hostLocations, type PlannedLocation } from "./host_locations.ts";
import { hostRoutes, isClosed, type RouteWithOrigin } from "./host_routes.ts";
import { hostTls, notePassedThrough } from "./host_tls.ts";
import type { ReadIngress } from "./hosts.ts";
import type { RouteServiceDraft, VirtualHostDraft } from "./output.ts";
import { noteTls, virtualHost } from "./virtual_host.ts";
import type { Workshop } from "./workshop.ts";

/** What was made for a host: for request tests. */
export interface PlannedHost {
  readonly host: string;
  readonly tls: boolean;
  readonly locations: readonly PlannedLocation[];
  /** Whether a path answers 403, since nobody can be asked about its requests any more. */
  readonly isLocked: (location: PlannedLocation) => boolean;
}

/**
 * Makes the HTTPProxies of one host, whose Ingresses are `members`. One Ingress alone is one root;
 * several become a root and a part each, in the namespace of the Ingress, that the root includes.
 */
export function planHost(
  workshop: Workshop,
  host: string,
  members: readonly ReadIngress[],
  hosts: Set<string>,
): PlannedHost {
  const primaries = members.filter(({ settings }) => settings.canary === undefined);
  const [first] = primaries;
  const locations = hostLocations({ workshop, host, members, primaries });
  if (first === undefined) return { host, tls: false, locations: [], isLocked: () => false };
  const owners = primaries.filter((member) => locations.some((each) => each.member === member));
  const root = owners[0] ?? first;
  const tcpproxy = passedThrough(root, locations);
  const passthrough = tcpproxy !== undefined;
  const context: ServedHost = {
    workshop,
    host,
    members,
    primaries,
    root,
    passthrough,
    tls: passthrough ? undefined : hostTls(workshop, host, primaries, root.ingress.namespace),
  };
  if (passthrough) notePassedThrough(workshop, host, primaries);
  noteOtherRoot(context);
  noteLocked(context);
  noteTls(context);
  const before = appRoot(context);
  const routes = hostRoutes(context, locations, before);
  const aliases = hostAliases(context, hosts);
  // The next host that has one of these has come too late, as in nginx.
  for (const alias of aliases) hosts.add(alias);
  const spec = { virtualhost: virtualHost(context), ...(passthrough ? { tcpproxy } : {}) };
  if (owners.length > 1 || aliases.length > 0) {
    addParts(context, owners, routes, before, [
      spec,
      ...aliases.map((fqdn) => ({
        virtualhost: { ...spec.virtualhost, fqdn },
      })),
    ]);
  } else addRoot(context, spec, nameOf(context, root), [...before, ...routes.get(root) ?? []]);
  addOtherName(context, hosts);
  return {
    host,
    tls: context.tls !== undefined,
    locations,
    isLocked: (location) => isClosed(context, location),
  };
}

/** Two roots of one host spoil each other. */
function noteOtherRoot({ workshop, host, root: { ingress } }: ServedHost): void {
  const other = workshop.sources.roots.get(host);
  if (other === undefined) return;
  workshop.notes.add(ingress.note, "", {
    verdict: "lost",
    subject: `host ${host}`,
    message:
      `HTTPProxy/${other} is a root of this host, and there may be but one: let it include this`,
    place: { within: "virtualhost", host },
  });
}

interface RootSpec {
  readonly virtualhost: VirtualHostDraft;
  readonly tcpproxy?: { services: RouteServiceDraft[] };
}

interface Include {
  name: string;
  namespace?: string;
}

function addRoot(
  context: ServedHost,
  spec: RootSpec,
  name: string,
  own: readonly RouteWithOrigin[],
  includes: Include[] = [],
): void {
  const { workshop, host, members, root: { ingress } } = context;
  workshop.add({
    ...httpProxy,
    metadata: metadata(context.root, name, dnsAnnotations(context)),
    spec: {
      ...ingressClass(workshop, context.root),
      ...spec,
      ...(includes.length === 0 ? {} : { includes }),
      ...(own.length === 0 ? {} : { routes: own.map(({ route }) => route) }),
    },
  }, {
    file: ingress.file,
    sources: members.map(({ ingress }) => ingress.id),
    host,
    origins: own.map(({ origin }) => origin),
  });
}

/** A part for each Ingress, and the roots that include them all. */
function addParts(
  context: ServedHost,
  owners: readonly ReadIngress[],
  routes: ReadonlyMap<ReadIngress, readonly RouteWithOrigin[]>,
  before: readonly RouteWithOrigin[],
  roots: readonly RootSpec[],
): void {
  const { workshop, host, root } = context;
  const { namespace } = root.ingress;
  const includes = owners.flatMap((member): Include[] => {
    const own = routes.get(member) ?? [];
    if (own.length === 0) return [];
    const name = nameOf(context, member);
    const { ingress } = member;
    workshop.add({
      ...httpProxy,
      metadata: metadata(member, name),
      spec: { ...ingressClass(workshop, root), routes: own.map(({ route }) => route) },
    }, {
      file: ingress.file,
      sources: [ingress.id],
      host,
      origins: own.map(({ origin }) => origin),
    });
    return [{ name, ...(ingress.namespace === namespace ? {} : { namespace: ingress.namespace }) }];
  });
  for (const spec of roots) {
    const name = workshop.name("HTTPProxy", namespace, slug(spec.virtualhost.fqdn));
    addRoot(context, spec, name, before, includes);
  }
}

/** `from-to-www-redirect`: a root for the name with, or without, `www.` in front. */
function addOtherName(context: ServedHost, hosts: Set<string>): void {
  const { workshop, host, primaries, root: { ingress }, tls } = context;
  const member = primaries.find(({ settings }) => settings.host.fromToWww !== undefined);
  const statusCode = member?.settings.host.fromToWww;
  if (member === undefined || statusCode === undefined || host.startsWith("*.")) return;
  const other = host.startsWith("www.") ? host.slice(4) : `www.${host}`;
  if (hosts.has(other)) return;
  hosts.add(other);
  const { file, namespace } = ingress;
  workshop.add({
    ...httpProxy,
    metadata: { name: workshop.name("HTTPProxy", namespace, slug(other)), namespace },
    spec: {
      ...ingressClass(workshop, member),
      virtualhost: {
        fqdn: other,
        ...(tls === undefined ? {} : { tls: { secretName: tls.secretName } }),
      },
      routes: [{
        conditions: [{ prefix: "/" }],
        requestRedirectPolicy: { hostname: host, statusCode },
        ...(tls === undefined ? {} : { permitInsecure: true }),
      }],
    },
  }, {
    file,
    sources: [member.ingress.id],
    host,
    origins: [{ source: member.ingress.id, path: "from-to-www-redirect" }],
  });
}

const httpProxy = { apiVersion: "projectcontour.io/v1", kind: "HTTPProxy" } as const;

function appRoot({ primaries, tls, passthrough }: ServedHost): RouteWithOrigin[] {
  const member = primaries.find(({ settings }) => settings.host.appRoot !== undefined);
  const path = member?.settings.host.appRoot;
  if (member === undefined || path === undefined) return [];
  return [{
    route: {
      conditions: [{ exact: "/" }],
      requestRedirectPolicy: { path, statusCode: 302 },
      ...(tls === undefined && !passthrough ? {} : { permitInsecure: true }),
    },
    origin: { source: member.ingress.id, path: "app-root" },
  }];
}

/** Where encrypted bytes go, if the Ingress wants them left alone. */
function passedThrough(
  { settings }: ReadIngress,
  locations: readonly PlannedLocation[],
): { services: RouteServiceDraft[] } | undefined {
  if (!settings.host.passthrough) return undefined;
  const service = locations.find(({ path }) => path === "/")?.service;
  return service === undefined
    ? undefined
    : { services: [{ name: service.name, port: service.port }] };
}

/** Other names of the host that nobody else has. */
function hostAliases(
  { workshop, host, primaries }: ServedHost,
  hosts: ReadonlySet<string>,
): readonly string[] {
  const member = primaries.find(({ settings }) => settings.host.aliases.length > 0);
  if (member === undefined) return [];
  const { ingress, settings: { host: { aliases } } } = member;
  const taken = aliases.filter((alias) => hosts.has(alias) && alias !== host);
  if (taken.length > 0) {
    workshop.notes.add(ingress.note, "", {
      verdict: "kept",
      subject: `other names of ${host}`,
      message: `${taken.join(", ")}: another host has this name already, and keeps it, as in nginx`,
      place: { within: "virtualhost", host },
    });
  }
  return aliases.filter((alias) => !hosts.has(alias));
}

function ingressClass(
  { options: { targetClass } }: Workshop,
  { ingress: { annotations, body }, settings }: ReadIngress,
): { ingressClassName?: string } {
  const own = settings.dialect === "contour"
    ? annotations["projectcontour.io/ingress.class"] ??
      annotations["contour.heptio.com/ingress.class"] ??
      annotations["kubernetes.io/ingress.class"] ?? body.ingressClassName
    : undefined;
  const ingressClassName = targetClass ?? own;
  return ingressClassName === undefined ? {} : { ingressClassName };
}

function metadata(
  { ingress: { namespace, labels } }: ReadIngress,
  name: string,
  annotations: Record<string, string> = {},
) {
  return {
    name,
    namespace,
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** What external-dns wants to know of the host; the oldest Ingress wins. */
function dnsAnnotations({ primaries }: ServedHost): Record<string, string> {
  const all = primaries.flatMap(({ ingress }) => Object.entries(ingress.annotations))
    .filter(([key]) => key.startsWith("external-dns."));
  return Object.fromEntries(all.reverse());
}

/** The name of the Ingress, if it has but this host. */
function nameOf({ workshop, host }: ServedHost, { ingress }: ReadIngress): string {
  const { body, name, namespace } = ingress;
  const hosts = new Set(body.rules.map(({ host }) => host));
  return workshop.name("HTTPProxy", namespace, hosts.size <= 1 ? name : `${name}-${slug(host)}`);
}

/** A host as part of a name. */
function slug(host: string): string {
  return host.replace(/^\*\./, "wildcard.");
}
