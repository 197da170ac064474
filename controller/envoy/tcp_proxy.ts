import type { TcpProxy } from "../graph/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";
import { accessLogs } from "./access_log.ts";
import { listenerNames } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { fittingWeights } from "./weights.ts";

/**
 * The network filter that copies bytes. Targets of weight 0 get nothing, unless all have it: then
 * they share equally.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
 */
export function tcpProxy(proxy: TcpProxy, options: EnvoyOptions): Message {
  const accessLog = accessLogs(options.https.accessLog);
  return {
    name: "envoy.filters.network.tcp_proxy",
    typedConfig: {
      "@type": "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      statPrefix: listenerNames.https,
      ...clusterChoice(proxy),
      idleTimeout: duration(idleTimeoutMs),
      ...(accessLog.length === 0 ? {} : { accessLog }),
    },
  };
}

// Contour's number: longer than any tunnel is expected to be silent.
const idleTimeoutMs = 9_001_000;

function clusterChoice({ clusters }: TcpProxy): Message {
  const weighted = clusters.filter(({ weight }) => weight > 0);
  const targets = weighted.length > 0
    ? weighted
    : clusters.map(({ cluster }) => ({ cluster, weight: 1 }));
  const [only, second] = targets;
  if (only !== undefined && second === undefined) return { cluster: only.cluster.name };
  const weights = fittingWeights(targets.map(({ weight }) => weight));
  return {
    weightedClusters: {
      clusters: targets.map(({ cluster }, i) => ({ name: cluster.name, weight: weights[i] ?? 1 })),
    },
  };
}
