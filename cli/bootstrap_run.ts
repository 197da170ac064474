import { join } from "node:path";
import { flagValue, type Terminal, UsageError } from "../command_line/mod.ts";
import {
  bootstrapFiles,
  bootstrapJson,
  type BootstrapOptions,
  type XdsTls,
} from "../controller/data_plane/mod.ts";
import { parseAdminAddress } from "../controller/serve_options.ts";
import type { BootstrapFlags } from "./bootstrap.ts";
import type { CommandContext } from "./command_context.ts";

/** Writes the file, and those it names. */
export async function runBootstrap(
  path: string,
  flags: BootstrapFlags,
  { terminal, exit }: CommandContext,
): Promise<void> {
  const options = optionsOf(flags);
  if (flags.adminPort !== undefined) {
    terminal.err("--admin-port only shows in the name of a statistic: see --admin-address\n");
  }
  if (flags.resourcesDir) await makeSharedFolder(join(flags.resourcesDir, "sds"));
  await writeBootstrap(path, options, terminal);
  exit(0);
}

function optionsOf(flags: BootstrapFlags): BootstrapOptions {
  const tls = tlsOf(flags);
  const { adminPort } = flags;
  return {
    xds: { address: flags.xdsAddress, port: flags.xdsPort, ...(tls === undefined ? {} : { tls }) },
    dnsLookupFamily: flags.dnsLookupFamily,
    admin: flagValue("--admin-address <address>", flags.adminAddress, parseAdminAddress),
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
