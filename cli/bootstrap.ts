import { Command, Option } from "commander";
import { exampled, parseCount, parsed, parseNamespace, parsePort } from "../command_line/mod.ts";
import type { BootstrapOptions } from "../controller/data_plane/mod.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour bootstrap`: the file an Envoy starts with. */
export function bootstrapCommand(context: CommandContext): Command {
  const command = new Command("bootstrap")
    .description("write the configuration file that an Envoy starts with")
    .argument("[path]", "where to; - is standard output", "-")
    .addOption(
      new Option("--admin-address <address>", "Envoy's admin interface: a socket path or host:port")
        .default("/admin/admin.sock"),
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
      const { runBootstrap } = await import("./bootstrap_run.ts");
      await runBootstrap(path, flags, context);
    });
  return exampled(command, [
    "contour bootstrap envoy.json",
    "contour bootstrap --xds-address contour --envoy-cafile ca.crt --envoy-cert-file tls.crt \\\n    --envoy-key-file tls.key --resources-dir /config/resources /config/envoy.json",
  ]);
}

/** What bootstrap is told. */
export interface BootstrapFlags {
  readonly adminAddress: string;
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
