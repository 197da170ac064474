/** What Envoy asks of messages beside the rules that its .proto files declare, by their types. */
import { isIP } from "node:net";
import { regexProblem } from "../graph/mod.ts";
import {
  checkWith,
  type FurtherRule,
  isMessage,
  type Message,
  type Violation,
} from "../../proto/mod.ts";
import { formatTextProblem } from "./format_text.ts";
import { types } from "./resource.ts";

/**
 * Why Envoy would refuse a message: the rules of its .proto files, and those that only its code
 * knows and that a message by itself can be held against.
 */
export function envoyViolations(fullName: string, message: Message): readonly Violation[] {
  const found = checkMessage(fullName, message);
  if (fullName !== types.clusterLoadAssignment) return found;
  return [...found, ...addressViolations(message)];
}

const fault = (path: string, rule: string, message: string): Violation => ({ path, rule, message });

const needsTypedConfig: FurtherRule = ({ typedConfig, configDiscovery }) =>
  typedConfig === undefined && configDiscovery === undefined
    ? [fault("typedConfig", "extension.config", "must be set")]
    : [];

const headerChanges: FurtherRule = (message) =>
  ["requestHeadersToRemove", "responseHeadersToRemove"].flatMap((path) =>
    texts(message[path]).filter((name) => name.startsWith(":") || name.toLowerCase() === "host")
      .map((name) => fault(path, "headers.remove", `must not hold "${name}"`))
  );

const rules: { readonly [fullName: string]: FurtherRule } = {
  "envoy.config.listener.v3.Filter": needsTypedConfig,
  "envoy.config.listener.v3.ListenerFilter": needsTypedConfig,
  "envoy.config.accesslog.v3.AccessLog": needsTypedConfig,
  "envoy.config.core.v3.TransportSocket": needsTypedConfig,
  "envoy.config.trace.v3.Tracing.Http": needsTypedConfig,
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter": needsTypedConfig,
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager": (
    { httpFilters, codecType, upgradeConfigs },
  ) => [
    ...upgradeViolations(upgradeConfigs),
    ...lastOnly("httpFilters", messages(httpFilters), [router]),
    ...(codecType === "HTTP3" || codecType === 3
      ? [fault("codecType", "codec_type", "must not be HTTP3, which is not spoken over TCP")]
      : []),
  ],
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig":
    ({ filters }) => lastOnly("filters", messages(filters), [router]),
  "envoy.config.listener.v3.FilterChain": ({ filters }) =>
    lastOnly("filters", messages(filters), networkEnds),
  "envoy.config.listener.v3.FilterChainMatch": ({ serverNames }) => [
    ...repeated("serverNames", texts(serverNames).map((name) => name.toLowerCase())),
    ...texts(serverNames).flatMap((name, i) =>
      name.replace(/^\*\./, "").includes("*")
        ? [fault(`serverNames[${i}]`, "server_names", 'must not hold "*" but for a first label')]
        : []
    ),
  ],
  [types.listener]: ({ filterChains, defaultFilterChain }) => {
    const chains = messages(filterChains);
    if (chains.length === 0 && defaultFilterChain === undefined) {
      return [fault("filterChains", "filter_chains", "must have at least 1 item")];
    }
    return repeated(
      "filterChains",
      chains.map(({ filterChainMatch }) => JSON.stringify(filterChainMatch ?? {})),
    );
  },
  [types.scopedRouteConfiguration]: ({ routeConfiguration, routeConfigurationName }) =>
    routeConfiguration === undefined && !routeConfigurationName
      ? [fault("routeConfiguration", "required", "must be set")]
      : [],
  [types.routeConfiguration]: (message) => [
    ...headerChanges(message),
    ...repeated("virtualHosts", messages(message["virtualHosts"]).flatMap(domainsOf)),
    ...bodyViolations(message),
  ],
  "envoy.config.route.v3.VirtualHost": (message) => [
    ...headerChanges(message),
    ...repeated("domains", domainsOf(message)),
    ...limitViolations(message),
  ],
  "envoy.config.route.v3.Route": (message) => [
    ...headerChanges(message),
    ...limitViolations(message),
  ],
  "envoy.config.route.v3.RouteAction": ({ upgradeConfigs }) => upgradeViolations(upgradeConfigs),
  "envoy.config.route.v3.RouteAction.RequestMirrorPolicy": ({ cluster, clusterHeader }) =>
    cluster || clusterHeader ? [] : [fault("cluster", "cluster", "must not be empty")],
  "envoy.config.route.v3.WeightedCluster": ({ clusters, totalWeight }) => {
    if (totalWeight !== undefined) return [];
    const sum = messages(clusters).reduce((sum, { weight }) => sum + wrapped(weight), 0);
    if (sum > 0 && sum <= 0xffff_ffff) return [];
    const message = `must have weights whose sum is above 0 and below 2^32, not ${sum}`;
    return messages(clusters).length === 0 ? [] : [fault("clusters", "weights.sum", message)];
  },
  "envoy.config.route.v3.WeightedCluster.ClusterWeight": (message) => [
    ...headerChanges(message),
    ...(message["name"] || message["clusterHeader"]
      ? []
      : [fault("name", "cluster", "must not be empty")]),
    ...(message["weight"] === undefined ? [fault("weight", "weight", "must be set")] : []),
  ],
  "envoy.config.core.v3.HeaderValueOption": ({ header }) => {
    const key = isMessage(header) ? String(header["key"] ?? "") : "";
    return key.startsWith(":") || key.toLowerCase() === "host"
      ? [fault("header.key", "headers.add", `must not be "${key}"`)]
      : [];
  },
  "envoy.config.core.v3.HeaderValue": ({ value }) => {
    const problem = typeof value === "string" ? formatTextProblem(value) : undefined;
    return problem === undefined ? [] : [fault("value", "format", problem)];
  },
  "envoy.config.core.v3.SubstitutionFormatString": ({ textFormatSource }) => {
    const text = isMessage(textFormatSource) ? textFormatSource["inlineString"] : undefined;
    const problem = typeof text === "string" ? formatTextProblem(text) : undefined;
    return problem === undefined ? [] : [fault("textFormatSource", "format", problem)];
  },
  "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit": ({ tokenBucket }) => {
    const interval = isMessage(tokenBucket) ? tokenBucket["fillInterval"] : undefined;
    if (!isMessage(interval)) return [];
    const nanos = Number(interval["seconds"] ?? 0) * 1e9 + Number(interval["nanos"] ?? 0);
    // Envoy counts whole milliseconds, and lets none at all pass.
    if (nanos < 1_000_000 || nanos >= 50_000_000) return [];
    return [fault("tokenBucket.fillInterval", "fill_interval", "must be at least 0.05 s")];
  },
  "envoy.extensions.transport_sockets.tls.v3.TlsParameters": ({ ecdhCurves }) =>
    repeated("ecdhCurves", texts(ecdhCurves)),
  "envoy.config.route.v3.FilterConfig": ({ config, disabled }) =>
    config === undefined && !disabled
      ? [fault("config", "filter_config", "must be set, unless the filter is disabled")]
      : [],
  "envoy.config.core.v3.CidrRange": ({ addressPrefix }) =>
    // Envoy reads it up to a NUL.
    typeof addressPrefix === "string" && isIP(addressPrefix.replace(/\0.*/s, "")) !== 0
      ? []
      : [fault("addressPrefix", "address", "must be an IP address")],
  "envoy.type.matcher.v3.RegexMatcher": ({ regex }) => {
    const problem = typeof regex === "string" ? regexProblem(regex) : undefined;
    return problem === undefined ? [] : [fault("", "regex", `must be one: ${problem}`)];
  },
  [types.cluster]: clusterViolations,
  "envoy.config.core.v3.HealthCheck.HttpHealthCheck": ({ expectedStatuses }) =>
    messages(expectedStatuses).flatMap(({ start, end }, i) => {
      const [first, beyond] = [Number(start ?? 0), Number(end ?? 0)];
      if (first >= 100 && beyond <= 600 && first < beyond) return [];
      const message = `must be a range of statuses, not ${first} to ${beyond}`;
      return [fault(`expectedStatuses[${i}]`, "statuses", message)];
    }),
  "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext": ({ commonTlsContext }) =>
    isMessage(commonTlsContext) && certificates(commonTlsContext) > 0
      ? []
      : [fault("commonTlsContext", "certificates", "must have a certificate")],
  "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext": ({ sni, commonTlsContext }) => [
    ...(isMessage(commonTlsContext) && certificates(commonTlsContext) > 1
      ? [fault("commonTlsContext", "certificates", "must have at most 1 certificate")]
      : []),
    ...(typeof sni === "string" && sni.includes("\0")
      ? [fault("sni", "sni", "must not contain NUL characters")]
      : []),
  ],
  "envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher": ({ sanType, oid }) =>
    (sanType === "OTHER_NAME" || sanType === 5) && !oid
      ? [fault("oid", "required", "must be set")]
      : [],
  "envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext": (
    { trustedCa, crl, matchTypedSubjectAltNames },
  ) => {
    // What is in it was checked with the Secret that it comes from.
    if (trustedCa !== undefined) return [];
    return crl !== undefined || messages(matchTypedSubjectAltNames).length > 0
      ? [fault("trustedCa", "trusted_ca", "must be set to check names or revocations")]
      : [];
  },
};

const checkMessage = checkWith(rules);

const router = "envoy.extensions.filters.http.router.v3.Router";
const networkEnds = [
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
];

/** One of these has to be the last of the filters, and none of them may stand before. */
function lastOnly(
  path: string,
  filters: readonly Message[],
  ends: readonly string[],
): readonly Violation[] {
  const isEnd = ({ typedConfig }: Message) =>
    isMessage(typedConfig) && ends.includes(String(typedConfig["@type"]));
  return filters.every((filter, i) => isEnd(filter) === (i === filters.length - 1)) ? [] : [
    fault(path, "filters.order", "must end with the filter that ends the chain, and only there"),
  ];
}

function nested(path: string, violations: readonly Violation[]): readonly Violation[] {
  return violations.map((violation) => ({ ...violation, path: `${path}.${violation.path}` }));
}

function repeated(path: string, values: readonly string[]): readonly Violation[] {
  return new Set(values).size === values.length
    ? []
    : [fault(path, "unique", "must not hold the same twice")];
}

function upgradeViolations(upgradeConfigs: unknown): readonly Violation[] {
  const kinds = messages(upgradeConfigs).map(({ upgradeType }) => String(upgradeType));
  return repeated("upgradeConfigs", kinds.map((kind) => kind.toLowerCase()));
}

function domainsOf({ domains }: Message): readonly string[] {
  return texts(domains).map((domain) => domain.toLowerCase());
}

/** What is answered without a backend may only be so long. */
function bodyViolations(
  { virtualHosts, maxDirectResponseBodySizeBytes: limit }: Message,
): readonly Violation[] {
  // Zero is no limit to Envoy.
  const most = limit === undefined ? 4_096 : wrapped(limit) || Number.POSITIVE_INFINITY;
  return messages(virtualHosts).flatMap(({ routes }, i) =>
    messages(routes).flatMap(({ directResponse }, j) => {
      const body = isMessage(directResponse) ? directResponse["body"] : undefined;
      const text = isMessage(body) ? body["inlineString"] : undefined;
      if (typeof text !== "string" || text.length * 3 <= most) return [];
      const { length } = new TextEncoder().encode(text);
      if (length <= most) return [];
      const path = `virtualHosts[${i}].routes[${j}].directResponse.body`;
      return [fault(path, "body.size", `must have at most ${most} bytes, not ${length}`)];
    })
  );
}

/** A limit of its own is one that a host or a route has, not the listener. */
function limitViolations({ typedPerFilterConfig }: Message): readonly Violation[] {
  if (!isMessage(typedPerFilterConfig)) return [];
  return Object.entries(typedPerFilterConfig).flatMap(([name, config]) =>
    isMessage(config) && config["@bytes"] === undefined && config["tokenBucket"] === undefined &&
      config["@type"] === "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
      ? [fault(`typedPerFilterConfig["${name}"].tokenBucket`, "required", "must be set")]
      : []
  );
}

function clusterViolations(cluster: Message): readonly Violation[] {
  const { type, lbPolicy, edsClusterConfig, loadAssignment, healthChecks } = cluster;
  const { typedExtensionProtocolOptions } = cluster;
  const isProvided = lbPolicy === "CLUSTER_PROVIDED" || lbPolicy === 6;
  const isOriginal = type === "ORIGINAL_DST" || type === 4;
  const options = isMessage(typedExtensionProtocolOptions) ? typedExtensionProtocolOptions : {};
  return [
    ...(isOriginal === isProvided
      ? []
      : [fault("lbPolicy", "lb_policy", "must suit the type of the cluster")]),
    ...((type === "EDS" || type === 3) && edsClusterConfig === undefined
      ? [fault("edsClusterConfig", "required", "must be set")]
      : []),
    ...((type === undefined || type === "STATIC" || type === 0) && isMessage(loadAssignment)
      ? nested("loadAssignment", addressViolations(loadAssignment, "named only"))
      : []),
    ...(type === "LOGICAL_DNS" || type === 2 ? singleEndpoint(loadAssignment) : []),
    ...(lbPolicy === 7 ? [fault("loadBalancingPolicy", "required", "must be set")] : []),
    ...(messages(healthChecks).length > 1
      ? [fault("healthChecks", "health_checks", "must have at most 1 item")]
      : []),
    ...Object.keys(options).filter((name) => name !== httpOptions).map((name) =>
      fault(`typedExtensionProtocolOptions["${name}"]`, "extension.name", "must be one Envoy knows")
    ),
  ];
}

function singleEndpoint(loadAssignment: unknown): readonly Violation[] {
  const endpoints = isMessage(loadAssignment) ? messages(loadAssignment["endpoints"]) : [];
  const count = endpoints.reduce((sum, { lbEndpoints }) => sum + messages(lbEndpoints).length, 0);
  if (count === 1) return [];
  return [fault("loadAssignment", "endpoints", `must have 1 endpoint, not ${count}`)];
}

const httpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Endpoints have addresses; only those of a cluster that asks DNS may have names. */
function addressViolations(
  { endpoints }: Message,
  which: "named only" | "all" = "all",
): readonly Violation[] {
  return messages(endpoints).flatMap(({ lbEndpoints }, i) =>
    messages(lbEndpoints).flatMap(({ endpoint }, j) => {
      const address = isMessage(endpoint) ? endpoint["address"] : undefined;
      const socket = isMessage(address) ? address["socketAddress"] : undefined;
      const text = isMessage(socket) ? socket["address"] : undefined;
      if (typeof text === "string" ? isIP(text) !== 0 : which === "named only") return [];
      const path = `endpoints[${i}].lbEndpoints[${j}].endpoint.address.socketAddress.address`;
      return [fault(path, "address", "must be an IP address")];
    })
  );
}

function certificates(context: Message): number {
  return ["tlsCertificates", "tlsCertificateSdsSecretConfigs"]
    .reduce((count, field) => count + messages(context[field]).length, 0);
}

function wrapped(value: unknown): number {
  return isMessage(value) ? Number(value["value"] ?? 0) : 0;
}

function messages(list: unknown): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : [];
}

function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((value) => typeof value === "string") : [];
}
