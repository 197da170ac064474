import { Command, Option } from "commander";
import { exampled, parseCount, parsed, parseNamespace, suggesting } from "../command_line/mod.ts";
import type { SecretsFormat } from "../controller/certs/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { namespaces } from "./completion/cluster_names.ts";

/** `contour certgen`: the certificates by which the controller and Envoys know each other. */
export function certgenCommand(context: CommandContext): Command {
  const command = new Command("certgen")
    .description("make the certificates of controller and Envoys, and keep them somewhere")
    .argument("[outputdir]", "folder for --pem and --yaml", "certs")
    .addOption(
      new Option("--certificate-lifetime <days>", "how long they are good for")
        .argParser(parsed(parseCount)).default(365),
    )
    .option("--pem", "write PEM files", false)
    .option("--yaml", "write Secrets as YAML files", false)
    .option("--kube", "write Secrets to the cluster", false)
    .option("--incluster", "the cluster this runs in", false)
    .option("--kubeconfig <file>", "how to reach another one")
    .addOption(
      suggesting(
        new Option("--namespace <name>", "where controller and Envoys are")
          .env("CONTOUR_NAMESPACE").argParser(parsed(parseNamespace)).default("projectcontour"),
        namespaces,
      ),
    )
    .option("--overwrite", "replace what there is", false)
    .addOption(
      new Option("--secrets-format <format>", "compact has the CA beside each certificate")
        .choices(["legacy", "compact"] satisfies SecretsFormat[]).default("legacy"),
    )
    .option("--secrets-name-suffix <text>", "ends the names of the Secrets", "")
    .action(async (folder: string, flags: CertgenFlags) => {
      const { runCertgen } = await import("./certgen_run.ts");
      await runCertgen(folder, flags, context);
    });
  return exampled(command, [
    "contour certgen --kube --namespace projectcontour",
    "contour certgen --pem certs/",
  ]);
}

/** What certgen is told. */
export interface CertgenFlags {
  readonly incluster: boolean;
  readonly kubeconfig?: string;
  readonly certificateLifetime: number;
  readonly pem: boolean;
  readonly yaml: boolean;
  readonly kube: boolean;
  readonly namespace: string;
  readonly overwrite: boolean;
  readonly secretsFormat: SecretsFormat;
  readonly secretsNameSuffix: string;
}
