import { isPolicy, keyId, keyOf, type KubeObject } from "../controller/api/mod.ts";
import type { PluginSet } from "../controller/plugin/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import { policyReaches } from "../explain/mod.ts";
import type { PolicyRow } from "./report/policy_statuses.ts";

/**
 * A row for every policy that has a status: whether it is in force, what it reaches, and which others
 * come after it there. `objects` are all there are.
 */
export function policyRows(
  statuses: readonly Pick<ObjectStatus, "key" | "policyStatus">[],
  { objects, settings, plugins }: {
    readonly objects: readonly KubeObject[];
    readonly settings: Settings;
    /** Absent: there are no policies. */
    readonly plugins: PluginSet | undefined;
  },
): readonly PolicyRow[] {
  const judged = statuses.flatMap(({ key, policyStatus: status }) =>
    status === undefined ? [] : [{ key, status }]
  );
  if (plugins === undefined || judged.length === 0) return [];
  const reaches = policyReaches(objects, { settings, plugins });
  const byId = new Map(
    objects.flatMap((object) => isPolicy(object) ? [[keyId(keyOf(object)), object] as const] : []),
  );
  return judged.flatMap(({ key, status }): PolicyRow[] => {
    const policy = byId.get(keyId(key));
    if (policy === undefined) return [];
    return [{ key, apiVersion: policy.apiVersion, status, reaches: reaches.get(keyId(key)) ?? [] }];
  }).sort((a, b) => rank(a) < rank(b) ? -1 : 1);
}

function rank({ key: { namespace, kind, name } }: PolicyRow): string {
  return `${namespace}/${kind}/${name}`;
}
