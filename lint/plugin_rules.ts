import {
  codeNamed,
  codes,
  isPolicy,
  type KubeObject,
  type ObjectKey,
} from "../controller/api/mod.ts";
import type { LintedObject, PluginSet, RunningPlugin } from "../controller/plugin/mod.ts";
import type { Advice } from "./rule.ts";

/** What the rules of plugins find is told under one code; the message begins with the rule. */
export const pluginFinding = {
  code: codeNamed("PolicyFinding"),
  row: codes[codeNamed("PolicyFinding")],
};

/** Everything that the lint rules of plugins find. A rule that fails finds nothing, and says so. */
export function* pluginAdvice(
  objects: readonly KubeObject[],
  plugins: PluginSet | undefined,
): Iterable<Advice> {
  const running = [...new Set((plugins?.policies ?? []).map(({ plugin }) => plugin))];
  for (const plugin of running) {
    const { name: pluginName, lintRules, policies } = plugin.facts;
    if (lintRules.length === 0) continue;
    const kinds = new Set<string>(policies.map(({ kind }) => kind));
    const linted = {
      objects: objects.filter(({ kind }) => lintedKinds.has(kind)).map(asLinted),
      policies: objects.filter(({ kind }) => kinds.has(kind)).map(asLinted),
    };
    for (const [rule, { name, severity }] of lintRules.entries()) {
      const outcome = plugin.call("lint", { rule, objects: linted });
      if (!outcome.ok) {
        const [first] = objects.filter(({ kind }) => kinds.has(kind));
        if (first === undefined) continue;
        const object = keyOfLinted(asLinted(first), plugin);
        const message = `${pluginName}/${name} failed: ${outcome.message}`;
        yield { object, path: "", severity: "error", message };
        continue;
      }
      for (const { object, path, message, hint } of outcome.value) {
        yield {
          object: keyOfLinted(object, plugin),
          path,
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
