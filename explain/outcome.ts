import type { RedirectAction, Request, Route, TcpProxy } from "../controller/graph/mod.ts";
import type { Db } from "../controller/query/mod.ts";
import type { Outcome } from "./explanation.ts";
import { target, targetsOf } from "./targets.ts";
import { queryOf, rewrittenPath } from "./treatment.ts";

/** What comes of a request that a rule takes. */
export function outcomeOf(db: Db, route: Route, request: Request): Outcome {
  const { action } = route;
  if (!request.tls && route.plain === "redirect-to-https") {
    const location = redirected(route, toHttps, request);
    return { kind: "redirect", statusCode: toHttps.statusCode, location };
  }
  switch (action.kind) {
    case "forward":
      return {
        kind: "forward",
        targets: targetsOf(db, action.clusters),
        mirrors: action.mirrors.map(({ cluster, percent }) => target(db, cluster, percent)),
      };
    case "redirect": {
      const location = redirected(route, action, request);
      return { kind: "redirect", statusCode: action.statusCode, location };
    }
    case "direct-response":
      return { kind: "direct-response", statusCode: action.statusCode, body: action.body };
  }
}

/** What comes of a TLS connection that is passed on as bytes. */
export function tcpOutcome(
  db: Db,
  tls: "terminated" | "passed-through",
  { clusters }: TcpProxy,
): Outcome {
  return { kind: "tcp-proxy", tls, targets: targetsOf(db, clusters) };
}

const toHttps = { kind: "redirect", statusCode: 301, scheme: "https" } as const;

/** As Envoy writes it: a port that is the default of the old scheme does not stay in the new one. */
function redirected(
  route: Route,
  { scheme, hostname, port, path }: RedirectAction,
  request: Request,
): string {
  const [before, after] = [
    request.tls ? "https" : "http",
    scheme ?? (request.tls ? "https" : "http"),
  ];
  const [, name = "", given] = /^(.*?)(?::(\d+))?$/.exec(request.authority) ?? [];
  const isDefault = given === (before === "http" ? "80" : "443");
  const kept = hostname !== undefined || given === undefined || (before !== after && isDefault)
    ? ""
    : `:${given}`;
  const shown = port === undefined ? kept : `:${port}`;
  return `${after}://${hostname ?? name}${shown}${redirectedPath(route, path, request)}`;
}

function redirectedPath(route: Route, path: RedirectAction["path"], request: Request): string {
  if (path === undefined) return request.path;
  if (path.kind === "prefix") return rewrittenPath(route, path.text, request) ?? request.path;
  return path.text.includes("?") ? path.text : path.text + queryOf(request);
}
