import type { KubeObject } from "../api/mod.ts";

/**
 * The part of an object that can matter to routing or status. What is left out can change without
 * anything being recomputed: the bookkeeping of the API server, and the status that we write.
 */
export function significant(object: KubeObject): KubeObject {
  const { name, namespace, generation, creationTimestamp, labels, annotations } = object.metadata;
  const metadata = {
    name,
    namespace,
    ...(generation === undefined ? {} : { generation }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { ...object, metadata } as KubeObject;
}
