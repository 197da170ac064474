import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { ClusterMetadata } from "./metadata.ts";

/** See https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/ */
export const Namespace = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("Namespace"),
  metadata: ClusterMetadata,
  spec: z.object({ finalizers: z.array(z.string()).optional() }).optional(),
  status: z.looseObject({}).optional(),
});
/** See {@link Namespace}. */
export type Namespace = Immutable<z.infer<typeof Namespace>>;
