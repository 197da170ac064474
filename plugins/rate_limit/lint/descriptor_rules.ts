import type { ConfigurationProblem } from "../configuration/problem.ts";
import type { LintFinding, PluginLintRule } from "../outside.ts";
import type { RateLimitPluginSettings } from "../plugin_settings.ts";
import { readDescriptorFiles } from "./descriptor_files.ts";
import { type DescriptorReach, descriptorReach } from "./descriptor_reach.ts";

type Rule = PluginLintRule<RateLimitPluginSettings>;

/** Mistakes in the files that `descriptors` names. */
export const descriptorFileProblems: Rule = {
  name: "descriptor-file",
  severity: "warning",
  explanation:
    "A file with a mistake keeps its last good form while the controller runs, and has no effect when " +
    "it starts.",
  check: ({ settings: { descriptors = [] } }) =>
    readDescriptorFiles(descriptors).problems.map(findingOf),
};

/** Descriptors of HTTPProxies that no limit of these files is about. */
export const unansweredDescriptors: Rule = {
  name: "unanswered-descriptor",
  severity: "warning",
  explanation: "What no limit is about lets everything pass.",
  check: (linted) => {
    const { unanswered } = reachOf(linted);
    return unanswered.flatMap((paths, i): readonly LintFinding[] => {
      const object = proxiesOf(linted)[i];
      if (object === undefined) return [];
      const message = "no limit of the files in descriptors is about this descriptor";
      return paths.map((path) => ({ object, path, message }));
    });
  },
};

/** Limits of these files that no descriptor of an HTTPProxy leads to. */
export const unreachedDescriptorLimits: Rule = {
  name: "unreached-descriptor-limit",
  severity: "info",
  explanation:
    "A limit that nobody asks about counts nothing, unless others than these Envoys ask.",
  check: (linted) =>
    reachOf(linted).unreached.map(({ limit, child }): LintFinding => {
      const position = child.source.placeOf?.(child.path);
      return {
        message: `no descriptor of an HTTPProxy leads to the limit "${limit.fullKey}"`,
        ...(position === undefined ? {} : { position }),
      };
    }),
};

type Linted = Parameters<Rule["check"]>[0];

function reachOf(linted: Linted): DescriptorReach {
  const { settings: { descriptors = [] } } = linted;
  if (descriptors.length === 0) return { unanswered: [], unreached: [] };
  const { domains, problems } = readDescriptorFiles(descriptors);
  const reach = descriptorReach(proxiesOf(linted), domains);
  // What stands in a file that cannot be read may be what is missed.
  const isWhole = problems.every(({ severity }) => severity !== "error");
  return isWhole ? reach : { ...reach, unanswered: [] };
}

function proxiesOf({ objects }: Linted) {
  return objects.filter(({ kind }) => kind === "HTTPProxy");
}

function findingOf({ message, hint, place }: ConfigurationProblem): LintFinding {
  return {
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { position: place }),
  };
}
