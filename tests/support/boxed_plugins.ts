/** The plugins in the box, for tests that judge what users write. */
import { builtInPlugins } from "../../cli/used_plugins.ts";
import type { PolicyKinds } from "../../controller/api/mod.ts";
import { admit, furnish, type Furnishing, inProcess } from "../../controller/plugin/mod.ts";

const plugins = (await builtInPlugins()).map((plugin) => ({
  plugin: inProcess(plugin),
  from: "built in",
}));
const admission = admit(plugins);

/** Kinds of policies that can be read. */
export const boxedKinds: PolicyKinds = admission.policyKinds;

/** What the translation needs to know of them. */
export const boxedPlugins: Furnishing = furnish(admission.plugins, new Map());

/** Whether a text shows a policy of a plugin that was in the box, and was taken out. */
export function isOfMissingPlugin(text: string): boolean {
  const { policies, byField } = boxedPlugins.set;
  const kinds = new Set(policies.map(({ facts }) => facts.name));
  const named = (pattern: RegExp) => Array.from(text.matchAll(pattern), ([, name = ""]) => name);
  return named(/apiVersion: policy\.projectcontour\.io\/\w+\n *kind: (\w+)/g)
    .some((kind) => !kinds.has(kind)) ||
    named(/^ +plugins:\s+\{?(\w+):/gm).some((field) => !byField.has(field));
}
