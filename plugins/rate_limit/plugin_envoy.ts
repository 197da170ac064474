import { isIP } from "node:net";
import type { PluginContext } from "./outside.ts";
import { type ServiceTls, serviceTls } from "./plugin_places.ts";
import { milliseconds, type RateLimitPluginSettings } from "./plugin_settings.ts";
import type { Message } from "./policy/step.ts";

/** The domain of policies: nobody else's descriptors have it. */
export const policyDomain = "contour-policies";

/** The names of what Envoy knows of the service. */
export const serviceName = "service";

/**
 * The filter that asks about limits of policies.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ratelimit/v3/rate_limit.proto
 */
export function limitsFilter({ settings, clusterName }: Context): Message {
  const { failOpen = true, timeout = "200ms", status = 429 } = settings;
  return {
    domain: policyDomain,
    // No entry of a route or host has this stage: what HTTPProxies say of other services is not asked.
    stage: 10,
    timeout: duration(milliseconds(timeout)),
    failureModeDeny: !failOpen,
    rateLimitedAsResourceExhausted: true,
    rateLimitedStatus: { code: status },
    disableXEnvoyRatelimitedHeader: false,
    rateLimitService: {
      transportApiVersion: "V3",
      grpcService: { envoyGrpc: { clusterName: clusterName(serviceName) } },
    },
  };
}

/** The service, as Envoy reaches it. */
export function serviceCluster({ settings, services, envoys }: Context): Message | undefined {
  const place = services[serviceName];
  if (place === undefined) return undefined;
  const tls = serviceTls(settings, envoys);
  const { address, port } = place;
  const many = { value: 1_000_000 };
  const limits = { maxConnections: many, maxPendingRequests: many, maxRequests: many };
  return {
    type: isIP(address) === 0 ? "STRICT_DNS" : "STATIC",
    connectTimeout: duration(1_000),
    loadAssignment: {
      clusterName: serviceName,
      endpoints: [{
        lbEndpoints: [{ endpoint: { address: { socketAddress: { address, portValue: port } } } }],
      }],
    },
    circuitBreakers: {
      thresholds: [{ priority: "DEFAULT", ...limits }, { priority: "HIGH", ...limits }],
    },
    typedExtensionProtocolOptions: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicitHttpConfig: { http2ProtocolOptions: {} },
      },
    },
    ...(tls === undefined ? {} : { transportSocket: transportSocket(tls) }),
  };
}

type Context = PluginContext<RateLimitPluginSettings>;

/** As Envoy speaks to the controller, with the files that `contour bootstrap` wrote for that. */
function transportSocket({ envoyResources }: ServiceTls): Message {
  const folder = `${envoyResources.replace(/\/+$/, "")}/sds`;
  const secret = (name: string, file: string): Message => ({
    name,
    sdsConfig: { resourceApiVersion: "V3", pathConfigSource: { path: `${folder}/${file}` } },
  });
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: {
      "@type": "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      commonTlsContext: {
        tlsParams: { tlsMaximumProtocolVersion: "TLSv1_3" },
        tlsCertificateSdsSecretConfigs: [
          secret("contour_xds_tls_certificate", "xds-tls-certificate.json"),
        ],
        validationContextSdsSecretConfig: secret(
          "contour_xds_tls_validation_context",
          "xds-validation-context.json",
        ),
        alpnProtocols: ["h2"],
      },
    },
  };
}

function duration(ms: number): Message {
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
}
