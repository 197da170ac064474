import { keyId, type KubeObject } from "../controller/api/mod.ts";
import { type EnvoyOptions, envoyOptionsInput } from "../controller/envoy/mod.ts";
import { type VirtualHost, virtualHost } from "../controller/graph/mod.ts";
import { LiveDb, type OutputDelta, Outputs } from "../controller/query/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import { type Settings, settingsInput, Store } from "../controller/store/mod.ts";
import {
  families,
  type FamilyValues,
  Notices,
  sources,
  standing,
} from "../controller/translation/mod.ts";

/**
 * What the controller says of objects: the families of outputs it owes, settled once. The one thing
 * left out is how hosts are put together into resources, which has no say in any verdict.
 */
export function verdicts(
  objects: readonly KubeObject[],
  { settings, envoy }: { readonly settings: Settings; readonly envoy: EnvoyOptions },
): Verdicts {
  const db = new LiveDb();
  const outputs = new Outputs(db, families);
  const store = new Store(db, outputs, sources);
  db.set(envoyOptionsInput, "options", envoy);
  db.set(settingsInput, "settings", settings);
  for (const demand of standing) outputs.demand(demand);
  store.apply({ applied: objects });
  const delta = outputs.settleNow();

  const statuses = new Map<string, ObjectStatus>();
  for (const status of changed(delta, "statuses").values()) {
    if (status !== undefined) statuses.set(keyId(status.key), status);
  }
  const notices = new Notices();
  for (const [id, output] of changed(delta, "clusters")) notices.set(`clusters ${id}`, output);
  for (const [id, output] of changed(delta, "assignments")) {
    notices.set(`assignments ${id}`, output);
  }
  for (const status of notices.statuses()) statuses.set(keyId(status.key), status);
  const hosts = [...changed(delta, "hosts")]
    .flatMap(([fqdn, fragment]) => fragment === undefined ? [] : [fqdn]).sort()
    .flatMap((fqdn) => virtualHost(db, fqdn) ?? []);
  return { statuses, hosts };
}

/** See {@link verdicts}. */
export interface Verdicts {
  /** By key id. */
  readonly statuses: ReadonlyMap<string, ObjectStatus>;
  /** The hosts that are served, by name. */
  readonly hosts: readonly VirtualHost[];
}

function changed<Name extends keyof FamilyValues>(
  delta: OutputDelta,
  name: Name,
): ReadonlyMap<string, FamilyValues[Name]> {
  return (delta.get(name)?.changed ?? new Map()) as ReadonlyMap<string, FamilyValues[Name]>;
}
