import type { Command } from "commander";
import { flagValue, paintFor, UsageError } from "../command_line/mod.ts";
import { type Logger, logger } from "../controller/admin/mod.ts";
import type { Configured } from "../controller/configuration/mod.ts";
import { formatAddress } from "../controller/data_plane/mod.ts";
import { rateLimit } from "../controller/kube/mod.ts";
import {
  type ClusterFlags,
  type ClusterOptions,
  endpointConflict,
  type FilesOptions,
  parseAdminAddress,
  type ServeOptions,
  type Started,
} from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";
import { configurationFor } from "./configuration_said.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { features, type ServeFlags } from "./serve.ts";

/** Serves until it is told to stop, and says what it does. */
export async function runServe(
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
    ...configured.plugins,
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
  const admin = flags.envoyAdminAddress === undefined
    ? undefined
    : flagValue("--envoy-admin-address <address>", flags.envoyAdminAddress, parseAdminAddress);
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
