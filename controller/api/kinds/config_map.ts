import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { stringMap } from "./values.ts";

/** See https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/ */
export const ConfigMap = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("ConfigMap"),
  metadata: Metadata,
  data: stringMap().optional(),
  /** Values in base64. */
  binaryData: stringMap().optional(),
  immutable: z.boolean().optional(),
});
/** See {@link ConfigMap}. */
export type ConfigMap = Immutable<z.infer<typeof ConfigMap>>;
