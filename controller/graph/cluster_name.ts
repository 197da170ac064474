import { createHash } from "node:crypto";

/**
 * Joins `parts` with slashes, shortened so that the result stays below `limit` bytes: from the last
 * part on each is cut and given six digits of a hash over the whole.
 */
export function hashName(limit: number, parts: readonly string[]): string {
  const joined = parts.join("/");
  if (byteLength(joined) < limit) return joined;
  const hash = createHash("sha256").update(joined).digest("hex");
  const suffix = hash.slice(0, 6);
  const cut = [...parts];
  for (let i = cut.length - 1; i >= 0; i--) {
    cut[i] = shorten(Math.floor(limit / cut.length), cut[i] ?? "", suffix);
    const name = cut.join("/");
    if (byteLength(name) < limit) return name;
  }
  return hash.slice(0, limit);
}

/**
 * The name of the cluster for one way of using a Service port. `text` is whatever tells this way
 * from others; equal texts share a cluster, so it has to be complete.
 */
export function clusterName(
  { namespace, service, port }: {
    readonly namespace: string;
    readonly service: string;
    readonly port: number;
  },
  text: string,
): string {
  const hash = createHash("sha1").update(text).digest("hex").slice(0, 10);
  return hashName(60, [namespace, service, String(port), hash]);
}

function shorten(limit: number, text: string, suffix: string): string {
  const bytes = new TextEncoder().encode(text);
  if (limit >= bytes.length) return text;
  if (limit <= suffix.length) return suffix.slice(0, limit);
  return new TextDecoder().decode(bytes.slice(0, limit - suffix.length - 1)) + "-" + suffix;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
