import type { RedirectAction, Route, TcpProxy, VirtualHost } from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry, nothingElse, treatmentOf } from "./aspect.ts";
import { checkAspects } from "./checks.ts";
import { digest } from "./digest.ts";
import type { Effect } from "./effect.ts";
import { forwardAspects } from "./forwarding.ts";
import { limitAspects } from "./limits.ts";
import { prefixChange } from "./path_change.ts";
import { isClosed, policyAspects } from "./policies.ts";
import { targetsText, upstreamAspects } from "./upstream.ts";

/** What becomes of the requests that a rule takes, on one of the listeners. */
export function routeEffect(
  db: Db,
  host: VirtualHost,
  route: Route,
  { tls }: { readonly tls: boolean },
): Effect {
  const {
    match: _match,
    action,
    plain: _plain,
    secure: _secure,
    authorization: _inChecks,
    jwtProvider: _inChecksToo,
    ipFilter: _andThat,
    plugins: _inPolicies,
    origin: _origin,
    ...rest
  } = route;
  nothingElse(rest);
  const place = host.routes.indexOf(route);
  const common = [
    ...checkAspects(db, host, route, { tls }),
    ...limitAspects(db, host, route),
    ...policyAspects(db, host, place),
  ];
  if (!tls && route.plain === "redirect-to-https") {
    // Whoever is sent to https is asked there.
    const checks = common.filter(([name]) => name !== "authorization");
    return redirectEffect(route, toHttps, checks);
  }
  if (isClosed(db, host, place)) {
    return { ...closed, treatment: treatmentOf(common) };
  }
  switch (action.kind) {
    case "forward": {
      const destination = targetsText(action.clusters);
      return {
        isServed: true,
        destination,
        words: destination,
        path: prefixChange(route.match.path, action.prefixRewrite),
        treatment: treatmentOf([...common, ...forwardAspects(db, action)]),
      };
    }
    case "redirect":
      return redirectEffect(route, action, common);
    case "direct-response": {
      const { kind: _, statusCode, body, ...rest } = action;
      nothingElse(rest);
      const shown = body.length > 40 ? `${body.slice(0, 40)}…` : body;
      return {
        isServed: statusCode < 500,
        destination: `${statusCode} from Envoy`,
        words: `${statusCode} from Envoy`,
        path: { kind: "kept" },
        treatment: treatmentOf([
          ...common,
          ...(body === "" ? [] : [aspect("body", digest(body), JSON.stringify(shown))]),
        ]),
      };
    }
  }
}

/** What becomes of TLS connections that are passed on as bytes. */
export function tcpEffect(db: Db, host: VirtualHost, proxy: TcpProxy): Effect {
  const { clusters, ...rest } = proxy;
  nothingElse(rest);
  const how = host.secure?.kind === "passthrough" ? "TLS passed through" : "bytes";
  const destination = `${targetsText(clusters)} (${how})`;
  return {
    isServed: true,
    destination,
    words: destination,
    path: { kind: "kept" },
    treatment: treatmentOf(upstreamAspects(db, clusters)),
  };
}

const closed = {
  isServed: false,
  destination: "503 from Envoy",
  words: "503 from Envoy",
  path: { kind: "kept" },
} as const;

const toHttps: RedirectAction = { kind: "redirect", statusCode: 301, scheme: "https" };

function redirectEffect(
  route: Route,
  action: RedirectAction,
  aspects: readonly AspectEntry[],
): Effect {
  const { kind: _, statusCode, scheme, hostname, port, path, ...rest } = action;
  nothingElse(rest);
  const change = path === undefined
    ? { kind: "kept" } as const
    : path.kind === "full"
    ? { kind: "whole", put: path.text } as const
    : prefixChange(route.match.path, path.text);
  const portText = port === undefined ? "" : `:${port}`;
  const isElsewhere = scheme !== undefined || hostname !== undefined || port !== undefined;
  const origin = isElsewhere
    ? `${scheme === undefined ? "" : `${scheme}://`}${hostname ?? "…"}${portText}`
    : "";
  const pathText = change.kind === "kept"
    ? origin.endsWith("…") ? "" : "/…"
    : change.kind === "prefix"
    ? `${change.put}…`
    : change.put;
  return {
    isServed: true,
    destination: `${statusCode} to ${origin}`,
    words: `${statusCode} to ${origin}${pathText}`,
    path: change,
    treatment: treatmentOf(aspects),
  };
}
