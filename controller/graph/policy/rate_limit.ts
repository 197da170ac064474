import type { ConditionName, RateLimitPolicy } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { setting } from "../../store/mod.ts";
import { headerMatch } from "../header_condition.ts";
import { Fault } from "../fault.ts";
import type { LocalRateLimit, RateLimitDescriptor, RateLimitEntry, RateLimits } from "../model.ts";
import { regexProblem } from "../regex.ts";
import { canonicalHeaderName, headersPolicy } from "./headers.ts";

/** Limits of a host or route; with `ignoreHostDescriptors` those of the host do not count. */
export interface RateLimitResult extends RateLimits {
  readonly ignoreHostDescriptors: boolean;
}

/** The rate limits of a host or route, or what is wrong with them. */
export function rateLimits(
  policy: RateLimitPolicy | undefined,
  condition: ConditionName,
): RateLimitResult | Fault {
  const field = condition.startsWith("RouteError/")
    ? "route.rateLimitPolicy"
    : "Spec.VirtualHost.RateLimitPolicy";
  const fault = (why: string, path: string) =>
    new Fault(condition, `${field} is invalid: ${why}`, path);
  const disabled = policy?.global?.disabled ?? false;
  const local = policy?.local === undefined ? undefined : localRateLimit(policy.local);
  if (local !== undefined && "wrong" in local) {
    return fault(local.wrong, `local.${local.path}`);
  }
  const descriptors: RateLimitDescriptor[] = [];
  for (const [i, { entries }] of (disabled ? [] : policy?.global?.descriptors ?? []).entries()) {
    const descriptor: RateLimitEntry[] = [];
    for (const [j, entry] of entries.entries()) {
      const translated = rateLimitEntry(entry);
      if (typeof translated === "string") {
        return fault(translated, `global.descriptors[${i}].entries[${j}]`);
      }
      descriptor.push(translated);
    }
    descriptors.push(descriptor);
  }
  // Contour lets it pass, and Envoy then refuses the whole route table.
  const host = policy?.local?.responseHeadersToAdd?.findIndex(({ name }) => isHost(name)) ?? -1;
  if (host >= 0) {
    return fault(
      'rewriting "Host" header is not supported',
      `local.responseHeadersToAdd[${host}]`,
    );
  }
  return {
    descriptors,
    ignoreHostDescriptors: disabled,
    ...(local === undefined ? {} : { local }),
  };
}

/**
 * The policy of a host, with the descriptors that are configured for hosts without their own. As in
 * Contour, a local limit beside an empty `global` keeps them off too.
 */
export function withDefaultLimits(
  db: Db,
  policy: RateLimitPolicy | undefined,
): RateLimitPolicy | undefined {
  const { local, global } = policy ?? {};
  const isDecided = global !== undefined &&
    (global.disabled || global.descriptors?.length || local !== undefined);
  if (isDecided) return policy;
  const configured = setting(db, "rateLimitService")?.defaultPolicy;
  return configured === undefined ? policy : { ...policy, global: configured };
}

/** A policy that limits nothing. */
export const noRateLimits: RateLimits = { descriptors: [] };

function isHost(name: string): boolean {
  return canonicalHeaderName(name) === "Host";
}

type LocalPolicy = NonNullable<RateLimitPolicy["local"]>;

function localRateLimit(
  policy: LocalPolicy,
): LocalRateLimit | { readonly wrong: string; readonly path: string } {
  const added = [...(policy.responseHeadersToAdd ?? []).entries()];
  const others = added.filter(([, { name }]) => !isHost(name));
  const headers = headersPolicy(
    { set: others.map(([, header]) => header) },
    { variables: {}, host: "forbidden" },
  );
  const at = (index: number | undefined) => `responseHeadersToAdd[${index}]`;
  if (!headers.ok) {
    const path = at(others[Number(/\d+/.exec(headers.path)?.[0])]?.[0]);
    return { wrong: headers.message.replace("invalid set header", "invalid header name"), path };
  }
  return {
    requests: policy.requests,
    intervalMs: { second: 1_000, minute: 60_000, hour: 3_600_000 }[policy.unit],
    burst: policy.burst ?? 0,
    ...(policy.responseStatusCode ? { statusCode: policy.responseStatusCode } : {}),
    responseHeaders: headers.mutation.set,
  };
}

type EntryPolicy = NonNullable<
  NonNullable<RateLimitPolicy["global"]>["descriptors"]
>[number]["entries"][number];

function rateLimitEntry(entry: EntryPolicy): RateLimitEntry | string {
  const { genericKey, remoteAddress, requestHeader, requestHeaderValueMatch: match } = entry;
  const given = [genericKey, remoteAddress, requestHeader, match].filter((part) =>
    part !== undefined
  );
  if (given.length !== 1) return "rate limit descriptor entry must have exactly one field set";
  if (genericKey !== undefined) {
    const { key, value } = genericKey;
    return { kind: "generic-key", value, ...(key ? { key } : {}) };
  }
  if (requestHeader !== undefined) {
    const { headerName, descriptorKey } = requestHeader;
    return { kind: "request-header", header: headerName, key: descriptorKey };
  }
  if (match === undefined) return { kind: "remote-address" };
  const headers = (match.headers ?? []).flatMap(headerMatch);
  // Contour passes these on unchecked, and Envoy refuses the whole route table.
  if (headers.length === 0) return "requestHeaderValueMatch needs at least one header condition";
  for (const { value } of headers) {
    const problem = value.kind === "regex" ? regexProblem(value.text) : undefined;
    if (problem !== undefined) return problem;
  }
  return { kind: "header-match", headers, expectMatch: match.expectMatch, value: match.value };
}
