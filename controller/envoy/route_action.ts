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
import { changesNothing, headerMutations } from "./header_mutation.ts";
import { timeoutDuration } from "./timeout.ts";

/**
 * The fields of a Route that say what becomes of the request.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
 */
export function routeAction(action: RouteAction): Message {
  switch (action.kind) {
    case "forward":
      return {
        route: forward(action),
        ...headerMutations(action.requestHeaders, action.responseHeaders),
      };
    case "redirect":
      return { redirect: redirect(action) };
    case "direct-response":
      return { directResponse: directResponse(action) };
  }
}

/** Sends the client to the same URL over https, with 301. */
export const redirectToHttps: Message = { redirect: { httpsRedirect: true } };

/** Answers that nobody can take the request. */
export const unavailable: Message = { directResponse: { status: 503 } };

function forward(action: ForwardAction): Message {
  const timeout = timeoutDuration(action.timeout);
  const idleTimeout = timeoutDuration(action.idleTimeout);
  const { mirrors, hashPolicies, prefixRewrite, hostRewrite, retry, websockets } = action;
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
  };
}

function clusterChoice(clusters: readonly WeightedCluster[]): Message {
  const [only, second] = clusters;
  if (only !== undefined && second === undefined && isPlain(only)) {
    return { cluster: only.cluster.name };
  }
  return { weightedClusters: { clusters: clusters.map(clusterWeight) } };
}

function isPlain({ requestHeaders, responseHeaders, hostRewrite }: WeightedCluster): boolean {
  return hostRewrite === undefined && changesNothing(requestHeaders) &&
    changesNothing(responseHeaders);
}

function clusterWeight(weighted: WeightedCluster): Message {
  const { cluster, weight, requestHeaders, responseHeaders, hostRewrite } = weighted;
  return {
    name: cluster.name,
    weight: { value: weight },
    ...headerMutations(requestHeaders, responseHeaders),
    ...(hostRewrite === undefined ? {} : { hostRewriteLiteral: hostRewrite }),
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
