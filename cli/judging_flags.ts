import { type Command, Option } from "commander";
import type { ClusterAccessFlags } from "./cluster_flags.ts";
import { ingressClassOption, pluginOption, rootNamespacesOption } from "./flags.ts";

/** The flags that say what the operator configured, as far as it has a say in verdicts. */
export function addJudgingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--config <file>",
        "configuration file, or ContourConfiguration, of the controller",
      ).conflicts("contourConfigName"),
    )
    .addOption(contourConfigOption())
    .addOption(pluginOption())
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .option("--enable-external-name-service", "take ExternalName Services as usable")
    .addOption(new Option("--no-enable-external-name-service").hideHelp());
}

/** `--contour-config-name` */
export function contourConfigOption(): Option {
  return new Option(
    "--contour-config-name <[ns/]name>",
    "ContourConfiguration of the cluster, in CONTOUR_NAMESPACE or projectcontour",
  );
}

/** See {@link addJudgingOptions}. */
export interface JudgingFlags extends ClusterAccessFlags {
  readonly config?: string;
  readonly contourConfigName?: string;
  readonly plugin?: readonly string[];
  readonly ingressClassName?: readonly string[];
  readonly rootNamespaces?: readonly string[];
  readonly enableExternalNameService?: boolean;
}
