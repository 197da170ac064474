import { keyId, keyOf, type KubeObject } from "../controller/api/mod.ts";
import {
  isOnListener,
  isServed,
  matchHost,
  matchRoute,
  type Origin,
  type Request,
  type Route,
  type RouteMatch,
  type VirtualHost,
  virtualHost,
} from "../controller/graph/mod.ts";
import { type PluginSet, pluginsInput } from "../controller/plugin/mod.ts";
import type { Db } from "../controller/query/mod.ts";
import { ingressHosts, type Settings } from "../controller/store/mod.ts";
import { objectDb } from "../explain/mod.ts";
import { connectionTreatment } from "./effect/connection.ts";
import { type Effect, nobody, type Treatment } from "./effect/effect.ts";
import { routeEffect, tcpEffect } from "./effect/route_effect.ts";

/** One of the two sets of objects that are compared: what becomes of requests under it. */
export class Side {
  readonly objects: readonly KubeObject[];
  readonly db: Db;
  /** The names of hosts that somebody has, sorted. */
  readonly hostNames: readonly string[];
  readonly #tables = new Map<string, HostTable>();
  readonly #assumed: ReadonlySet<string>;

  constructor(
    given: readonly KubeObject[],
    assumed: readonly KubeObject[],
    { settings, plugins }: SideSettings,
  ) {
    const objects = [...given, ...assumed];
    this.objects = objects;
    this.#assumed = new Set(assumed.map((object) => keyId(keyOf(object))));
    this.db = objectDb(objects, settings, {
      ...(plugins === undefined ? {} : { inputs: new Map([[pluginsInput.name, plugins]]) }),
    });
    const names = new Set(objects.flatMap(namesOf));
    this.hostNames = [...names].filter((name) => this.#host(name) !== undefined).sort();
  }

  /** What becomes of requests for a name, on one of the listeners; absent: nobody has the name. */
  table(authority: string, { tls }: { readonly tls: boolean }): HostTable | undefined {
    const fqdn = matchHost(authority, (name) => isServed(this.#host(name), { tls }));
    const host = fqdn === undefined ? undefined : this.#host(fqdn);
    if (host === undefined) return undefined;
    const key = `${host.fqdn} ${tls}`;
    const known = this.#tables.get(key) ?? this.#tableOf(host, tls);
    this.#tables.set(key, known);
    return known;
  }

  /** Which rule takes a request, and what becomes of it. */
  answer(request: Request): Answer {
    const table = this.table(request.authority, request);
    if (table === undefined) return { effect: nobodyThere(request) };
    const rule = table.ruleFor(request);
    return {
      table,
      ...(rule === undefined ? {} : { rule }),
      effect: rule?.effect ?? nobodyThere(request, table),
    };
  }

  /** The headers that rules ask for, lower case. */
  headerNames(): readonly string[] {
    const names = this.hostNames.flatMap((name) =>
      this.#host(name)?.routes.flatMap(({ match }) => match.headers.map(({ name }) => name)) ?? []
    );
    return [...new Set(names.map((name) => name.toLowerCase()))];
  }

  #host(fqdn: string): VirtualHost | undefined {
    return virtualHost(this.db, fqdn);
  }

  #tableOf(host: VirtualHost, tls: boolean): HostTable {
    const connection = tls
      ? connectionTreatment(
        this.db,
        host,
        (ref) => this.#assumed.has(keyId({ kind: "Secret", ...ref })),
      )
      : undefined;
    const shared = { host, ...(connection === undefined ? {} : { connection }) };
    const { secure } = host;
    if (tls && secure !== undefined && secure.kind !== "http") {
      const rule: SideRule = {
        index: 0,
        match: { path: { kind: "prefix", prefix: "/" }, headers: [], query: [] },
        effect: tcpEffect(this.db, host, secure.proxy),
        origin: { object: host.owner, path: "spec.tcpproxy" },
      };
      return { ...shared, rules: [rule], ruleFor: () => rule };
    }
    const rules = host.routes.filter((route) => isOnListener(route, { tls }))
      .map((route, index): SideRule => ({
        index,
        match: route.match,
        effect: routeEffect(this.db, host, route, { tls }),
        origin: route.origin,
      }));
    const byRoute = new Map<Route, SideRule>();
    for (const route of host.routes.filter((route) => isOnListener(route, { tls }))) {
      const rule = rules[byRoute.size];
      if (rule !== undefined) byRoute.set(route, rule);
    }
    return {
      ...shared,
      rules,
      ruleFor(request) {
        const { route } = matchRoute(host, request);
        return route === undefined ? undefined : byRoute.get(route);
      },
    };
  }
}

/** What both sides have in common. */
export interface SideSettings {
  readonly settings: Settings;
  /** Absent: none. */
  readonly plugins?: PluginSet | undefined;
}

/** The rules for a host on one listener, in the order in which they are tried. */
export interface HostTable {
  readonly host: VirtualHost;
  readonly rules: readonly SideRule[];
  /** What clients meet first, where TLS is ended. */
  readonly connection?: Treatment;
  readonly ruleFor: (request: Request) => SideRule | undefined;
}

/** A rule, and what becomes of the requests that it takes. */
export interface SideRule {
  /** Its place in the table. */
  readonly index: number;
  readonly match: RouteMatch;
  readonly effect: Effect;
  readonly origin: Origin;
}

/** See {@link Side.answer}. */
export interface Answer {
  readonly table?: HostTable;
  readonly rule?: SideRule;
  readonly effect: Effect;
}

/** What becomes of a request that no rule takes. */
export function nobodyThere(
  { tls }: { readonly tls: boolean },
  table?: HostTable,
): Effect {
  return tls && table === undefined ? noTls : notFound;
}

const noTls = nobody("(no TLS)");
const notFound = nobody("(404)");

function namesOf(object: KubeObject): readonly string[] {
  switch (object.kind) {
    case "HTTPProxy": {
      const fqdn = object.spec.virtualhost?.fqdn.toLowerCase();
      return fqdn === undefined ? [] : [fqdn];
    }
    case "Ingress":
      return ingressHosts(object);
    default:
      return [];
  }
}
