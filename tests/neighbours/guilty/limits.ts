/** Rate limits, local ones and those of a service. */
import { answering, route } from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";

const local = (fields: object) => ({
  rateLimitPolicy: { local: { requests: 1, unit: "second", ...fields } },
});
const global = (...entries: readonly object[]) => ({
  rateLimitPolicy: { global: { descriptors: [{ entries }] } },
});
const ofHost = (policy: object) =>
  answering({ directResponsePolicy: { statusCode: 200 } }, policy as Record<string, unknown>);
const ofRoute = "spec.routes[0].rateLimitPolicy";
const ofAll = "spec.virtualhost.rateLimitPolicy";
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `x-${i}`, value: "a" }));

/** See {@link Guilty}. */
export const limits: readonly Guilty[] = [
  odd("eleven headers on refusals", route(local({ responseHeadersToAdd: many(11) })), ofRoute),
  odd(
    "eleven headers on refusals of a host",
    ofHost(local({ responseHeadersToAdd: many(11) })),
    ofAll,
  ),
  odd(
    "a header on refusals with a line break",
    route(local({ responseHeadersToAdd: [{ name: "x", value: "a\n" }] })),
    ofRoute,
  ),
  odd(
    "a header on refusals without a proper name",
    route(local({ responseHeadersToAdd: [{ name: "x y", value: "a" }] })),
    ofRoute,
  ),
  odd("a status that Envoy has no name for", route(local({ responseStatusCode: 499 })), ofRoute),
  odd(
    "a status that Envoy has no name for, of a host",
    ofHost(local({ responseStatusCode: 418 })),
    ofAll,
  ),
  odd(
    "a status of 99",
    route(local({ responseStatusCode: 99 })),
    `${ofRoute}.local.responseStatusCode`,
    { beyond: "schema" },
  ),
  odd("no requests at all", route(local({ requests: 0 })), `${ofRoute}.local.requests`, {
    beyond: "schema",
  }),
  odd("negative requests", route(local({ requests: -1 })), `${ofRoute}.local.requests`, {
    beyond: "schema",
  }),
  odd("a negative burst", route(local({ burst: -5 })), `${ofRoute}.local`),
  odd(
    "requests and a burst beyond 32 bits",
    route(local({ requests: 2_147_483_647, burst: 5_000_000_000 })),
    `${ofRoute}.local.burst`,
    { beyond: "schema" },
  ),
  odd("a unit of the future", route(local({ unit: "fortnight" })), `${ofRoute}.local.unit`, {
    beyond: "schema",
  }),
  odd(
    "a descriptor with a regex that only Go takes",
    route(
      global({
        requestHeaderValueMatch: { headers: [{ name: "x", regex: "\\p{LC}" }], value: "a" },
      }),
    ),
    ofRoute,
  ),
  odd(
    "a descriptor with a regex that is none",
    route(
      global({ requestHeaderValueMatch: { headers: [{ name: "x", regex: "(" }], value: "a" } }),
    ),
    ofRoute,
  ),
  odd(
    "a descriptor without headers to compare",
    route(global({ requestHeaderValueMatch: { value: "a" } })),
    ofRoute,
  ),
  odd(
    "a descriptor with a header that has a line break",
    route(
      global({
        requestHeaderValueMatch: { headers: [{ name: "x\n", present: true }], value: "a" },
      }),
    ),
    ofRoute,
  ),
  odd(
    "a descriptor of a header with a line break",
    route(global({ requestHeader: { headerName: "x\n", descriptorKey: "a" } })),
    ofRoute,
  ),
  odd(
    "a descriptor of two kinds",
    route(global({ remoteAddress: {}, genericKey: { value: "a" } })),
    ofRoute,
  ),
  odd("a descriptor of no kind", route(global({})), ofRoute),
  odd(
    "a descriptor of a host with a regex that only Go takes",
    ofHost(
      global({
        requestHeaderValueMatch: { headers: [{ name: "x", regex: "\\p{Letter}" }], value: "a" },
      }),
    ),
    ofAll,
  ),
  odd(
    "a descriptor of a host with a header that has a NUL",
    ofHost(global({ requestHeader: { headerName: "x\0", descriptorKey: "a" } })),
    ofAll,
  ),
];
