import { isIP } from "node:net";
import type { KeyServerCluster } from "../graph/mod.ts";
import { duration, type Message, type Violation } from "../../proto/mod.ts";
import { dnsFamilies } from "./cluster.ts";
import { socketEndpoint } from "./load_assignment.ts";
import { envoyViolations } from "./message_rules.ts";
import type { UpstreamOptions } from "./options.ts";
import { encodedResource, type Resource, types } from "./resource.ts";
import { upstreamTls } from "./tls_context.ts";

/**
 * The Envoy cluster of a server of keys, found by DNS. Its certificate is checked only where its
 * user says how.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
export function keyServerResource(
  cluster: KeyServerCluster,
  options: UpstreamOptions = {},
): Resource {
  const { name } = cluster.server;
  return encodedResource({ type: types.cluster, name, message: clusterMessage(cluster, options) });
}

/** What Envoy would refuse of the server of keys. */
export function keyServerViolations(server: KeyServerCluster["server"]): readonly Violation[] {
  return envoyViolations(types.cluster, clusterMessage({ server }, {}));
}

function clusterMessage({ server, caBundle }: KeyServerCluster, options: UpstreamOptions): Message {
  const { name, scheme, host, port, dnsFamily, validation } = server;
  const family = dnsFamily === "configured" ? options.dnsLookupFamily ?? "auto" : dnsFamily;
  const transportSocket = upstreamTls({
    protocol: scheme === "https" ? "tls" : "http/1.1",
    // An address is no server name.
    sni: isIP(host) === 0 ? host.replace(/\.$/, "") : "",
    ...(caBundle === undefined || validation === undefined
      ? {}
      : { validation: { caBundle, subjectNames: validation.subjectNames } }),
  }, options.tls);
  return {
    name,
    type: family === "all" ? "LOGICAL_DNS" : "STRICT_DNS",
    ...(family === "auto" ? {} : { dnsLookupFamily: dnsFamilies[family] }),
    connectTimeout: duration(2_000),
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [socketEndpoint({ address: host, port })] }],
    },
    ...(transportSocket === undefined ? {} : { transportSocket }),
  };
}
