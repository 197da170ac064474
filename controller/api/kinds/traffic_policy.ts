import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { int64, nonEmpty, timeout, uint32 } from "./values.ts";

/** The timeouts of a route, or of an ExtensionService. */
export const TimeoutPolicy = z.object({
  response: timeout().optional().describe(
    "Time from the end of the request to the end of the response.",
  ),
  idle: timeout().optional().describe("Time a request may go without any activity."),
  idleConnection: timeout().optional().describe(
    "Time an upstream connection may stay open without requests.",
  ),
});
/** See {@link TimeoutPolicy}. */
export type TimeoutPolicy = Immutable<z.infer<typeof TimeoutPolicy>>;

/** What Envoy may retry on. */
export const RetryOn = z.enum([
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "envoy-ratelimited",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "http3-post-connect-failure",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
]);
/** See {@link RetryOn}. */
export type RetryOn = z.infer<typeof RetryOn>;

/** When and how often a request is tried again. */
export const RetryPolicy = z.object({
  count: int64().min(-1).default(1).describe("Retries at most. 0 means 1, and -1 means none."),
  perTryTimeout: timeout().optional().describe("Time for each try."),
  retryOn: z.array(RetryOn).optional().describe("What leads to a retry; 5xx if left out."),
  retriableStatusCodes: z.array(uint32()).optional().describe(
    "Status codes that retriable-status-codes retries on.",
  ),
});
/** See {@link RetryPolicy}. */
export type RetryPolicy = Immutable<z.infer<typeof RetryPolicy>>;

/** A range of status codes, `end` not included. */
export const HTTPStatusRange = z.object({
  start: int64().min(100).max(599).describe("First status code of the range."),
  end: int64().min(101).max(600).describe("First status code after the range."),
});
/** See {@link HTTPStatusRange}. */
export type HTTPStatusRange = Immutable<z.infer<typeof HTTPStatusRange>>;

/** How the endpoints of a route are probed over HTTP. Zero means the default in every number. */
export const HTTPHealthCheckPolicy = z.object({
  path: z.string().describe("Path that is requested."),
  host: z.string().optional().describe("Host header of the probe."),
  intervalSeconds: int64().optional().describe("Seconds between probes; 10 if left out."),
  timeoutSeconds: int64().optional().describe("Seconds to wait for the answer; 2 if left out."),
  unhealthyThresholdCount: int64().min(0).optional().describe(
    "Failures in a row before an endpoint gets no traffic; 3 if left out.",
  ),
  healthyThresholdCount: int64().min(0).optional().describe(
    "Successes in a row before an endpoint gets traffic again; 2 if left out.",
  ),
  expectedStatuses: z.array(HTTPStatusRange).optional().describe(
    "Ranges of status codes that count as success; 200 alone if left out.",
  ),
});
/** See {@link HTTPHealthCheckPolicy}. */
export type HTTPHealthCheckPolicy = Immutable<z.infer<typeof HTTPHealthCheckPolicy>>;

/** How the endpoints of a TCP proxy are probed by connecting. */
export const TCPHealthCheckPolicy = z.object({
  intervalSeconds: int64().optional().describe("Seconds between probes; 10 if left out."),
  timeoutSeconds: int64().optional().describe("Seconds to wait for the connection; 2 if left out."),
  unhealthyThresholdCount: uint32().optional().describe(
    "Failures in a row before an endpoint gets no traffic; 3 if left out.",
  ),
  healthyThresholdCount: uint32().optional().describe(
    "Successes in a row before an endpoint gets traffic again; 2 if left out.",
  ),
});
/** See {@link TCPHealthCheckPolicy}. */
export type TCPHealthCheckPolicy = Immutable<z.infer<typeof TCPHealthCheckPolicy>>;

/** One attribute of a request that its hash is made of. */
export const RequestHashPolicy = z.object({
  terminal: z.boolean().optional().describe("Stops here if this attribute yielded a hash."),
  headerHashOptions: z.object({
    headerName: nonEmpty().describe("Header to hash."),
  }).optional().describe("Hashes the value of a header."),
  queryParameterHashOptions: z.object({
    parameterName: nonEmpty().describe("Query parameter to hash."),
  }).optional().describe("Hashes the value of a query parameter."),
  hashSourceIP: z.boolean().optional().describe("Hashes the address of the client."),
});
/** See {@link RequestHashPolicy}. */
export type RequestHashPolicy = Immutable<z.infer<typeof RequestHashPolicy>>;

/** How an endpoint is chosen. */
export const LoadBalancerPolicy = z.object({
  strategy: z.string().optional().describe(
    "RoundRobin, WeightedLeastRequest, Random, Cookie or RequestHash; anything else is RoundRobin.",
  ),
  requestHashPolicies: z.array(RequestHashPolicy).optional().describe(
    "What RequestHash hashes, in order.",
  ),
});
/** See {@link LoadBalancerPolicy}. */
export type LoadBalancerPolicy = Immutable<z.infer<typeof LoadBalancerPolicy>>;
