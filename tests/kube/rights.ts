import type { PolicyRule } from "../../manifests/topology/mod.ts";

/** What a rule grants: `list secrets`, `update leases.coordination.k8s.io/leader-elect`. */
export function rightsIn(rule: PolicyRule): string[] {
  const { apiGroups, resources, resourceNames = [""], verbs } = rule;
  return verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) =>
          `${verb} ${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : `/${name}`}`
        )
      )
    )
  );
}

/** The same for several rules, without the names of objects, in order. */
export function rightsWithoutNames(rules: readonly PolicyRule[]): readonly string[] {
  return [
    ...new Set(
      rules.flatMap(({ apiGroups, resources, verbs }) => rightsIn({ apiGroups, resources, verbs })),
    ),
  ].sort();
}
