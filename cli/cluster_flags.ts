import { type Command, Option } from "commander";
import {
  parsed,
  parseMilliseconds,
  parseNamespace,
  suggesting,
  UsageError,
} from "../command_line/mod.ts";
import { namesOf, namespaces } from "./completion/cluster_names.ts";
import { parseLabelSelector } from "./label_selector.ts";

/** How to reach a cluster, and what of it to look at: flags of kubectl. */
export interface ClusterAccessFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  /** In milliseconds; `Infinity` for no limit. */
  readonly requestTimeout?: number;
  /** With a cluster the only namespace that is read. */
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
}

/**
 * The flags of {@link ClusterAccessFlags}, but for `-n`: see {@link scopeOption}.
 *
 * @param isWhole whether the command is about all objects together, so that `-l` makes no sense
 */
export function addClusterOptions(
  command: Command,
  use = "look at",
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): Command {
  const selector = new Option(
    "-l, --selector <labels>",
    "objects with these labels alone: app=shop,!legacy",
  );
  return command
    .addOption(
      new Option("-k, --kustomize <folder>").hideHelp().argParser((folder: string) => {
        throw new UsageError(
          `nothing is built here: kubectl kustomize ${folder} | contour ${command.name()} -`,
        );
      }),
    )
    .optionsGroup("Cluster:")
    .addOption(
      suggesting(
        new Option("--context <name>", `${use} the cluster of this context of the kubeconfig`),
        namesOf("contexts"),
      ),
    )
    .option("--kubeconfig <file>", "kubeconfig file; KUBECONFIG and ~/.kube/config if left out")
    .addOption(
      suggesting(new Option("--cluster <name>", "cluster of the kubeconfig"), namesOf("clusters")),
    )
    .addOption(suggesting(new Option("--user <name>", "user of the kubeconfig"), namesOf("users")))
    .option("--as <name>", "user to act for")
    .option("-A, --all-namespaces", "all namespaces, as without -n")
    .addOption(
      selector.hideHelp(isWhole).argParser(parsed((text: string) => {
        if (isWhole) {
          throw new RangeError(
            "A request meets all objects there are: leave it out; -n reads one namespace alone",
          );
        }
        parseLabelSelector(text);
        return text;
      })),
    )
    .addOption(
      new Option("--request-timeout <duration>", "how long an answer may take; 0 for ever")
        .argParser(parsed(parseTimeout)).default(undefined, "30s"),
    );
}

/** `-n`: of files the default namespace, of a cluster all that is looked at. */
export function scopeOption(): Option {
  const option = new Option(
    "-n, --namespace <name>",
    "namespace of objects that name none (default: default); of a cluster, the only one to read",
  ).argParser(parsed(parseNamespace));
  return suggesting(option, namespaces);
}

/**
 * Whether flags ask for a cluster. Without one no network is touched. Throws a `UsageError` when they
 * contradict each other.
 */
export function asksForCluster(flags: ClusterAccessFlags): boolean {
  const { kubeconfig, context, cluster, user, as, allNamespaces = false, namespace } = flags;
  const isNamed = [kubeconfig, context, cluster, user, as].some((flag) => flag !== undefined);
  if (allNamespaces && namespace !== undefined) {
    throw new UsageError("-n and -A exclude each other");
  }
  return isNamed || allNamespaces;
}

function parseTimeout(text: string): number {
  if (text === "0") return longest;
  return /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : parseMilliseconds(text);
}

/** As long as a timer can wait. */
const longest = 2 ** 31 - 1;
