import { Command, Option } from "commander";
import { exampled, parsed } from "../command_line/mod.ts";
import type { Dialect, ReportFormat } from "../convert/mod.ts";
import { addClusterOptions, type ClusterAccessFlags, scopeOption } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { contourConfigOption } from "./judging_flags.ts";
import { filenameOption, pluginOption, recursiveOption } from "./flags.ts";

/** `contour convert`: HTTPProxies of Ingresses and IngressRoutes. */
export function convertCommand(context: CommandContext): Command {
  const command = new Command("convert")
    .description(
      "make HTTPProxies of Ingresses and IngressRoutes\n\n" +
        "Writes YAML to standard output, with comments where something is not as it " +
        "was, and a report of that to standard error. Services and ConfigMaps among the " +
        "files are looked at. The exit code is 0, with --strict 1 when something is lost, " +
        "and 2 when something could not be read. With a cluster and no files the Ingresses of the cluster " +
        "are converted; with files, its Services are looked at.",
    )
    .argument("[path...]", "files and folders; - is standard input")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(scopeOption())
    .addOption(
      new Option("-o, --output <format>", "how to write objects").choices(["yaml", "json"])
        .default("yaml"),
    )
    .option("--out-dir <folder>", "write a file there for each file read")
    .addOption(
      new Option(
        "--provider <name>",
        "whose rules Ingresses follow; found out for each if left out",
      )
        .choices(["plain", "contour", "ingress-nginx"] satisfies Dialect[]),
    )
    .option("--ingress-class <name>", "convert Ingresses of this class alone")
    .option("--target-class <name>", "class of the HTTPProxies")
    .addOption(
      new Option(
        "--config <file>",
        "configuration file, or ContourConfiguration, of the controller that will serve them",
      ).conflicts("contourConfigName"),
    )
    .addOption(contourConfigOption())
    .addOption(listOption("--host <name>", "host that rules without a host are for"))
    .addOption(secretOption("--default-certificate", "Secret of hosts whose TLS names none"))
    .addOption(secretOption("--nginx-configmap", "ConfigMap of ingress-nginx, among what is read"))
    .option(
      "--open-unprotected",
      "let everybody in where access control is lost, in place of answering 403",
      false,
    )
    .option("--policies", "let plugins make policies of the annotations that they know", false)
    .addOption(pluginOption())
    .option("--report <file>", "write the report there")
    .addOption(
      new Option("--report-format <format>", "how to write it; by the name of the file, else text")
        .choices(["text", "json", "markdown"] satisfies ReportFormat[]),
    )
    .option("--tests <file>", "write requests and what has to become of them")
    .option("--strict", "exit with 1 when something is lost or unknown", false)
    .option("-q, --quiet", "no report on standard error", false)
    .option("-v, --verbose", "report what is kept, too", false);
  exampled(command, [
    "contour convert ingress.yaml > httpproxy.yaml",
    "contour convert --out-dir proxies --report report.md ingresses/",
    "contour convert --strict --provider ingress-nginx -f ingress.yaml -f services.yaml",
    "contour convert -A --out-dir proxies",
    "contour convert --context prod -n web -l app=shop",
  ]);
  return addClusterOptions(command, "convert the Ingresses of")
    .action(async (paths: string[], flags: ConvertFlags) => {
      const { runConvert } = await import("./convert_run.ts");
      await runConvert([...paths, ...flags.filename ?? []], flags, context);
    });
}

/** What convert is told. */
export interface ConvertFlags extends ClusterAccessFlags {
  readonly filename?: readonly string[];
  readonly output: "yaml" | "json";
  readonly outDir?: string;
  readonly provider?: Dialect;
  readonly ingressClass?: string;
  readonly targetClass?: string;
  readonly config?: string;
  readonly contourConfigName?: string;
  readonly host?: readonly string[];
  readonly defaultCertificate?: string;
  readonly nginxConfigmap?: string;
  readonly openUnprotected: boolean;
  readonly policies: boolean;
  readonly plugin?: readonly string[];
  readonly report?: string;
  readonly reportFormat?: ReportFormat;
  readonly tests?: string;
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

function listOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    parsed((text: string) => [...text.split(",").map((name) => name.trim().toLowerCase())]),
  );
}

function secretOption(flag: string, description: string): Option {
  return new Option(`${flag} <ns/name>`, description).argParser(parsed((text: string) => {
    if (/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*$/.test(text)) return text;
    throw new RangeError("A namespace and a name are needed, such as web/shop-tls");
  }));
}
