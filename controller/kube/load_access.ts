import { join } from "node:path";
import {
  type AccessChoice,
  accessOf,
  type ClusterAccess,
  type KubeconfigFile,
  type KubeconfigNames,
  kubeconfigNames,
} from "./kubeconfig.ts";

/**
 * Finds out how to reach the cluster: by the files of our Pod when `inCluster`; else by the given
 * kubeconfig; else by those of `KUBECONFIG` that exist; else by `~/.kube/config`. Throws an `Error`
 * that says what was looked for.
 */
export async function loadAccess(options: AccessOptions): Promise<ClusterAccess> {
  if (options.inCluster) return inClusterAccess(options.env);
  return accessOf(await kubeconfigFiles(options), options.choice);
}

/** What there is to choose from in the files that {@link loadAccess} reads. Throws as it does. */
export async function loadKubeconfigNames(
  options: Pick<AccessOptions, "kubeconfig" | "env">,
): Promise<KubeconfigNames> {
  return kubeconfigNames(await kubeconfigFiles(options));
}

async function kubeconfigFiles(
  { kubeconfig, env }: Pick<AccessOptions, "kubeconfig" | "env">,
): Promise<readonly KubeconfigFile[]> {
  if (kubeconfig) return [await read(kubeconfig)];
  const named = (env["KUBECONFIG"] ?? "").split(":").filter(Boolean);
  if (named.length > 0) {
    const files = (await Promise.all(named.map(readIfThere))).filter((file) => file !== undefined);
    if (files.length > 0) return files;
    throw new Error(`Cannot find a kubeconfig: no file of KUBECONFIG exists: ${named.join(", ")}`);
  }
  return [await read(join(env["HOME"] ?? "/", ".kube", "config"))];
}

/** See {@link loadAccess}. */
export interface AccessOptions {
  /** `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** `--incluster`. */
  readonly inCluster: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What of the kubeconfig is used; its current context when not given. */
  readonly choice?: AccessChoice;
}

const mount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** See https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
function inClusterAccess(env: AccessOptions["env"]): ClusterAccess {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  if (!host || !port) {
    throw new Error(
      "Cannot use the credentials of a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, this is no Pod",
    );
  }
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    authority: { kind: "file", path: `${mount}/ca.crt` },
    identity: { kind: "tokenFile", path: `${mount}/token` },
    headers: {},
  };
}

async function read(path: string): Promise<KubeconfigFile> {
  try {
    return { path, text: await Deno.readTextFile(path) };
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : String(cause);
    throw new Error(`Cannot read kubeconfig "${path}": ${reason}`, { cause });
  }
}

async function readIfThere(path: string): Promise<KubeconfigFile | undefined> {
  try {
    return { path, text: await Deno.readTextFile(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read kubeconfig "${path}"`, { cause: error });
  }
}
