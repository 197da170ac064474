import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { KubeClient } from "./client.ts";
import type { Clock } from "./clock.ts";

/**
 * Tells in an Event about the lease who leads, as Kubernetes' own Go client does: with the reason
 * `LeaderElection`, and the candidate as its source. It is one of the core API, since that is what
 * roles for an election grant. Rejects when it cannot be written.
 * See https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export async function tellOfLeader(
  news: "became leader" | "stopped leading",
  { client, namespace, name, identity, clock }: LeaderNewsOptions,
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  const { metadata: { uid } } = Lease.parse(await client.request({ method: "GET", path }, signal));
  const now = new Date(clock.now()).toISOString().replace(/\.\d+/, "");
  await client.request({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/events`,
    body: {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace, name: `${name.slice(0, 200)}.${randomUUID()}` },
      involvedObject: {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        namespace,
        name,
        // Without it `kubectl describe` would not find the Event.
        uid,
      },
      type: "Normal",
      reason: "LeaderElection",
      message: `${identity} ${news}`,
      source: { component: identity },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  }, signal);
}

/** See {@link tellOfLeader}. */
export interface LeaderNewsOptions {
  readonly client: Pick<KubeClient, "request">;
  /** Of the lease. */
  readonly namespace: string;
  readonly name: string;
  /** The candidate it is about. */
  readonly identity: string;
  readonly clock: Clock;
}

const Lease = z.object({ metadata: z.object({ uid: z.string() }) });
