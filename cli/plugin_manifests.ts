import { regexProblem } from "../controller/graph/mod.ts";
import type { RunningPlugin } from "../controller/plugin/mod.ts";
import { customResourceDefinition, type Json, yaml } from "../manifests/mod.ts";

/**
 * What a cluster needs for the policies of plugins: their definitions, and for the controller the
 * right to see them and to write their statuses. YAML, sorted; empty where there are none.
 */
export function pluginManifests(plugins: readonly RunningPlugin[]): string {
  const policies = plugins.flatMap((plugin) =>
    plugin.facts.policies.map((facts, index) => ({ plugin, facts, index }))
  );
  if (policies.length === 0) return "";
  const definitions = policies.map(({ plugin, facts, index }) => {
    const outcome = plugin.call("schema", { policy: index });
    if (!outcome.ok) throw new Error(`Cannot read the schema of ${facts.name}: ${outcome.message}`);
    const [group = "", version = ""] = facts.apiVersion.split("/");
    return customResourceDefinition({
      group,
      version,
      kind: facts.name,
      plural: facts.plural,
      singular: facts.name.toLowerCase(),
      shortNames: [],
      schema: withServerPatterns(outcome.value) as Json,
    });
  });
  const groups = Map.groupBy(policies, ({ facts }) => facts.apiVersion.split("/")[0] ?? "");
  const plurals = (group: string) =>
    (groups.get(group) ?? []).map(({ facts }) => facts.plural).sort();
  const rules = [...groups.keys()].sort().flatMap((group) => [
    { apiGroups: [group], resources: plurals(group), verbs: ["get", "list", "watch"] },
    {
      apiGroups: [group],
      resources: plurals(group).map((plural) => `${plural}/status`),
      verbs: ["update"],
    },
  ]);
  const needsNamespaces = policies.some(({ facts }) =>
    facts.annotations.length > 0 && facts.targets.includes("Namespace")
  );
  const role: Json = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "contour-plugins" },
    rules: [
      ...rules,
      ...(needsNamespaces
        ? [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] }]
        : []),
    ],
  };
  const binding: Json = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "contour-plugins" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "contour-plugins",
    },
    subjects: [{ kind: "ServiceAccount", name: "contour", namespace: "projectcontour" }],
  };
  return [...definitions, role, binding].map((each) => `---\n${yaml(each)}`).join("");
}

/**
 * Patterns as an API server reads them, which is not quite as JavaScript does: a pattern that it would
 * not take is left out, and the controller alone checks it.
 */
function withServerPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withServerPatterns);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]) => {
      if (keyword !== "pattern" || typeof value !== "string") {
        return [[keyword, withServerPatterns(value)]];
      }
      const pattern = value.replace(/\\u([0-9a-fA-F]{4})/g, "\\x{$1}");
      return regexProblem(pattern) === undefined ? [[keyword, pattern]] : [];
    }),
  );
}
