import type { CodeRow } from "./row.ts";

/** CTR351 to CTR369: plugins and their policies. */
export const pluginCodes = {
  CTR351: {
    name: "PluginUnknown",
    title: "No such plugin",
    severity: "warning",
    explanation:
      "The object asks for something that no plugin in use carries out. The rest of the object is served. `contour plugins` lists the plugins with their fields and kinds; `--plugin` and the section `plugins` of the configuration file add others.",
  },
  CTR352: {
    name: "PolicyNotValid",
    title: "Settings of a policy that are not valid",
    severity: "error",
    explanation:
      "The settings at this field or in these annotations are none that their plugin understands. The policy has no effect there; if it is one that keeps requests out, they are answered with 503 until it is mended.",
  },
  CTR353: {
    name: "PluginFailed",
    title: "A plugin failed",
    severity: "error",
    explanation:
      "The plugin threw an error, took too long, or answered something that is no answer, when it was asked about this policy. That is a mistake of the plugin, not of the policy. The policy has no effect where that happened, and everything else goes on; it is asked again when something about the policy or the host changes.",
  },
  CTR354: {
    name: "PolicyConflict",
    title: "Another policy comes first",
    severity: "warning",
    explanation:
      "Two policies of a kind are for the same thing, and one of them alone can count: a field of the object before an object of its own, that before annotations, and of objects the older one, then the one whose name comes first.",
  },
  CTR355: {
    name: "PolicyTargetNotFound",
    title: "Target of a policy not found",
    severity: "warning",
    explanation:
      "The policy is for an object, or a part of one, that is not there. It has an effect as soon as it is. A policy reaches objects of its own namespace alone.",
  },
  CTR356: {
    name: "PolicyFinding",
    title: "What a plugin says of its policy",
    severity: "warning",
    explanation: "The plugin whose policy this is found something to say about it.",
  },
  CTR357: {
    name: "PolicyRefused",
    title: "Policy that Envoy would refuse",
    severity: "error",
    explanation:
      "What the policy adds to a host or a route breaks one of the rules that Envoy checks on what it receives. It is left out there, so that Envoy takes the rest; if it is a policy that keeps requests out, they are answered with 503.",
  },
  CTR358: {
    name: "PluginNotUsable",
    title: "Plugin that cannot be used",
    severity: "error",
    explanation:
      "The plugin cannot be read, is written for another version of the contract, bears a name that another one has, or asks for a place among the filters that does not exist. It is left out, and everything else goes on without it.",
  },
} as const satisfies Record<string, CodeRow>;
