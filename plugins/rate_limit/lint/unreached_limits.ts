import type { PluginLintRule } from "../outside.ts";
import { lintedPolicy } from "./linted_policy.ts";
import { type LintedProxy, lintedProxy } from "./linted_proxy.ts";

/** Limits of a host that nothing is counted by, since every rule of it has others. */
export const unreachedLimits: PluginLintRule = {
  name: "unreached-limit",
  severity: "warning",
  explanation:
    "The limits of a host or an object stand back where a rule has limits of its own that do not " +
    "inherit. Where every rule has, they count nothing.",
  check: ({ objects, policies }) => {
    const read = policies.map((policy) => ({ policy, ...lintedPolicy(policy.spec) }));
    return read.flatMap(({ policy, targets, settings }) => {
      if (settings === undefined || settings.limits.length === 0) return [];
      const proxies = targets.map(({ kind, name, sectionName }) =>
        kind !== "HTTPProxy" || sectionName !== undefined
          ? undefined
          : objects.find((object) =>
            object.kind === "HTTPProxy" && object.name === name &&
            object.namespace === policy.namespace
          )
      );
      const sectionsOf = (name: string) =>
        read.filter(({ policy: other, settings }) =>
          other.namespace === policy.namespace && settings?.inherit !== true
        ).flatMap(({ targets }) =>
          targets.flatMap((target) =>
            target.kind === "HTTPProxy" && target.name === name ? target.sectionName ?? [] : []
          )
        );
      const isUnreached = proxies.length > 0 && proxies.every((proxy) =>
        proxy !== undefined &&
        everyRuleHasItsOwn(lintedProxy(proxy.spec), sectionsOf(proxy.name))
      );
      if (!isUnreached) return [];
      return [{
        object: policy,
        path: "spec.limits",
        message: "nothing is counted here: every rule of the target has limits of its own",
        hint: "let those inherit, or take these away",
      }];
    });
  },
};

function everyRuleHasItsOwn({ routes, includes }: LintedProxy, sections: readonly string[]) {
  if (includes !== undefined || routes === undefined || routes.length === 0) return false;
  return routes.every(({ plugins, conditions = [] }, i) => {
    if (plugins?.rateLimit !== undefined && plugins.rateLimit.inherit !== true) return true;
    const paths = conditions.flatMap(({ prefix, exact, regex }) => prefix ?? exact ?? regex ?? []);
    const path = paths.length === 0 ? "/" : paths.join("");
    return sections.includes(`routes[${i}]`) || sections.includes(path);
  });
}
