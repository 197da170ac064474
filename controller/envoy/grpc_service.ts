import type { GrpcServer } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { extensionName } from "./names.ts";
import { timeoutDuration } from "./timeout.ts";

/**
 * How a filter asks an ExtensionService over gRPC.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/grpc_service.proto
 */
export function grpcService({ extension, serverName, timeout }: GrpcServer): Message {
  const clusterName = extensionName(extension);
  const limit = timeoutDuration(timeout);
  return {
    envoyGrpc: {
      clusterName,
      authority: serverName === "" ? clusterName.replaceAll("/", ".") : serverName,
    },
    ...(limit === undefined ? {} : { timeout: limit }),
  };
}
