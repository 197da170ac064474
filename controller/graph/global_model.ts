/** What is asked, or told, about the requests of all hosts. */
import type { Timeout } from "../api/mod.ts";
import type { ExtensionRef, ExternalAuthorization } from "./protection_model.ts";

/** The services that every connection manager knows. Absent: none is configured. */
export interface GlobalServices {
  /** Asked about requests without TLS, and about those with TLS whose host names no other server. */
  readonly authorization?: ExternalAuthorization;
  readonly rateLimits?: RateLimitService;
  readonly tracing?: Tracing;
}

/** How an ExtensionService is spoken to over gRPC. */
export interface GrpcServer {
  readonly extension: ExtensionRef;
  /** What it is called towards itself: the name on its certificate; "" for none. */
  readonly serverName: string;
  readonly timeout: Timeout;
}

/** Who keeps limits for all Envoys together. */
export interface RateLimitService {
  readonly server: GrpcServer;
  readonly domain: string;
  /** Whether requests pass when the service fails. */
  readonly failOpen: boolean;
  /** Whether clients are told their limits in `X-RateLimit-*`. */
  readonly limitHeaders: boolean;
  /** Whether gRPC clients are told RESOURCE_EXHAUSTED in place of UNAVAILABLE. */
  readonly resourceExhausted: boolean;
}

/** Who is told of requests. */
export interface Tracing {
  readonly server: GrpcServer;
  readonly serviceName: string;
  /** Shares of requests in percent. */
  readonly sampling: {
    readonly overall: number;
    readonly client: number;
    readonly random: number;
  };
  readonly maximumPathLength: number;
  readonly tags: readonly TraceTag[];
}

/** What a trace says beside the usual. `text` is the value, or the name of where it comes from. */
export interface TraceTag {
  readonly tag: string;
  readonly kind: "literal" | "environment" | "request-header";
  readonly text: string;
}
