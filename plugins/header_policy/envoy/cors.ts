import type { CorsSettings } from "../program/cors.ts";
import { quoteRegex } from "../../../controller/plugin/mod.ts";
import type { Message } from "./message.ts";

const corsType = "envoy.extensions.filters.http.cors.v3.CorsPolicy";

/**
 * What the CORS filter is told of a host or route. Where a list at a route is empty it would take that of
 * the host, so there a header stands in it that pages may send or read anyway.
 * See https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
export function corsSetting(cors: CorsSettings, of: "host" | "route"): Message {
  const { allowHeaders, exposeHeaders } = cors;
  return {
    "@type": corsType,
    allowOriginStringMatch: cors.origins.map(originMatcher),
    allowMethods: cors.methods.join(","),
    ...joined("allowHeaders", of === "route" ? orElse(allowHeaders, "accept") : allowHeaders),
    ...joined(
      "exposeHeaders",
      of === "route" ? orElse(exposeHeaders, "content-type") : exposeHeaders,
    ),
    maxAge: String(cors.maxAgeSeconds),
    allowCredentials: { value: cors.allowCredentials },
    allowPrivateNetworkAccess: { value: cors.allowPrivateNetwork },
  };
}

/** Keeps a route from what its host says. */
export const noCors: Message = {
  "@type": corsType,
  filterEnabled: { defaultValue: { numerator: 0, denominator: "HUNDRED" } },
};

function orElse(names: readonly string[], other: string): readonly string[] {
  return names.length === 0 ? [other] : names;
}

function originMatcher(origin: string): Message {
  const [scheme = "", host = ""] = origin.split("*.");
  if (!origin.includes("*.")) return { exact: origin, ignoreCase: true };
  return { safeRegex: { regex: `${quoteRegex(scheme)}([a-z0-9-]+\\.)+${quoteRegex(host)}` } };
}

function joined(field: string, values: readonly string[]): Message {
  return values.length === 0 ? {} : { [field]: values.join(",") };
}
