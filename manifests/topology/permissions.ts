import { folders } from "./names.ts";

/**
 * What the binary of the image may do, as Deno enforces it: reach the network, read and write the
 * folders that the Pods mount, and read the variables it knows. It can run nothing, load no native
 * code, and see no other file. A volume for something else, say the certificates of metrics, is
 * mounted beneath one of these folders.
 * See https://docs.deno.com/runtime/fundamentals/security/
 */
export function permissionFlags(mounts: Mounts = { ...folders, token: tokenFolder }): string[] {
  const { certificates, configuration, admin, token } = mounts;
  return [
    "--no-prompt",
    "--allow-net",
    // Every replica needs a name in the election.
    "--allow-sys=hostname",
    `--allow-read=${[certificates, configuration, admin, token].join(",")}`,
    `--allow-write=${[configuration, admin].join(",")}`,
    `--allow-env=${variables.join(",")}`,
    // Packages ask for switches of their own: not told is not set.
    "--ignore-env",
  ];
}

/** Where the Pods have their volumes. */
export interface Mounts extends Readonly<Record<keyof typeof folders, string>> {
  /** What proves a Pod to the API server, and the API server to it. */
  readonly token: string;
}

const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

const variables: readonly string[] = [
  "CONTOUR_*",
  "ENVOY_*",
  "KUBERNETES_SERVICE_*",
  "KUBECONFIG",
  "HOME",
  "NO_COLOR",
  "FORCE_COLOR",
  "CLICOLOR_FORCE",
  "TERM",
];
