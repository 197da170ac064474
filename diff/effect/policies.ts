import { isPolicy, isPolicyKind, parsePath } from "../../controller/api/mod.ts";
import type { Origin, VirtualHost } from "../../controller/graph/mod.ts";
import {
  type Addition,
  type HostPlugins,
  hostPlugins,
  pluginsInput,
} from "../../controller/plugin/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { objectInput } from "../../controller/store/mod.ts";
import { aspect, type AspectEntry } from "./aspect.ts";

/** What policies of plugins do to the requests of a route, by its place in the host. */
export function policyAspects(
  db: Db,
  { fqdn }: VirtualHost,
  place: number,
): readonly AspectEntry[] {
  const added = addedTo(db, fqdn);
  const own = added?.routes.get(place)?.additions ?? [];
  const ofHost = (added?.host ?? []).flatMap((addition) => leftOf(addition, own) ?? []);
  const additions = [...ofHost, ...own];
  if (additions.length === 0) return [];
  const told = additions.map(({ filters, roles, message, feed }) => [
    filters,
    roles,
    message,
    feed,
  ]);
  const [name, whole] = aspect("policies", told, additions.map(additionText).join(", "));
  const parts = new Map(
    additions.flatMap((addition) =>
      inForce(addition).map((origin) => [label(addition, origin), settingsAt(db, origin)] as const)
    ),
  );
  return [[name, { ...whole, parts }]];
}

/** Whether a policy that keeps requests out cannot be carried out, so that nobody is let in. */
export function isClosed(db: Db, { fqdn }: VirtualHost, place: number): boolean {
  return addedTo(db, fqdn)?.routes.get(place)?.closed === true;
}

/** Without plugins nobody has to look for policies. */
function addedTo(db: Db, fqdn: string): HostPlugins | undefined {
  return db.get(pluginsInput, "plugins") === undefined ? undefined : hostPlugins(db, fqdn);
}

/** What is left of an addition to the host where a route has its own: filters listen to the route. */
function leftOf(addition: Addition, own: readonly Addition[]): Addition | undefined {
  const without = (told: Addition["filters"], names: readonly string[]) =>
    Object.fromEntries(Object.entries(told).filter(([name]) => !names.includes(name)));
  const filters = without(addition.filters, own.flatMap(({ filters }) => Object.keys(filters)));
  const roles = without(addition.roles, own.flatMap(({ roles }) => Object.keys(roles)));
  const { message } = addition;
  const isNothing = [filters, roles, message].every((told) => Object.keys(told).length === 0);
  return isNothing ? undefined : { ...addition, filters, roles };
}

/** The policies that something is told of; where services are told nothing, all that reach it. */
function inForce({ origins, feed }: Addition): readonly Origin[] {
  const fed = origins.filter((origin) => idOf(origin) in feed);
  return fed.length === 0 ? origins : fed;
}

/** See `AttachedPolicy.id` of the contract. */
function idOf({ object: { kind, namespace, name }, path }: Origin): string {
  return isPolicyKind(kind) ? `${namespace}/${name}` : `${kind}/${namespace}/${name}#${path}`;
}

function additionText(addition: Addition): string {
  return inForce(addition).map((origin) => label(addition, origin)).join(" and ");
}

/** `RateLimit default/shop`, or where else it is written. */
function label({ kind }: Addition, { object, path }: Origin): string {
  const name = `${object.namespace}/${object.name}`;
  return isPolicyKind(object.kind)
    ? `${kind} ${name}`
    : `${kind} in ${object.kind} ${name} ${path}`;
}

/** What the policy says, as it was read; of a field or an annotation as it is written. */
function settingsAt(db: Db, { object, path }: Origin): unknown {
  const found = db.get(objectInput, object);
  if (found === undefined) return undefined;
  if (isPolicy(found)) return found.spec.settings;
  return parsePath(path).reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    found,
  );
}
