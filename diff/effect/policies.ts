import { keyId } from "../../controller/api/mod.ts";
import type { VirtualHost } from "../../controller/graph/mod.ts";
import {
  type Addition,
  type HostPlugins,
  hostPlugins,
  pluginsInput,
} from "../../controller/plugin/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry } from "./aspect.ts";

/** What policies of plugins do to the requests of a route, by its place in the host. */
export function policyAspects(
  db: Db,
  { fqdn }: VirtualHost,
  place: number,
): readonly AspectEntry[] {
  const added = addedTo(db, fqdn);
  const additions = [...added?.host ?? [], ...added?.routes.get(place)?.additions ?? []];
  if (additions.length === 0) return [];
  const told = additions.map(({ filters, roles, message }) => [filters, roles, message]);
  return [aspect("policies", told, additions.map(additionText).join(", "))];
}

/** Whether a policy that keeps requests out cannot be carried out, so that nobody is let in. */
export function isClosed(db: Db, { fqdn }: VirtualHost, place: number): boolean {
  return addedTo(db, fqdn)?.routes.get(place)?.closed === true;
}

/** Without plugins nobody has to look for policies. */
function addedTo(db: Db, fqdn: string): HostPlugins | undefined {
  return db.get(pluginsInput, "plugins") === undefined ? undefined : hostPlugins(db, fqdn);
}

function additionText({ kind, origins }: Addition): string {
  const behind = origins.map(({ object, path }) =>
    object.kind === "HTTPProxy" ? `${keyId(object)} ${path}` : keyId(object)
  );
  return `${kind} of ${behind.join(" and ")}`;
}
