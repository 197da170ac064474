import type { TraceTag, Tracing } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { grpcService } from "./grpc_service.ts";

/**
 * The field of a connection manager that says which requests are traced, and who is told.
 * See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/observability/tracing
 */
export function tracingField(tracing: Tracing | undefined): Message {
  if (tracing === undefined) return {};
  const { sampling, maximumPathLength, tags, server, serviceName } = tracing;
  return {
    tracing: {
      clientSampling: { value: sampling.client },
      randomSampling: { value: sampling.random },
      overallSampling: { value: sampling.overall },
      maxPathTagLength: { value: maximumPathLength },
      spawnUpstreamSpan: { value: true },
      ...(tags.length === 0 ? {} : { customTags: tags.map(customTag) }),
      provider: {
        name: "envoy.tracers.opentelemetry",
        typedConfig: {
          "@type": "envoy.config.trace.v3.OpenTelemetryConfig",
          grpcService: grpcService(server),
          serviceName,
        },
      },
    },
  };
}

function customTag({ tag, kind, text }: TraceTag): Message {
  switch (kind) {
    case "literal":
      return { tag, literal: { value: text } };
    case "environment":
      return { tag, environment: { name: text } };
    case "request-header":
      return { tag, requestHeader: { name: text } };
  }
}
