import {
  codes,
  type Diagnostic,
  isPolicyKind,
  type ObjectKey,
  type PolicyObject,
  type TargetRef,
} from "../api/mod.ts";
import { diagnose, Fault } from "../graph/mod.ts";
import { type PluginDiagnostic, pluginsInput } from "../plugin/mod.ts";
import type { Db } from "../query/mod.ts";
import { object, objectInput } from "../store/mod.ts";
import { policyConditions } from "./conditions.ts";
import type { ObjectStatus } from "./object_status.ts";

/**
 * What is wrong with a policy of a plugin by itself: its targets, and what its plugin says of it. What
 * is wrong with it in the hosts that it reaches is found there, and added by {@link policyStatus}.
 */
export function policyDiagnostics(db: Db, key: ObjectKey): readonly Diagnostic[] | undefined {
  if (!isPolicyKind(key.kind)) return undefined;
  const policy = db.get(objectInput, key) as PolicyObject | undefined;
  const installed = db.get(pluginsInput, "plugins")?.byKind.get(key.kind);
  if (policy === undefined || installed === undefined) return undefined;
  const { plugin, index, facts } = installed;
  const targets = policy.spec.targets.flatMap((target, i) => {
    const why = lack(db, key, target);
    if (why === undefined) return [];
    const path = policy.spec.targets.length === 1 ? "spec.targetRef" : `spec.targetRefs[${i}]`;
    return [diagnose({ object: key, path }, new Fault("PolicyTargetNotFound", why))];
  });
  if (!facts.diagnoses) return targets;
  const found = plugin.call("diagnose", { policy: index, settings: policy.spec.settings });
  if (found.ok) return [...targets, ...found.value.map((each) => told(key, facts.name, each))];
  const message = `the plugin of ${facts.name} failed: ${found.message}`;
  return [...targets, diagnose({ object: key, path: "spec" }, new Fault("PluginFailed", message))];
}

/** The status of a policy with what was found in hosts. */
export function policyStatus(own: ObjectStatus, found: readonly Diagnostic[]): ObjectStatus {
  const { key, policyStatus: before } = own;
  const all = new Map([...own.diagnostics, ...found].map((each) => [JSON.stringify(each), each]));
  const diagnostics = [...all.values()];
  const generation = before?.conditions[0].observedGeneration;
  return { key, diagnostics, policyStatus: policyConditions(diagnostics, { generation }) };
}

function lack(db: Db, { namespace }: ObjectKey, target: TargetRef): string | undefined {
  const { kind, name, sectionName } = target;
  switch (kind) {
    case "Namespace":
      return name === namespace
        ? undefined
        : `a policy reaches its own namespace alone, and "${name}" is another one`;
    case "Ingress":
      return object(db, kind, { namespace, name }) === undefined
        ? `Ingress "${namespace}/${name}" not found`
        : undefined;
    case "HTTPProxy": {
      const proxy = object(db, kind, { namespace, name });
      if (proxy === undefined) return `HTTPProxy "${namespace}/${name}" not found`;
      const [, index] = /^routes\[(\d+)\]$/.exec(sectionName ?? "") ?? [];
      if (index === undefined || proxy.spec.routes?.[Number(index)] !== undefined) return undefined;
      return `HTTPProxy "${namespace}/${name}" has no ${sectionName}`;
    }
  }
}

function told(object: ObjectKey, kind: string, found: PluginDiagnostic): Diagnostic {
  const { severity, message, path = "", hint } = found;
  const diagnostic = diagnose(
    { object, path: "spec" },
    new Fault("PolicyFinding", `${kind}: ${message}`, path),
  );
  return {
    ...diagnostic,
    severity: severity ?? codes[diagnostic.code].severity,
    ...(hint === undefined ? {} : { hint }),
  };
}
