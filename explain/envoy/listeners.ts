import type { AskedRequest } from "../asked_request.ts";
import type { FilterChainJson, HttpConnectionManagerJson, ListenerJson } from "./messages.ts";

/** The listener that takes requests with or without TLS. */
export function listenerFor(
  listeners: readonly ListenerJson[],
  { tls }: Pick<AskedRequest, "tls">,
): ListenerJson | undefined {
  const candidates = listeners.filter((listener) => isSecure(listener) === tls && routes(listener));
  const usual = tls ? "ingress_https" : "ingress_http";
  return candidates.find(({ name }) => name === usual) ?? candidates[0];
}

/** The filter chain for the server name that a client asks for. */
export function filterChainFor(
  { filter_chains = [], default_filter_chain }: ListenerJson,
  { tls, url }: Pick<AskedRequest, "tls" | "url">,
): FilterChainJson | undefined {
  const name = tls ? new URL(url).hostname : "";
  let best: { readonly chain: FilterChainJson; readonly rank: number } | undefined;
  for (const chain of filter_chains) {
    const rank = rankOf(chain.filter_chain_match?.server_names ?? [], name);
    if (rank > (best?.rank ?? -1)) best = { chain, rank };
  }
  return best?.chain ?? default_filter_chain;
}

/** Whether a filter is a connection manager. */
export function isHttp(
  config: { readonly "@type": string },
): config is HttpConnectionManagerJson {
  return config["@type"].endsWith("HttpConnectionManager");
}

function isSecure({ filter_chains = [], listener_filters = [] }: ListenerJson): boolean {
  return listener_filters.some(({ name }) => name.includes("tls_inspector")) ||
    filter_chains.some(({ transport_socket, filter_chain_match }) =>
      transport_socket !== undefined || filter_chain_match?.server_names !== undefined
    );
}

/** Whether a listener sends requests on by routes, unlike one for health and statistics. */
function routes({ filter_chains = [] }: ListenerJson): boolean {
  return filter_chains.some(({ filters = [] }) => {
    const config = filters.at(-1)?.typed_config;
    return config !== undefined && (!isHttp(config) || config.rds !== undefined ||
      config.scoped_routes !== undefined || config.route_config !== undefined);
  });
}

/** -1: for other names. 0: for any. An exact name goes before the longest ending. */
function rankOf(serverNames: readonly string[], name: string): number {
  if (serverNames.length === 0) return 0;
  return Math.max(...serverNames.map((wanted) => {
    const lower = wanted.toLowerCase();
    if (lower === name) return 1_000_000;
    return lower.startsWith("*.") && name.endsWith(lower.slice(1)) ? lower.length : -1;
  }));
}
