import type { RouteConfigurationJson, VirtualHostJson } from "./messages.ts";

/**
 * The virtual host for a Host header: an exact name goes before the longest ending, that before the
 * longest beginning, and `*` comes last.
 */
export function domainFor(
  { virtual_hosts = [], ignore_port_in_host_matching = false }: RouteConfigurationJson,
  authority: string,
): VirtualHostJson | undefined {
  const lower = authority.toLowerCase();
  const name = ignore_port_in_host_matching ? lower.replace(/:\d+$/, "") : lower;
  let best: { readonly host: VirtualHostJson; readonly rank: number } | undefined;
  for (const host of virtual_hosts) {
    for (const domain of host.domains) {
      const rank = rankOf(domain.toLowerCase(), name);
      if (rank > (best?.rank ?? 0)) best = { host, rank };
    }
  }
  return best?.host;
}

/** How well a domain fits; 0 when it does not. */
function rankOf(domain: string, name: string): number {
  if (domain === "*") return 1;
  if (domain === name) return 3_000_000;
  // The star stands for at least one character.
  const isLonger = name.length >= domain.length;
  if (domain.startsWith("*") && isLonger && name.endsWith(domain.slice(1))) {
    return 2_000_000 + domain.length;
  }
  if (domain.endsWith("*") && isLonger && name.startsWith(domain.slice(0, -1))) {
    return 1_000_000 + domain.length;
  }
  return 0;
}
