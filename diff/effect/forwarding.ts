import { goDurationText } from "../../controller/api/mod.ts";
import type {
  CookieRewrite,
  ForwardAction,
  HashPolicy,
  HeaderMutation,
} from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry, nothingElse } from "./aspect.ts";
import { perTarget, targetsText, timeoutText, upstreamAspects } from "./upstream.ts";

/** How requests of a route are passed on; limits are told elsewhere, as a host has them too. */
export function forwardAspects(db: Db, action: ForwardAction): readonly AspectEntry[] {
  const {
    kind: _kind,
    clusters,
    mirrors,
    timeout,
    idleTimeout,
    retry,
    hashPolicies,
    prefixRewrite,
    hostRewrite,
    websockets,
    requestHeaders,
    responseHeaders,
    rateLimits: _inLimits,
    ignoreHostDescriptors: _inLimitsToo,
    internalRedirect,
    ...rest
  } = action;
  nothingElse(rest);
  const host = hostRewrite === undefined
    ? undefined
    : hostRewrite.kind === "literal"
    ? hostRewrite.host
    : `from header ${hostRewrite.name}`;
  return [
    ...upstreamAspects(db, clusters),
    ...mirrorAspect(db, mirrors),
    ...perTarget(clusters, (target) => {
      const { cluster: _, weight: __, at: ___, ...more } = target;
      const { hostRewrite, cookies = [], requestHeaders: onRequest, ...onlyResponse } = more;
      const { responseHeaders: onResponse, ...rest } = onlyResponse;
      nothingElse(rest);
      const literal = hostRewrite ?? host;
      return [
        ...(literal === undefined ? [] : [aspect("host", literal)]),
        ...headerAspect("request headers", requestHeaders, onRequest),
        ...headerAspect("response headers", responseHeaders, onResponse),
        ...(cookies.length === 0
          ? []
          : [aspect("cookies", cookies, cookies.map(cookieText).join(", "))]),
      ];
    }),
    // Also where the path comes out as it was.
    ...(prefixRewrite === undefined ? [] : [aspect("x-envoy-original-path", "the path as asked")]),
    aspect("timeout", timeoutText(timeout, "15s")),
    ...(idleTimeout.kind === "default"
      ? []
      : [aspect("idle timeout", timeoutText(idleTimeout, ""))]),
    ...retryAspect(retry, timeout),
    ...(websockets ? [aspect("websockets", "allowed")] : []),
    ...(hashPolicies.length === 0
      ? []
      : [aspect("affinity", hashPolicies, hashPolicies.map(hashText).join(", "))]),
    ...(internalRedirect === undefined ? [] : [
      aspect(
        "followed redirects",
        internalRedirect,
        `up to ${internalRedirect.maximum ?? 1}`,
      ),
    ]),
  ];
}

function mirrorAspect(db: Db, mirrors: ForwardAction["mirrors"]): readonly AspectEntry[] {
  if (mirrors.length === 0) return [];
  const targets = mirrors.map(({ cluster, percent, at: _, ...rest }) => {
    nothingElse(rest);
    const one = [{ cluster, weight: 1 }];
    return { text: `${percent}% to ${targetsText(one)}`, how: upstreamAspects(db, one) };
  });
  return [aspect("mirror", targets, targets.map(({ text }) => text).join(", "))];
}

function headerAspect(
  name: "request headers" | "response headers",
  route: HeaderMutation,
  target: HeaderMutation,
): readonly AspectEntry[] {
  const set = [...target.set, ...route.set];
  const remove = [...target.remove, ...route.remove];
  if (set.length === 0 && remove.length === 0) return [];
  const text = [
    ...set.map(({ name, value }) => `set ${name}: ${value}`),
    ...remove.map((name) => `remove ${name}`),
  ].join(", ");
  return [aspect(name, text)];
}

function cookieText({ name, path, domain, secure, sameSite, ...rest }: CookieRewrite): string {
  nothingElse(rest);
  const parts = [
    ...(path === undefined ? [] : [`path ${path}`]),
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...(secure === undefined ? [] : [secure ? "secure" : "not secure"]),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
  ];
  return `${name} ${parts.join(" ")}`;
}

/** A timeout of each try that is no shorter than the one of all never ends any, and counts as none. */
function retryAspect(
  retry: ForwardAction["retry"],
  timeout: ForwardAction["timeout"],
): readonly AspectEntry[] {
  if (retry === undefined) return [];
  const { perTryTimeoutMs = 0, ...untimed } = retry;
  const allMs = timeout.kind === "explicit"
    ? timeout.ms
    : timeout.kind === "default"
    ? 15_000
    : Infinity;
  const effective = perTryTimeoutMs < allMs ? retry : untimed;
  return [aspect("retries", effective, retryText(effective))];
}

function retryText(
  { retries, retryOn, statusCodes, perTryTimeoutMs }: NonNullable<ForwardAction["retry"]>,
): string {
  const each = perTryTimeoutMs === undefined ? "" : `, each ${goDurationText(perTryTimeoutMs)}`;
  return `${retries} on ${[...retryOn, ...statusCodes].join(", ")}${each}`;
}

function hashText(policy: HashPolicy): string {
  return policy.kind === "source-ip" ? "client's address" : `${policy.kind} ${policy.name}`;
}
