import {
  codeNamed,
  codes,
  isPolicy,
  type KubeObject,
  type ObjectKey,
  type Position,
  type Severity,
} from "../controller/api/mod.ts";
import type { LintedObject, PluginSet, RunningPlugin } from "../controller/plugin/mod.ts";
import type { Advice } from "./rule.ts";

/** What the rules of plugins find is told under one code; the message begins with the rule. */
export const pluginFinding = {
  code: codeNamed("PolicyFinding"),
  row: codes[codeNamed("PolicyFinding")],
};

/** Advice about an object, or about a place in a file that the settings of a plugin name. */
export interface PluginAdvice extends Partial<Advice> {
  readonly message: string;
  readonly severity: Severity;
  readonly position?: Position;
}

/** Everything that the lint rules of plugins find. A rule that fails finds nothing, and says so. */
export function* pluginAdvice(
  objects: readonly KubeObject[],
  plugins: PluginSet | undefined,
): Iterable<PluginAdvice> {
  for (const { plugin, settings } of plugins?.plugins ?? []) {
    const { name: pluginName, lintRules, policies } = plugin.facts;
    if (lintRules.length === 0) continue;
    const kinds = new Set<string>(policies.map(({ kind }) => kind));
    const linted = {
      objects: objects.filter(({ kind }) => lintedKinds.has(kind)).map(asLinted),
      policies: objects.filter(({ kind }) => kinds.has(kind)).map(asLinted),
      settings,
    };
    for (const [rule, { name, severity }] of lintRules.entries()) {
      const outcome = plugin.call("lint", { rule, objects: linted });
      if (!outcome.ok) {
        const message = `${pluginName}/${name} failed: ${outcome.message}`;
        yield { severity: "error", message };
        continue;
      }
      for (const { object, path = "", position, message, hint } of outcome.value) {
        yield {
          ...(object === undefined ? {} : { object: keyOfLinted(object, plugin), path }),
          ...(position === undefined ? {} : { position }),
          severity,
          message: `${pluginName}/${name}: ${message}`,
          ...(hint === undefined ? {} : { hint }),
        };
      }
    }
  }
}

const lintedKinds: ReadonlySet<string> = new Set(["HTTPProxy", "Ingress", "Service"]);

function asLinted(object: KubeObject): LintedObject {
  const { kind, metadata: { namespace, name, labels = {}, annotations = {} } } = object;
  if (isPolicy(object)) {
    const { settings, targets } = object.spec;
    const spec = { ...settings as object, targetRefs: targets };
    return { kind: kind.slice(0, kind.indexOf(".")), namespace, name, labels, annotations, spec };
  }
  return { kind, namespace, name, labels, annotations, spec: "spec" in object ? object.spec : {} };
}

function keyOfLinted(
  { kind, namespace, name }: Pick<LintedObject, "kind" | "namespace" | "name">,
  { facts }: RunningPlugin,
): ObjectKey {
  const policy = facts.policies.find((policy) => policy.name === kind);
  // A kind that is none names no object, and nothing is told of it.
  return { kind: policy?.kind ?? (kind as ObjectKey["kind"]), namespace, name };
}
