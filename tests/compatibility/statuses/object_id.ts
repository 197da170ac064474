import type { Manifest } from "../../support/cluster/mod.ts";

/** `Kind/namespace/name`. */
export function idOf({ kind, metadata }: Pick<Manifest, "kind" | "metadata">): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}
