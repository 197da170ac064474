/**
 * The file an Envoy starts with: where to ask for its configuration (delta xDS over one stream),
 * and what it must have before it got an answer.
 *
 * Reference: https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/bootstrap
 */
import { isIP } from "node:net";
import { duration, type Json, type Message, struct, toJson } from "../../proto/mod.ts";
import { type Address, addressMessage } from "./address.ts";
import { adminCluster } from "./admin_cluster.ts";
import { sdsConfig, type XdsTls, xdsTransportSocket } from "./xds_tls.ts";

export interface BootstrapOptions {
  /** Who the Envoy says it is. Without it `--service-node` and `--service-cluster` must say so. */
  readonly node?: { readonly id: string; readonly cluster: string };
  /** The controller. A name is looked up in DNS again and again, an IP address never. */
  readonly xds: { readonly address: string; readonly port: number; readonly tls?: XdsTls };
  /** Which addresses of the controller's name to use; `auto` prefers IPv6. Default `auto`. */
  readonly dnsLookupFamily?: "auto" | "v4" | "v6" | "all";
  /** Where Envoy's admin interface listens; it lets anyone who reaches it do anything. */
  readonly admin: Address;
  /** Only appears in the name of a statistic. Default: the port of `admin`, or 9001. */
  readonly adminStatPort?: number;
  /** Only appears in names of statistics. Default `projectcontour`. */
  readonly namespace?: string;
  /** Heap in bytes above which Envoy sheds load: at 95 % it frees, at 98 % it refuses requests. */
  readonly maxHeapBytes?: number;
  /** Whether the controller is asked for runtime settings. Default: no. */
  readonly asksForRuntime?: boolean;
  /** Client connections above which Envoy refuses further ones. */
  readonly maxDownstreamConnections?: number;
}

/** The message type of a bootstrap. */
export const bootstrapType = "envoy.config.bootstrap.v3.Bootstrap";

/** The bootstrap as a message. Same options in, same message out. */
export function bootstrap(options: BootstrapOptions): Message {
  const { node, admin, adminStatPort, namespace = "projectcontour" } = options;
  const overload = overloadManager(options);
  return {
    ...(node ? { node: { id: node.id, cluster: node.cluster } } : {}),
    layeredRuntime: { layers: runtimeLayers(options) },
    dynamicResources: {
      adsConfig: {
        apiType: "DELTA_GRPC",
        transportApiVersion: "V3",
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{
          envoyGrpc: {
            clusterName: "contour",
            authority: "contour",
            // A controller that was away is found again within seconds; Envoy's own pause grows to 30.
            retryPolicy: {
              retryBackOff: { baseInterval: duration(250), maxInterval: duration(2_000) },
            },
          },
        }],
      },
      ldsConfig: ads(),
      cdsConfig: ads(),
    },
    staticResources: {
      clusters: [controllerCluster(options), adminCluster({ admin, adminStatPort, namespace })],
    },
    // Thousands of clusters that see no traffic then cost no statistics: a third of the memory.
    deferredStatOptions: { enableDeferredCreationStats: true },
    defaultRegexEngine: {
      name: "envoy.regex_engines.google_re2",
      typedConfig: { "@type": "envoy.extensions.regex_engines.v3.GoogleRE2" },
    },
    ...(overload ? { overloadManager: overload } : {}),
    admin: {
      accessLog: [{
        name: "envoy.access_loggers.file",
        typedConfig: {
          "@type": "envoy.extensions.access_loggers.file.v3.FileAccessLog",
          path: "/dev/null",
        },
      }],
      address: addressMessage(admin),
    },
  };
}

/** The bootstrap as the JSON text that Envoy reads, with field names as in its documentation. */
export function bootstrapJson(options: BootstrapOptions): string {
  const json: Json = toJson(bootstrapType, bootstrap(options));
  return JSON.stringify(json, null, 2) + "\n";
}

/**
 * The files that a bootstrap with `xds.tls.resourcesDir` refers to, by path. They name the
 * certificate files, which Envoy reads again when these files are replaced.
 */
export function bootstrapFiles({ xds }: BootstrapOptions): ReadonlyMap<string, string> {
  return xds.tls ? sdsConfig(xds.tls) : new Map();
}

/** The stream that CDS and LDS share. Without a limit, as there is nothing to serve before. */
function ads(): Message {
  return { ads: {}, resourceApiVersion: "V3", initialFetchTimeout: duration(0) };
}

/** Later layers win; the admin console comes last so that an operator can override. */
function runtimeLayers({ asksForRuntime }: BootstrapOptions): Message[] {
  const limits = struct({
    // The default of 100 instructions refuses expressions that are common in routes.
    "re2.max_program_size.error_level": 1_048_576,
    "re2.max_program_size.warn_level": 1000,
  });
  const rtdsConfig = { ads: {}, resourceApiVersion: "V3" };
  return [
    { name: "static", staticLayer: limits },
    // A controller without such settings says so at once, so Envoy does not wait.
    ...(asksForRuntime ? [{ name: "dynamic", rtdsLayer: { name: "dynamic", rtdsConfig } }] : []),
    { name: "admin", adminLayer: {} },
  ];
}

const dnsFamilies = { auto: "AUTO", v4: "V4_ONLY", v6: "V6_ONLY", all: "ALL" } as const;

function controllerCluster(options: BootstrapOptions): Message {
  const { xds, dnsLookupFamily = "auto", namespace = "projectcontour" } = options;
  const limits = {
    maxConnections: { value: 100_000 },
    maxPendingRequests: { value: 100_000 },
    maxRequests: { value: 60_000_000 },
    maxRetries: { value: 50 },
    trackRemaining: true,
  };
  return {
    name: "contour",
    altStatName: `${namespace}_contour_${xds.port}`,
    type: isIP(xds.address) ? "STATIC" : "STRICT_DNS",
    dnsLookupFamily: dnsFamilies[dnsLookupFamily],
    connectTimeout: duration(5000),
    lbPolicy: "ROUND_ROBIN",
    loadAssignment: {
      clusterName: "contour",
      endpoints: [{ lbEndpoints: [{ endpoint: { address: addressMessage(xds) } }] }],
    },
    // A controller that vanished without a word is noticed within a minute.
    upstreamConnectionOptions: {
      tcpKeepalive: {
        keepaliveProbes: { value: 3 },
        keepaliveTime: { value: 30 },
        keepaliveInterval: { value: 5 },
      },
    },
    typedExtensionProtocolOptions: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicitHttpConfig: { http2ProtocolOptions: {} },
      },
    },
    circuitBreakers: {
      thresholds: [{ priority: "HIGH", ...limits }, { priority: "DEFAULT", ...limits }],
    },
    ...(xds.tls ? { transportSocket: xdsTransportSocket(xds.tls) } : {}),
  };
}

const heapMonitor = "envoy.resource_monitors.fixed_heap";

function overloadManager(options: BootstrapOptions): Message | undefined {
  const { maxHeapBytes = 0, maxDownstreamConnections = 0 } = options;
  const monitors: Message[] = [];
  if (maxHeapBytes > 0) {
    monitors.push({
      name: heapMonitor,
      typedConfig: {
        "@type": "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
        maxHeapSizeBytes: maxHeapBytes,
      },
    });
  }
  if (maxDownstreamConnections > 0) {
    const type = "envoy.extensions.resource_monitors.downstream_connections.v3";
    monitors.push({
      name: "envoy.resource_monitors.global_downstream_max_connections",
      typedConfig: {
        "@type": `${type}.DownstreamConnectionsConfig`,
        maxActiveDownstreamConnections: maxDownstreamConnections,
      },
    });
  }
  if (monitors.length === 0) return undefined;
  const action = (name: string, threshold: number): Message => ({
    name: `envoy.overload_actions.${name}`,
    triggers: [{ name: heapMonitor, threshold: { value: threshold } }],
  });
  return {
    refreshInterval: duration(250),
    resourceMonitors: monitors,
    ...(maxHeapBytes > 0
      ? { actions: [action("shrink_heap", 0.95), action("stop_accepting_requests", 0.98)] }
      : {}),
  };
}
