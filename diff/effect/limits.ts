import { goDurationText } from "../../controller/api/mod.ts";
import {
  type CorsPolicy,
  globalServices,
  type LocalRateLimit,
  type RateLimitEntry,
  type Route,
  type VirtualHost,
} from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry, nothingElse } from "./aspect.ts";
import { extensionText } from "./extension.ts";

/** Limits and sharing with other origins: those of the host, where the route has none of its own. */
export function limitAspects(
  db: Db,
  { policies = {} }: VirtualHost,
  { action }: Route,
): readonly AspectEntry[] {
  const own = action.kind === "forward" ? action.rateLimits : undefined;
  const optsOut = action.kind === "forward" && action.ignoreHostDescriptors === true;
  const local = own?.local ?? policies.rateLimits?.local;
  const ofRoute = own?.descriptors ?? [];
  const descriptors = ofRoute.length > 0 || optsOut
    ? ofRoute
    : policies.rateLimits?.descriptors ?? [];
  const { cors, rateLimits: _, ipFilter: __, plugins: ___, ...rest } = policies;
  nothingElse(rest);
  const service = globalServices(db, "all").rateLimits;
  return [
    ...(local === undefined ? [] : [aspect("rate limit", local, localText(local))]),
    ...(descriptors.length === 0 ? [] : [
      aspect(
        "told to the rate limit service",
        [descriptors, service, service && extensionText(db, service.server.extension).value],
        descriptors.map((entries) => entries.map(entryText).join(", ")).join("; "),
      ),
    ]),
    ...(cors === undefined ? [] : [aspect("cors", cors, corsText(cors))]),
  ];
}

function localText({ requests, intervalMs, burst, statusCode }: LocalRateLimit): string {
  const more = burst === 0 ? "" : `, burst ${burst}`;
  const status = statusCode === undefined ? "" : `, else ${statusCode}`;
  return `${requests} in ${goDurationText(intervalMs)}${more}${status}`;
}

function entryText(entry: RateLimitEntry): string {
  switch (entry.kind) {
    case "generic-key":
      return `${entry.key ?? "generic_key"}=${entry.value}`;
    case "remote-address":
      return "the client's address";
    case "request-header":
      return `${entry.key}=header ${entry.header}`;
    case "header-match":
      return `header_match=${entry.value} where headers ${
        entry.expectMatch ? "match" : "do not match"
      }`;
  }
}

function corsText({ origins, methods }: CorsPolicy): string {
  const allowed = origins.map((origin) => origin.kind === "any" ? "*" : origin.text).join(", ");
  return `origins ${allowed}; methods ${methods.join(", ")}`;
}
