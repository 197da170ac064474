import type { Resource } from "./resource.ts";
import type { Tracked } from "./subscription.ts";

/**
 * Divides the resources of a refused response into those the error names, word for word, and the
 * others. Envoy writes, for clusters, `Error adding/updating cluster(s) a: reason, b: reason`, but
 * names nothing for most types, and a reason may contain the name of an innocent: it is a hint.
 */
export function namedIn(
  message: string,
  entries: ReadonlyMap<Tracked, Resource | undefined>,
): { readonly named: Tracked[]; readonly others: Tracked[] } {
  const words = new Set<string>();
  for (const word of message.split(/\s+/)) {
    words.add(word);
    words.add(word.replace(/^["'`(\[]+/, "").replace(/["'`)\].,:;]+$/, ""));
  }
  const named: Tracked[] = [];
  const others: Tracked[] = [];
  for (const tracked of entries.keys()) (words.has(tracked.name) ? named : others).push(tracked);
  return { named, others };
}
