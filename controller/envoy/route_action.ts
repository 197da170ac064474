import type {
  DirectResponseAction,
  ForwardAction,
  HashPolicy,
  HostRewrite,
  Mirror,
  RedirectAction,
  RetryPolicy,
  RouteAction,
  WeightedCluster,
} from "../graph/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";
import { cookieRewrites } from "./cookie_rewrite.ts";
import { changesNothing, headerMutations } from "./header_mutation.ts";
import { internalRedirect } from "./internal_redirect.ts";
import { filterNames } from "./names.ts";
import { ignoreHostDescriptors, localRateLimit, rateLimitActions } from "./rate_limit.ts";
import { timeoutDuration } from "./timeout.ts";
import { fittingWeights } from "./weights.ts";

/**
 * The fields of a Route that say what becomes of the request, for a host of that name.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
 */
export function routeAction(action: RouteAction, fqdn: string): Message {
  switch (action.kind) {
    case "forward": {
      const filters = filterSettings(action, fqdn);
      return {
        route: forward(action),
        ...headerMutations(action.requestHeaders, action.responseHeaders),
        ...(Object.keys(filters).length === 0 ? {} : { typedPerFilterConfig: filters }),
      };
    }
    case "redirect":
      return { redirect: redirect(action) };
    case "direct-response":
      return { directResponse: directResponse(action) };
  }
}

/** What filters are told of a route, in place of what they are told of its host. */
function filterSettings(action: ForwardAction, fqdn: string): Message {
  const { rateLimits } = action;
  return {
    ...(rateLimits?.local === undefined
      ? {}
      : { [filterNames.localRateLimit]: localRateLimit(fqdn, rateLimits.local) }),
    ...(action.ignoreHostDescriptors ? { [filterNames.rateLimit]: ignoreHostDescriptors } : {}),
  };
}

/** Sends the client to the same URL over https, with 301. */
export const redirectToHttps: Message = { redirect: { httpsRedirect: true } };

/** Answers that nobody can take the request. */
export const unavailable: Message = { directResponse: { status: 503 } };

function forward(action: ForwardAction): Message {
  const timeout = timeoutDuration(action.timeout);
  const idleTimeout = timeoutDuration(action.idleTimeout);
  const { mirrors, hashPolicies, prefixRewrite, hostRewrite, retry, websockets } = action;
  const { rateLimits, internalRedirect: redirects } = action;
  return {
    ...clusterChoice(action.clusters),
    ...(prefixRewrite === undefined ? {} : { prefixRewrite }),
    ...(hostRewrite === undefined ? {} : hostRewriteField(hostRewrite)),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retry === undefined ? {} : { retryPolicy: retryPolicy(retry) }),
    ...(hashPolicies.length === 0 ? {} : { hashPolicy: hashPolicies.map(hashPolicy) }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(websockets ? { upgradeConfigs: [{ upgradeType: "websocket" }] } : {}),
    ...(mirrors.length === 0 ? {} : { requestMirrorPolicies: mirrors.map(mirrorPolicy) }),
    ...(rateLimits === undefined || rateLimits.descriptors.length === 0
      ? {}
      : { rateLimits: rateLimitActions(rateLimits.descriptors) }),
    ...(redirects === undefined ? {} : { internalRedirectPolicy: internalRedirect(redirects) }),
  };
}

function clusterChoice(clusters: readonly WeightedCluster[]): Message {
  const [only, second] = clusters;
  if (only !== undefined && second === undefined && isPlain(only)) {
    return { cluster: only.cluster.name };
  }
  const weights = fittingWeights(clusters.map(({ weight }) => weight));
  return {
    weightedClusters: {
      clusters: clusters.map((target, i) => clusterWeight({ ...target, weight: weights[i] ?? 0 })),
    },
  };
}

function isPlain(target: WeightedCluster): boolean {
  const { requestHeaders, responseHeaders, hostRewrite, cookies = [] } = target;
  return hostRewrite === undefined && changesNothing(requestHeaders) &&
    changesNothing(responseHeaders) && cookies.length === 0;
}

function clusterWeight(weighted: WeightedCluster): Message {
  const { cluster, weight, requestHeaders, responseHeaders, hostRewrite, cookies = [] } = weighted;
  return {
    name: cluster.name,
    weight: { value: weight },
    ...headerMutations(requestHeaders, responseHeaders),
    ...(hostRewrite === undefined ? {} : { hostRewriteLiteral: hostRewrite }),
    ...(cookies.length === 0
      ? {}
      : { typedPerFilterConfig: { [filterNames.cookieRewrite]: cookieRewrites(cookies) } }),
  };
}

function hostRewriteField(rewrite: HostRewrite): Message {
  switch (rewrite.kind) {
    case "literal":
      return { hostRewriteLiteral: rewrite.host };
    case "header":
      return { hostRewriteHeader: rewrite.name };
  }
}

function retryPolicy({ retryOn, retries, perTryTimeoutMs, statusCodes }: RetryPolicy): Message {
  return {
    retryOn: retryOn.join(","),
    numRetries: { value: retries },
    ...(perTryTimeoutMs === undefined ? {} : { perTryTimeout: duration(perTryTimeoutMs) }),
    ...(statusCodes.length === 0 ? {} : { retriableStatusCodes: statusCodes }),
  };
}

function hashPolicy(policy: HashPolicy): Message {
  switch (policy.kind) {
    case "cookie":
      // A lifetime of zero makes Envoy set a session cookie where the client has none.
      return { cookie: { name: policy.name, ttl: duration(0), path: "/" } };
    case "header":
      return { header: { headerName: policy.name }, ...terminal(policy) };
    case "query":
      return { queryParameter: { name: policy.name }, ...terminal(policy) };
    case "source-ip":
      return { connectionProperties: { sourceIp: true }, ...terminal(policy) };
  }
}

function terminal({ terminal }: { readonly terminal: boolean }): Message {
  return terminal ? { terminal } : {};
}

function mirrorPolicy({ cluster, percent }: Mirror): Message {
  return {
    cluster: cluster.name,
    runtimeFraction: { defaultValue: { numerator: percent, denominator: "HUNDRED" } },
  };
}

function redirect({ statusCode, scheme, hostname, port, path }: RedirectAction): Message {
  return {
    ...(hostname === undefined ? {} : { hostRedirect: hostname }),
    ...(path === undefined
      ? {}
      : { [path.kind === "full" ? "pathRedirect" : "prefixRewrite"]: path.text }),
    ...(statusCode === 301 ? {} : { responseCode: responseCodes[statusCode] }),
    ...(scheme === undefined ? {} : { schemeRedirect: scheme }),
    ...(port === undefined ? {} : { portRedirect: port }),
  };
}

const responseCodes = {
  302: "FOUND",
  303: "SEE_OTHER",
  307: "TEMPORARY_REDIRECT",
  308: "PERMANENT_REDIRECT",
} as const;

function directResponse({ statusCode, body }: DirectResponseAction): Message {
  return { status: statusCode, ...(body === "" ? {} : { body: { inlineString: body } }) };
}
