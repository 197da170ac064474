import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { dnsLabelPattern, dnsNamePattern } from "./patterns.ts";
import { int64, matching, stringMap } from "./values.ts";

const name = matching(
  dnsNamePattern,
  "lower-case letters, digits, '-' and '.', and begin and end with a letter or digit",
).max(253);

const label = matching(
  dnsLabelPattern,
  "lower-case letters, digits and '-', and begin and end with a letter or digit",
).max(63);

const OwnerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string().optional(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});

const common = {
  generateName: z.string().optional(),
  generation: int64().optional(),
  resourceVersion: z.string().optional(),
  uid: z.string().optional(),
  selfLink: z.string().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  deletionGracePeriodSeconds: int64().optional(),
  labels: stringMap().optional(),
  annotations: stringMap().optional(),
  ownerReferences: z.array(OwnerReference).optional(),
  finalizers: z.array(z.string()).optional(),
  managedFields: z.array(z.unknown()).optional(),
};

/**
 * The metadata of an object in a namespace. An object that names no namespace is in `default`,
 * unless whoever reads it says otherwise.
 * See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export const Metadata = z.object({ name, namespace: label.default("default"), ...common });

/** See {@link Metadata}. */
export type Metadata = Immutable<z.infer<typeof Metadata>>;

/** The metadata of a Namespace, whose own namespace is empty. */
export const ClusterMetadata = z.object({
  name: label,
  namespace: z.literal("").default(""),
  ...common,
});
