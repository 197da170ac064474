import { definePolicy, type RouteReach } from "../../controller/plugin/mod.ts";
import { contribution } from "./contribution.ts";
import { Settings } from "./settings/settings.ts";

/** Headers of a namespace, a host or a route. */
export const HeaderPolicy = definePolicy({
  kind: "HeaderPolicy",
  plural: "headerpolicies",
  summary: "Changes headers of requests and responses, and sets security headers and CORS.",
  schema: Settings,
  field: "headers",
  several: "all",
  host: ({ policies }) => contribution(policies, "host"),
  // Where the host alone has policies, Envoy takes what is said of the host.
  route: ({ host, policies }) =>
    policies.every((policy) => isOfHost(policy, host))
      ? undefined
      : contribution(policies, "route"),
});

/** Whether the policy is among those that `host` is given: that of another namespace is not. */
function isOfHost(
  { level, namespace }: RouteReach<Settings>["policies"][number],
  { owner }: RouteReach<Settings>["host"],
): boolean {
  return level === "host" || (level === "namespace" && namespace === owner.namespace);
}
