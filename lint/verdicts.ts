import { keyId, type KubeObject } from "../controller/api/mod.ts";
import type { EnvoyOptions } from "../controller/envoy/mod.ts";
import { type VirtualHost, virtualHost } from "../controller/graph/mod.ts";
import { type PluginSet, pluginsInput } from "../controller/plugin/mod.ts";
import { type Db, type Key, keyText } from "../controller/query/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import {
  families,
  type FamilyValues,
  noticed,
  Notices,
  sources,
  standing,
} from "../controller/translation/mod.ts";
import { objectDb } from "../explain/mod.ts";

/**
 * What the controller says of objects: the families of outputs it owes, computed once, without notes
 * on what to compute again when an object changes. The one thing left out is how hosts are put
 * together into resources, which has no say in any verdict.
 */
export function verdicts(
  objects: readonly KubeObject[],
  { settings, envoy, plugins }: {
    readonly settings: Settings;
    readonly envoy: EnvoyOptions;
    readonly plugins?: PluginSet | undefined;
  },
): Verdicts {
  const inputs = new Map(plugins === undefined ? [] : [[pluginsInput.name, plugins] as const]);
  const db = objectDb(objects, settings, { envoy, inputs });
  const outputs = outputsOf(db, objects);
  const statuses = new Map<string, ObjectStatus>();
  for (const status of held(outputs, "statuses").values()) {
    if (status !== undefined) statuses.set(keyId(status.key), status);
  }
  const notices = new Notices();
  for (const [id, output] of held(outputs, "clusters")) notices.set(`clusters ${id}`, output);
  for (const [id, output] of held(outputs, "assignments")) {
    notices.set(`assignments ${id}`, output);
  }
  for (const [fqdn, fragment] of held(outputs, "hosts")) {
    notices.set(`hosts ${fqdn}`, fragment && { diagnostics: noticed(fragment.diagnostics) });
  }
  for (const status of notices.statuses()) {
    const own = statuses.get(keyId(status.key));
    statuses.set(
      keyId(status.key),
      own === undefined ? status : {
        ...own,
        diagnostics: [...own.diagnostics, ...status.diagnostics],
      },
    );
  }
  const hosts = [...held(outputs, "hosts")]
    .flatMap(([fqdn, fragment]) => fragment === undefined ? [] : [fqdn]).sort()
    .flatMap((fqdn) => virtualHost(db, fqdn) ?? []);
  return { statuses, hosts };
}

type Outputs = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** The values of all families, by name and key. Families ask for values of later ones alone. */
function outputsOf(db: Db, objects: readonly KubeObject[]): Outputs {
  const asked = new Map(families.map(({ name }) => [name, new Map<string, Key>()]));
  const demand = ({ family, key }: (typeof standing)[number]) =>
    asked.get(family)?.set(keyText(key), key);
  standing.forEach(demand);
  for (const object of objects) sources(object).forEach(demand);
  const outputs = new Map<string, ReadonlyMap<string, unknown>>();
  for (const { name, query, demands } of families) {
    const values = new Map<string, unknown>();
    for (const [id, key] of asked.get(name) ?? []) {
      const value = db.read(query, key);
      values.set(id, value);
      demands?.(value).forEach(demand);
    }
    outputs.set(name, values);
  }
  return outputs;
}

/** See {@link verdicts}. */
export interface Verdicts {
  /** By key id. */
  readonly statuses: ReadonlyMap<string, ObjectStatus>;
  /** The hosts that are served, by name. */
  readonly hosts: readonly VirtualHost[];
}

function held<Name extends keyof FamilyValues>(
  outputs: Outputs,
  name: Name,
): ReadonlyMap<string, FamilyValues[Name]> {
  return (outputs.get(name) ?? new Map()) as ReadonlyMap<string, FamilyValues[Name]>;
}
