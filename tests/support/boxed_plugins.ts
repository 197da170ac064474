/** The plugins in the box, for tests that judge what users write. */
import { builtInPlugins } from "../../cli/used_plugins.ts";
import type { PolicyKinds } from "../../controller/api/mod.ts";
import {
  admit,
  defaultGroup,
  furnish,
  type Furnishing,
  inProcess,
} from "../../controller/plugin/mod.ts";

const plugins = (await builtInPlugins()).map((plugin) => ({
  plugin: inProcess(plugin),
  from: "built in",
}));
const admission = admit(plugins);

/** Kinds of policies that can be read. */
export const boxedKinds: PolicyKinds = admission.policyKinds;

/** What the translation needs to know of them. */
export const boxedPlugins: Furnishing = furnish(admission.plugins, new Map());

const kinds = new Set(boxedPlugins.set.policies.map(({ facts }) => facts.name));

/** Whether an object is a policy of a plugin that was in the box, and was taken out. */
export function isPolicyOfMissingPlugin(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): boolean {
  return apiVersion.startsWith(`${defaultGroup}/`) && !kinds.has(kind);
}

/** Whether a text shows a policy of a plugin that was in the box, and was taken out. */
export function isOfMissingPlugin(text: string): boolean {
  const { byField } = boxedPlugins.set;
  const policies = Array.from(text.matchAll(/apiVersion: (\S+)\n *kind: (\w+)/g))
    .map(([, apiVersion = "", kind = ""]) => ({ apiVersion, kind }));
  const fields = Array.from(text.matchAll(/^ +plugins:\s+\{?(\w+):/gm), ([, name = ""]) => name);
  return policies.some(isPolicyOfMissingPlugin) || fields.some((field) => !byField.has(field));
}
