import { keyId, type KubeObject, type ObjectKey } from "../controller/api/mod.ts";
import { virtualHost } from "../controller/graph/mod.ts";
import { hostPlugins, type PluginSet, pluginsInput } from "../controller/plugin/mod.ts";
import { ingressHosts, type Settings } from "../controller/store/mod.ts";
import { objectDb } from "./object_db.ts";

/**
 * Where policies have an effect, by their keys; those that reach nothing are left out. Policies in fields
 * and annotations are named by the object that they stand in.
 */
export function policyReaches(
  objects: readonly KubeObject[],
  { settings, plugins }: { readonly settings: Settings; readonly plugins: PluginSet },
): ReadonlyMap<string, readonly PolicyReach[]> {
  const db = objectDb(objects, settings, { inputs: new Map([[pluginsInput.name, plugins]]) });
  const found = new Map<string, PolicyReach[]>();
  for (const fqdn of [...new Set(objects.flatMap(namesOf))].sort()) {
    const host = virtualHost(db, fqdn);
    const added = host && hostPlugins(db, fqdn);
    if (host === undefined || added === undefined) continue;
    const reaches = new Map<string, Gathered>();
    for (const place of host.routes.keys()) {
      const own = added.routes.get(place)?.additions ?? [];
      for (const kind of new Set([...own, ...added.host].map(({ kind }) => kind))) {
        const { origins = [] } = own.find((each) => each.kind === kind) ??
          added.host.find((each) => each.kind === kind) ?? {};
        for (const [i, { object }] of origins.entries()) {
          const id = keyId(object);
          const reach = reaches.get(id) ?? { places: new Set(), before: new Map() };
          reaches.set(id, reach);
          reach.places.add(place);
          for (const { object: other } of origins.slice(i + 1)) {
            if (keyId(other) !== id) reach.before.set(keyId(other), other);
          }
        }
      }
    }
    for (const [id, { places, before }] of reaches) {
      const known = found.get(id) ?? [];
      found.set(id, known);
      const counts = { routes: places.size, ofRoutes: host.routes.length };
      known.push({ fqdn, ...counts, before: [...before.values()] });
    }
  }
  return found;
}

/** What a policy reaches in a host. */
export interface PolicyReach {
  readonly fqdn: string;
  readonly routes: number;
  /** How many the host has. */
  readonly ofRoutes: number;
  /** Where policies of its kind stand that reach some of the same routes, and come after it. */
  readonly before: readonly ObjectKey[];
}

interface Gathered {
  readonly places: Set<number>;
  readonly before: Map<string, ObjectKey>;
}

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
