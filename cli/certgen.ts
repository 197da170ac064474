import { join } from "node:path";
import { Command, Option } from "commander";
import { parseCount, parsed, type Terminal, UsageError } from "../command_line/mod.ts";
import {
  applySecrets,
  defaultLifetimeDays,
  generateCertificates,
  pemFiles,
  secretFiles,
  type SecretManifest,
  type SecretsApi,
  type SecretsFormat,
  secretsFormats,
  xdsSecrets,
} from "../controller/certs/mod.ts";
import { type ClusterFlags, parseNamespace } from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour certgen`: the certificates by which the controller and Envoys know each other. */
export function certgenCommand(context: CommandContext): Command {
  return new Command("certgen")
    .description("make the certificates of controller and Envoys, and keep them somewhere")
    .argument("[outputdir]", "folder for --pem and --yaml", "certs")
    .addOption(
      new Option("--certificate-lifetime <days>", "how long they are good for")
        .argParser(parsed(parseCount)).default(defaultLifetimeDays),
    )
    .option("--pem", "write PEM files", false)
    .option("--yaml", "write Secrets as YAML files", false)
    .option("--kube", "write Secrets to the cluster", false)
    .option("--incluster", "the cluster this runs in", false)
    .option("--kubeconfig <file>", "how to reach another one")
    .addOption(
      new Option("--namespace <name>", "where controller and Envoys are")
        .env("CONTOUR_NAMESPACE").argParser(parsed(parseNamespace)).default("projectcontour"),
    )
    .option("--overwrite", "replace what there is", false)
    .addOption(
      new Option("--secrets-format <format>", "compact has the CA beside each certificate")
        .choices(secretsFormats).default("legacy"),
    )
    .option("--secrets-name-suffix <text>", "ends the names of the Secrets", "")
    .action((folder: string, flags: CertgenFlags) => certgen(folder, flags, context));
}

/** Connects to the Secrets of the cluster that the flags name. Rejects when it does not know how. */
export type ConnectSecrets = (cluster: ClusterFlags) => Promise<SecretsApi & Disposable>;

interface CertgenFlags {
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

async function certgen(
  folder: string,
  flags: CertgenFlags,
  { terminal, parts, exit }: CommandContext,
): Promise<void> {
  const { pem, yaml, kube, namespace, overwrite } = flags;
  if (!pem && !yaml && !kube) {
    throw new UsageError("say what to make of the certificates: --pem, --yaml or --kube");
  }
  // Before anything is written: a cluster that is not there should leave no files behind.
  using api = kube ? await parts.secrets(clusterFlags(flags)) : undefined;
  const certificates = await generateCertificates({
    namespace,
    lifetimeDays: flags.certificateLifetime,
    now: new Date(),
  });
  const secrets = xdsSecrets(certificates, {
    namespace,
    format: flags.secretsFormat,
    nameSuffix: flags.secretsNameSuffix,
  });
  const files = new Map([
    ...pem ? pemFiles(certificates) : [],
    ...yaml ? secretFiles(secrets) : [],
  ]);
  if (files.size > 0) await writeFiles(folder, files, overwrite, terminal);
  if (api !== undefined) await writeSecrets(api, secrets, overwrite, terminal);
  exit(0);
}

function clusterFlags({ incluster, kubeconfig }: CertgenFlags): ClusterFlags {
  return { inCluster: incluster, ...(kubeconfig === undefined ? {} : { kubeconfig }) };
}

async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
  overwrite: boolean,
  terminal: Terminal,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const paths = [...files].map(([name, text]) => [join(folder, name), text] as const);
  if (!overwrite) {
    // All or nothing: certificates of two authorities are of no use to each other.
    for (const [path] of paths) {
      if (await exists(path)) {
        throw new Error(`Cannot write "${path}": it exists; --overwrite would replace it`);
      }
    }
  }
  for (const [path, text] of paths) {
    // Written beside and put in place: Envoy notices a file that is exchanged, and no reader half of one.
    const beside = `${path}.new`;
    await Deno.writeTextFile(beside, text, { mode: 0o600 });
    await Deno.rename(beside, path);
    terminal.err(`${path} written\n`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function writeSecrets(
  api: SecretsApi,
  secrets: readonly SecretManifest[],
  overwrite: boolean,
  terminal: Terminal,
): Promise<void> {
  for await (const { secret: { metadata }, outcome } of applySecrets(api, secrets, overwrite)) {
    const hint = outcome === "left as it is" ? " (--overwrite would replace it)" : "";
    terminal.err(`Secret ${metadata.namespace}/${metadata.name} ${outcome}${hint}\n`);
  }
}
