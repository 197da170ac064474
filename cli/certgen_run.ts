import { join } from "node:path";
import { type Terminal, UsageError } from "../command_line/mod.ts";
import {
  applySecrets,
  generateCertificates,
  pemFiles,
  secretFiles,
  type SecretManifest,
  type SecretsApi,
  xdsSecrets,
} from "../controller/certs/mod.ts";
import type { ClusterFlags } from "../controller/serve_options.ts";
import type { CertgenFlags } from "./certgen.ts";
import type { CommandContext } from "./command_context.ts";

/** Connects to the Secrets of the cluster that the flags name. Rejects when it does not know how. */
export type ConnectSecrets = (cluster: ClusterFlags) => Promise<SecretsApi & Disposable>;

/** Makes certificates, and keeps them where the flags say. */
export async function runCertgen(
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
