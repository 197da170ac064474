import {
  createLayout,
  type EnvoyOptions,
  envoyOptionsInput,
  type LayoutKind,
  type Resource,
} from "../envoy/mod.ts";
import { isPolicyKind, type KubeObject } from "../api/mod.ts";
import { type PluginSet, pluginsInput } from "../plugin/mod.ts";
import { coldDb, coldOutputs, type Demand, type Facts, LiveDb, Outputs } from "../query/mod.ts";
import { type Settings, settingsInput, Store } from "../store/mod.ts";
import type { ObjectStatus } from "../status/mod.ts";
import { families, type FamilyValues, sources, standing } from "./families.ts";
import { Notices } from "./notices.ts";
import { noticed, PolicyStatuses } from "./policy_statuses.ts";

/**
 * The whole translation computed from nothing, every query anew at each reading: what the live one
 * has to equal byte for byte. Resources by type and name, statuses by key.
 */
export function translateCold(
  objects: Iterable<KubeObject>,
  options: ColdOptions,
): ColdTranslation {
  return translateAll([...objects], options);
}

function translateAll(
  objects: readonly KubeObject[],
  { settings, envoy, layout, plugins }: ColdOptions,
): ColdTranslation {
  const values = coldOutputs(
    coldDb(factsOf(objects, settings, envoy, plugins)),
    families,
    coldSources(objects),
  );
  const hosts = familyValues(values, "hosts");
  const built = createLayout(layout, envoy);
  const [services] = familyValues(values, "globalServices").values();
  built.update({
    ...(services === undefined ? {} : { services: services.services }),
    hosts: {
      changed: new Map(
        [...hosts].flatMap(([fqdn, host]) => host === undefined ? [] : [[fqdn, host]]),
      ),
      removed: [],
    },
  });
  const resources = [
    ...[...familyValues(values, "clusters").values()].map((output) => output?.resource),
    ...[...familyValues(values, "assignments").values()].map(({ resource }) => resource),
    ...[...familyValues(values, "extensions").values()].map(({ resource }) => resource),
    ...[...familyValues(values, "extensionAssignments").values()].map(({ resource }) => resource),
    ...familyValues(values, "keyServers").values(),
    ...familyValues(values, "certificates").values(),
    ...built.resources(),
  ].filter((resource) => resource !== undefined);
  const notices = new Notices();
  for (const [id, output] of familyValues(values, "clusters")) {
    notices.set(`clusters ${id}`, output);
  }
  for (const [id, output] of familyValues(values, "assignments")) {
    notices.set(`assignments ${id}`, output);
  }
  for (const [fqdn, host] of hosts) {
    notices.set(`hosts ${fqdn}`, host && { diagnostics: noticed(host.diagnostics) });
  }
  const policies = new PolicyStatuses();
  const statuses = [...familyValues(values, "statuses").values()]
    .filter((status) => status !== undefined)
    .flatMap((status) => {
      if (status.policyStatus === undefined) return [status];
      policies.set(status);
      return policies.whole(status.key, notices.of(status.key)) ?? [];
    });
  return {
    resources: new Map(
      resources.map((resource) => [`${resource.typeUrl} ${resource.name}`, resource]),
    ),
    statuses: [
      ...statuses,
      ...notices.statuses().filter(({ key }) => !isPolicyKind(key.kind)),
    ],
  };
}

/** What a cold translation depends on beside the objects. */
export interface ColdOptions {
  readonly settings: Settings;
  readonly envoy: EnvoyOptions;
  readonly layout: LayoutKind;
  readonly plugins?: PluginSet | undefined;
}

/** What it comes to. */
export interface ColdTranslation {
  /** By type URL, a space, and the name. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly statuses: readonly ObjectStatus[];
}

/** Objects and indexes as facts; the store that writes them is used, its engine is not. */
function factsOf(
  objects: readonly KubeObject[],
  settings: Settings,
  envoy: EnvoyOptions,
  plugins: PluginSet | undefined,
): Facts {
  const db = new LiveDb();
  new Store(db, new Outputs(db, []), () => []).apply({ applied: objects });
  db.set(settingsInput, "settings", settings);
  db.set(envoyOptionsInput, "options", envoy);
  if (plugins !== undefined) db.set(pluginsInput, "plugins", plugins);
  return db.facts();
}

function coldSources(objects: readonly KubeObject[]): Demand[] {
  return [...standing, ...objects.flatMap((object) => [...sources(object)])];
}

function familyValues<Name extends keyof FamilyValues>(
  values: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  name: Name,
): ReadonlyMap<string, FamilyValues[Name]> {
  return (values.get(name) ?? new Map()) as ReadonlyMap<string, FamilyValues[Name]>;
}
