import { z } from "zod";
import type { ClusterAccess, ExecPlugin } from "./kubeconfig.ts";

/**
 * Runs a credential plugin and returns what it printed. Throws an `Error` that names the command;
 * never with what it printed, which is secret.
 * See https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
export async function runPlugin(
  plugin: ExecPlugin,
  access: ClusterAccess,
  authority: string | undefined,
  signal: AbortSignal,
): Promise<ExecCredential> {
  const { apiVersion, command, args, env, installHint } = plugin;
  const what = `Cannot get credentials from "${command}"`;
  const info = {
    apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo ? { cluster: clusterInfo(access, authority) } : {}),
    },
  };
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  });
  const output = await child.output().catch((cause) => {
    signal.throwIfAborted();
    const hint = installHint === "" ? "" : `: ${installHint}`;
    throw new Error(`${what}: it cannot be run${hint}`, { cause });
  });
  signal.throwIfAborted();
  if (!output.success) {
    const said = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1) ?? "";
    throw new Error(`${what}: it exited with ${output.code}: ${said.slice(0, 300)}`);
  }
  const status = read(new TextDecoder().decode(output.stdout), apiVersion);
  if (status === undefined) {
    throw new Error(
      `${what}: it printed no ExecCredential of ${apiVersion} with a token or certificate`,
    );
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status;
  return {
    ...(token ? { token } : {}),
    ...(clientCertificateData && clientKeyData
      ? { certificate: clientCertificateData, key: clientKeyData }
      : {}),
    ...(expirationTimestamp ? { expiresAt: Date.parse(expirationTimestamp) } : {}),
  };
}

/** What a plugin gives. */
export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  /** PEM. */
  readonly key?: string;
  /** Milliseconds since the epoch; without it good until refused. */
  readonly expiresAt?: number;
}

const Status = z.object({
  token: z.string().nullish(),
  clientCertificateData: z.string().nullish(),
  clientKeyData: z.string().nullish(),
  expirationTimestamp: z.string().nullish(),
});
const Printed = z.object({
  apiVersion: z.string(),
  kind: z.literal("ExecCredential"),
  status: Status,
});

function read(text: string, apiVersion: string): z.infer<typeof Status> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = Printed.safeParse(value);
  if (data?.apiVersion !== apiVersion) return undefined;
  const { token, clientCertificateData, clientKeyData } = data.status;
  return token || (clientCertificateData && clientKeyData) ? data.status : undefined;
}

function clusterInfo({ server, proxy }: ClusterAccess, authority: string | undefined) {
  return {
    server,
    ...(proxy === undefined ? {} : { "proxy-url": proxy }),
    ...(authority === undefined ? {} : { "certificate-authority-data": btoa(authority) }),
  };
}
