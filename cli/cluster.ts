import {
  type AccessChoice,
  ApiError,
  type KubeClient,
  kubeClient,
  loadAccess,
  systemClock,
} from "../controller/kube/mod.ts";
import type { ClusterFlags } from "../controller/serve_options.ts";
import { buildInfo } from "./version.ts";

/** A client of the cluster that the flags name. Rejects when it is not said how to reach it. */
export async function connect(
  flags: ClusterFlags & { readonly choice?: AccessChoice },
): Promise<KubeClient & Disposable> {
  const { inCluster, kubeconfig, limit, choice } = flags;
  const access = await loadAccess({
    inCluster,
    env: environment(),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(choice === undefined ? {} : { choice }),
  });
  return kubeClient({
    access,
    clock: systemClock,
    userAgent: `contour/${buildInfo.version}`,
    limit,
  });
}

/** What it takes to find the API server; read one by one, so that no more need be allowed. */
function environment(): Readonly<Record<string, string | undefined>> {
  const names = ["KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"];
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
}

/** A ContourConfiguration, as it stands in the cluster. Rejects with words for its reader. */
export async function contourConfiguration(
  flags: ClusterFlags,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<unknown> {
  using client = await connect(flags);
  const kind = `namespaces/${namespace}/contourconfigurations`;
  const path = `/apis/projectcontour.io/v1alpha1/${kind}/${name}`;
  try {
    return await client.request({ method: "GET", path }, AbortSignal.timeout(30_000));
  } catch (cause) {
    const isMissing = cause instanceof ApiError && cause.status === 404;
    const reason = isMissing
      ? "there is none of this name"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`Cannot read ContourConfiguration "${namespace}/${name}": ${reason}`, {
      cause,
    });
  }
}
