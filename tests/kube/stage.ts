/** What the tests of this folder share: a client of a test cluster, and a follower of its objects. */
import {
  type KubeBatch,
  type KubeClient,
  kubeClient,
  type KubeSource,
  type KubeSourceOptions,
  loadAccess,
  systemClock,
  watchCluster,
} from "../../controller/kube/mod.ts";
import { keyId, type KubeObject } from "../../controller/api/mod.ts";
import type { Manifest } from "../support/cluster/mod.ts";

/** A client by the given kubeconfig file. */
export async function clientOf(kubeconfig: string): Promise<KubeClient & Disposable> {
  const access = await loadAccess({ kubeconfig, inCluster: false, env: {} });
  return kubeClient({ access, clock: systemClock, userAgent: "contour-test" });
}

/** A copy of the cluster as the batches make it. */
export interface Follower extends AsyncDisposable {
  readonly source: KubeSource;
  readonly objects: ReadonlyMap<string, KubeObject>;
  readonly batches: readonly KubeBatch[];
  /** Resolves with the first batch. */
  readonly synced: Promise<KubeBatch>;
}

/** Follows a cluster until it is disposed of. */
export function follow(
  client: KubeClient,
  options: Partial<KubeSourceOptions> & { readonly onBatch?: (batch: KubeBatch) => void } = {},
): Follower {
  const stop = new AbortController();
  const { onBatch, ...rest } = options;
  const source = watchCluster({
    client,
    clock: systemClock,
    random: Math.random,
    signal: stop.signal,
    ...rest,
  });
  const objects = new Map<string, KubeObject>();
  const batches: KubeBatch[] = [];
  const synced = Promise.withResolvers<KubeBatch>();
  const run = async () => {
    for await (const batch of source) {
      batches.push(batch);
      for (const key of batch.deleted) objects.delete(keyId(key));
      for (const object of batch.applied) {
        objects.set(keyId({ kind: object.kind, ...object.metadata }), object);
      }
      synced.resolve(batch);
      onBatch?.(batch);
    }
  };
  const running = run();
  return {
    source,
    objects,
    batches,
    synced: synced.promise,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** A root HTTPProxy with one route. */
export function proxy(name: string, fqdn = `${name}.example.com`, port = 80): Manifest {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name, namespace: "default" },
    spec: { virtualhost: { fqdn }, routes: [{ services: [{ name: "web", port }] }] },
  };
}
