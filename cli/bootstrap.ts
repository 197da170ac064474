import { join } from "node:path";
import { Command, Option } from "commander";
import { parseCount, parsed, type Terminal, UsageError } from "../command_line/mod.ts";
import {
  bootstrapFiles,
  bootstrapJson,
  type BootstrapOptions,
  type XdsTls,
} from "../controller/data_plane/mod.ts";
import { parseAdminAddress, parseNamespace, parsePort } from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour bootstrap`: the file an Envoy starts with. */
export function bootstrapCommand({ terminal, exit }: CommandContext): Command {
  return new Command("bootstrap")
    .description("write the configuration file that an Envoy starts with")
    .argument("[path]", "where to; - is standard output", "-")
    .addOption(
      new Option("--admin-address <address>", "Envoy's admin interface: a socket path or host:port")
        .argParser(parsed(parseAdminAddress))
        .default({ path: "/admin/admin.sock" }, "/admin/admin.sock"),
    )
    .addOption(new Option("--admin-port <port>").argParser(parsed(parsePort)).hideHelp())
    .addOption(
      new Option("--dns-lookup-family <family>", "addresses to use of the controller's name")
        .choices(["auto", "v4", "v6", "all"]).default("auto"),
    )
    .addOption(
      new Option("--envoy-cafile <file>", "CA of the controller's certificate").env("ENVOY_CAFILE"),
    )
    .addOption(
      new Option("--envoy-cert-file <file>", "certificate of this Envoy").env("ENVOY_CERT_FILE"),
    )
    .addOption(new Option("--envoy-key-file <file>", "and its key").env("ENVOY_KEY_FILE"))
    .addOption(
      new Option("--namespace <name>", "namespace of the controller, for names of statistics")
        .env("CONTOUR_NAMESPACE").argParser(parsed(parseNamespace)).default("projectcontour"),
    )
    .addOption(
      new Option("--overload-max-heap <bytes>", "heap above which Envoy sheds load; 0: no limit")
        .argParser(parsed(parseCount)).default(0),
    )
    .addOption(
      new Option("--overload-downstream-max-conn <count>", "client connections; 0: no limit")
        .argParser(parsed(parseCount)).default(0),
    )
    .addOption(
      new Option("--resources-dir <folder>", "for files that let Envoy notice new certificates"),
    )
    .addOption(new Option("--xds-address <host>", "the controller").default("127.0.0.1"))
    .addOption(
      new Option("--xds-port <port>", "the controller").argParser(parsed(parsePort)).default(8001),
    )
    .addOption(
      new Option("--xds-resource-version <version>").choices(["v3"]).default("v3").hideHelp(),
    )
    .action(async (path: string, flags: BootstrapFlags) => {
      if (flags.adminPort !== undefined) {
        terminal.err("--admin-port only shows in the name of a statistic: see --admin-address\n");
      }
      if (flags.resourcesDir) await makeSharedFolder(join(flags.resourcesDir, "sds"));
      await writeBootstrap(path, optionsOf(flags), terminal);
      exit(0);
    });
}

interface BootstrapFlags {
  readonly adminAddress: BootstrapOptions["admin"];
  readonly adminPort?: number;
  readonly dnsLookupFamily: NonNullable<BootstrapOptions["dnsLookupFamily"]>;
  readonly envoyCafile?: string;
  readonly envoyCertFile?: string;
  readonly envoyKeyFile?: string;
  readonly namespace: string;
  readonly overloadMaxHeap: number;
  readonly overloadDownstreamMaxConn: number;
  readonly resourcesDir?: string;
  readonly xdsAddress: string;
  readonly xdsPort: number;
}

function optionsOf(flags: BootstrapFlags): BootstrapOptions {
  const tls = tlsOf(flags);
  const { adminPort } = flags;
  return {
    xds: { address: flags.xdsAddress, port: flags.xdsPort, ...(tls === undefined ? {} : { tls }) },
    dnsLookupFamily: flags.dnsLookupFamily,
    admin: flags.adminAddress,
    ...(adminPort === undefined ? {} : { adminStatPort: adminPort }),
    namespace: flags.namespace,
    asksForRuntime: true,
    maxHeapBytes: flags.overloadMaxHeap,
    maxDownstreamConnections: flags.overloadDownstreamMaxConn,
  };
}

function tlsOf(flags: BootstrapFlags): XdsTls | undefined {
  const { envoyCafile: caFile, envoyCertFile: certFile, envoyKeyFile: keyFile } = flags;
  if (!caFile && !certFile && !keyFile) return undefined;
  if (!caFile || !certFile || !keyFile) {
    throw new UsageError(
      "--envoy-cafile, --envoy-cert-file and --envoy-key-file go together: give all three or none",
    );
  }
  for (const file of [caFile, certFile, keyFile]) requireContent(file);
  return {
    caFile,
    certFile,
    keyFile,
    ...(flags.resourcesDir ? { resourcesDir: flags.resourcesDir } : {}),
  };
}

function requireContent(file: string): void {
  try {
    if (Deno.statSync(file).size > 0) return;
  } catch (cause) {
    throw new UsageError(`Cannot read "${file}"`, { cause });
  }
  throw new UsageError(`File "${file}" is empty`);
}

async function writeBootstrap(
  path: string,
  options: BootstrapOptions,
  terminal: Terminal,
): Promise<void> {
  for (const [file, content] of bootstrapFiles(options)) await Deno.writeTextFile(file, content);
  const json = bootstrapJson(options);
  if (path === "-") terminal.out(json);
  else await Deno.writeTextFile(path, json);
}

/** Envoy runs as another user in many a pod, and has to see when files are replaced. */
async function makeSharedFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o777 });
}
