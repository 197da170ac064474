/** What the parts of the stand-in cluster ask of the API server: requests, and lists that are followed. */
import { join } from "node:path";
import { kubeClient, loadAccess, systemClock } from "../../controller/kube/mod.ts";
import type { Cluster } from "../support/cluster/mod.ts";

/** An object of any kind, as far as everybody looks at it. */
export interface AnyObject {
  readonly metadata: Metadata;
}

/** Of an object that the API server has stored. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
}

/** Is told each state of an object, and once that it is gone. */
export type Follower<Item extends AnyObject> = (
  item: Item,
  state: "present" | "gone",
) => void;

/** The administrator of the cluster. */
export class Api {
  readonly #cluster: Cluster;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** One request; throws what the server says when it refuses. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    return this.#cluster.request(method, path, body, contentType);
  }

  /** The object, or undefined when it is not there. */
  async find(path: string): Promise<unknown> {
    return await unlessGone(this.request("GET", path));
  }

  /** Follows all objects of a list (`/api/v1/pods`) until {@link stop}. */
  follow<Item extends AnyObject>(path: string, follower: Follower<Item>): void {
    this.#following.push(this.#follow(path, follower));
  }

  /** Ends all that is followed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#following);
  }

  async #follow<Item extends AnyObject>(path: string, follower: Follower<Item>): Promise<void> {
    const { signal } = this.#stop;
    const { kubeconfig } = this.#cluster;
    const access = await loadAccess({ kubeconfig, inCluster: false, env: {} });
    using client = kubeClient({ access, clock: systemClock, userAgent: "suite/1" });
    let known = new Map<string, Item>();
    while (!signal.aborted) {
      try {
        const list = await client.request({ method: "GET", path }, signal) as {
          readonly metadata: { readonly resourceVersion: string };
          readonly items: readonly Item[];
        };
        const listed = new Map(list.items.map((item) => [item.metadata.uid, item]));
        for (const [uid, item] of known) if (!listed.has(uid)) follower(item, "gone");
        for (const item of listed.values()) follower(item, "present");
        known = listed;
        const query = { resourceVersion: list.metadata.resourceVersion };
        for await (const events of client.watch({ path, query }, signal)) {
          for (const { type, object } of events) {
            const item = object as Item;
            if (type === "ERROR") throw new Error(`${path}: ${JSON.stringify(object)}`);
            if (type === "BOOKMARK") continue;
            if (type === "DELETED") known.delete(item.metadata.uid);
            else known.set(item.metadata.uid, item);
            follower(item, type === "DELETED" ? "gone" : "present");
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        console.error(`following ${path} again:`, error);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}

/** Undefined instead of a rejection that says there is no such object. */
export async function unlessGone<Value>(request: Promise<Value>): Promise<Value | undefined> {
  try {
    return await request;
  } catch (error) {
    if (/ is answered 404: /.test(String(error))) return undefined;
    throw error;
  }
}

/** `/api/v1/namespaces/default/secrets/shop`. */
export function corePath(resource: string, namespace: string, name: string): string {
  return join("/api/v1/namespaces", namespace, resource, name);
}
