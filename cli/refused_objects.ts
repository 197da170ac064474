import { z } from "zod";
import { keyId, type Kind } from "../controller/api/mod.ts";
import type { ClusterListing } from "../controller/kube/mod.ts";

/**
 * The words of Envoys that do not take objects of a cluster, by the keys of those, as a controller
 * wrote them into statuses. Of a status that is about an older form nothing is known.
 */
export function refusedAmong(items: ClusterListing["raw"]): ReadonlyMap<string, string> {
  return new Map(items.flatMap(({ kind, value }): (readonly [string, string])[] => {
    const parsed = Judged.safeParse(value);
    if (!parsed.success) return [];
    const { metadata: { namespace = "", name, generation }, status: { conditions } } = parsed.data;
    const words = conditions
      .filter(({ observedGeneration }) => (observedGeneration ?? generation) === generation)
      .flatMap(({ errors }) => errors)
      .find(({ reason }) => reason === "RefusedByEnvoy")?.message;
    return words === undefined ? [] : [[keyId({ kind: kind as Kind, namespace, name }), words]];
  }));
}

const Judged = z.object({
  metadata: z.object({
    namespace: z.string().optional(),
    name: z.string(),
    generation: z.number().optional(),
  }),
  status: z.object({
    conditions: z.array(z.object({
      observedGeneration: z.number().optional(),
      errors: z.array(z.object({ reason: z.string(), message: z.string() })).default([]),
    })),
  }),
});
