import type { PluginLintRule } from "../outside.ts";
import { lintedPolicy } from "./linted_policy.ts";
import { lintedProxy } from "./linted_proxy.ts";

/** Claims that nothing was verified for. */
export const unverifiedClaims: PluginLintRule = {
  name: "unverified-claim",
  severity: "warning",
  explanation:
    "A claim is that of a token that the host verified. Where no provider is named nobody verifies " +
    "any, and all requests share one counter.",
  check: ({ objects, policies }) =>
    policies.flatMap((policy) => {
      const { targets, settings } = lintedPolicy(policy.spec);
      const roots = targets.flatMap(({ kind, name }) =>
        objects.filter((object) =>
          kind === "HTTPProxy" && object.kind === kind && object.name === name &&
          object.namespace === policy.namespace
        ).map(({ spec }) => lintedProxy(spec))
      ).filter(({ virtualhost }) => virtualhost !== undefined);
      const isVerified = roots.length === 0 ||
        roots.some(({ virtualhost }) => (virtualhost?.jwtProviders ?? []).length > 0);
      if (isVerified) return [];
      return (settings?.limits ?? []).flatMap(({ by }, i) =>
        by?.jwtClaims === undefined ? [] : [{
          object: policy,
          path: `spec.limits[${i}].by.jwtClaims`,
          message: "no token is verified for the target, so none of its claims is known",
          hint: "name a provider in jwtProviders of the host",
        }]
      );
    }),
};
