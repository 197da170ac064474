import type { Timeout } from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { setting, type TracingSettings } from "../store/mod.ts";
import { extensionServer } from "./extension_service.ts";
import type { GlobalServices, GrpcServer, TraceTag } from "./global_model.ts";
import type { ExtensionRef } from "./model.ts";
import { type GlobalAuthorization, globalExternalAuthorization } from "./policy/authorization.ts";

/**
 * The services that are configured for all hosts. Each is there as long as the configuration names
 * it, even while its ExtensionService cannot be used: it then fails, with what follows from that for
 * requests, rather than being off.
 */
export const globalServices = query("global-services", (db, _all: "all"): GlobalServices => {
  const authorization = globalAuthorization(db, "all")?.server;
  const limits = setting(db, "rateLimitService");
  const tracing = setting(db, "tracing");
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(limits === undefined ? {} : {
      rateLimits: {
        server: grpcServer(db, limits.extensionService),
        domain: limits.domain,
        failOpen: limits.failOpen,
        limitHeaders: limits.enableXRateLimitHeaders,
        resourceExhausted: limits.enableResourceExhaustedCode,
      },
    }),
    ...(tracing === undefined ? {} : {
      tracing: {
        server: grpcServer(db, tracing.extensionService),
        serviceName: tracing.serviceName,
        sampling: {
          overall: tracing.overallSampling,
          client: tracing.clientSampling,
          random: tracing.randomSampling,
        },
        maximumPathLength: tracing.maxPathTagLength,
        tags: traceTags(tracing),
      },
    }),
  };
});

/** The server that is asked about the requests of all hosts; `undefined` when none is configured. */
export const globalAuthorization = query(
  "global-authorization",
  (db, _all: "all"): GlobalAuthorization | undefined => {
    const configured = setting(db, "globalAuthorization");
    return configured === undefined ? undefined : globalExternalAuthorization(db, configured);
  },
);

/** Why that server cannot be asked. So small an answer spares hosts from all else about it. */
export const globalAuthorizationProblem = query(
  "global-authorization-problem",
  (db, _all: "all"): string | undefined => globalAuthorization(db, "all")?.problem,
);

function grpcServer(db: Db, { namespace, name }: ExtensionRef): GrpcServer {
  const extension = { namespace, name };
  const { serverName, responseTimeout } = extensionServer(db, extension) ?? unusable;
  return { extension, serverName, timeout: responseTimeout };
}

const unusable: { readonly serverName: string; readonly responseTimeout: Timeout } = {
  serverName: "",
  responseTimeout: { kind: "default" },
};

/** Envoy's pod tells it by these variables who it is. */
const podTags: readonly TraceTag[] = [
  { tag: "podName", kind: "environment", text: "HOSTNAME" },
  { tag: "podNamespace", kind: "environment", text: "CONTOUR_NAMESPACE" },
];

function traceTags({ includePodDetail, customTags }: TracingSettings): readonly TraceTag[] {
  return [
    ...(includePodDetail ? podTags : []),
    ...customTags.map(({ tag, ...from }): TraceTag =>
      from.kind === "literal"
        ? { tag, kind: from.kind, text: from.text }
        : { tag, kind: from.kind, text: from.header }
    ),
  ];
}
