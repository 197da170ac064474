import { keyId } from "../api/mod.ts";
import type { Origin, Route } from "../graph/mod.ts";
import { isMessage, type Message, struct } from "../../proto/mod.ts";
import { routeAuthorization } from "./external_authorization.ts";
import { ipFilter } from "./ip_filter.ts";
import { routeToken } from "./jwt.ts";
import { accessLogName, filterNames } from "./names.ts";
import { redirectToHttps, routeAction, unavailable } from "./route_action.ts";
import { routeMatch } from "./route_match.ts";

/** The ways to answer the requests of one rule. */
export interface RouteForms {
  /** What its author asked for. */
  readonly serve: Message;
  /** 301 to https. */
  readonly redirectToHttps: Message;
  /** 503: takes the requests, so that they do not fall through to a rule further down. */
  readonly unavailable: Message;
}

/**
 * The Envoy Route of a rule of a host, in each form it may be needed in.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
 */
export function routeForms(
  route: Route,
  { fqdn, asksOfPlainRequests = false }: {
    readonly fqdn: string;
    /** Whether a server is asked about requests on the plain listener. */
    readonly asksOfPlainRequests?: boolean;
  },
): RouteForms {
  const name = routeName(route.origin);
  const match = routeMatch(route.match);
  const { kind, namespace, name: objectName } = route.origin.object;
  const fromObject = {
    [accessLogName]: struct({
      "io.projectcontour.kind": kind,
      "io.projectcontour.namespace": namespace,
      "io.projectcontour.name": objectName,
    }),
  };
  const { action } = route;
  const addresses = route.ipFilter === undefined
    ? {}
    : { [filterNames.rbac]: ipFilter(route.ipFilter) };
  const websockets = action.kind === "forward" && action.websockets;
  const form = (action: Message, filterMetadata: Message = fromObject): Message => ({
    name,
    match,
    ...action,
    metadata: { filterMetadata },
  });
  return {
    serve: form(
      withSettings(routeAction(action, fqdn), { ...addresses, ...checks(route) }),
      websockets ? { ...fromObject, [filterNames.websocketRoutes]: websocketMark } : fromObject,
    ),
    redirectToHttps: form(
      withSettings(redirectToHttps, { ...addresses, ...(asksOfPlainRequests ? unasked : {}) }),
    ),
    unavailable: form(unavailable),
  };
}

/** Whoever is sent to https is asked there. */
const unasked: Message = {
  [filterNames.externalAuthorization]: routeAuthorization({ kind: "disabled" }),
};

/** What those who check requests are told of the route. */
function checks({ authorization, jwtProvider }: Route): Message {
  return {
    ...(authorization === undefined
      ? {}
      : { [filterNames.externalAuthorization]: routeAuthorization(authorization) }),
    ...(jwtProvider === undefined
      ? {}
      : { [filterNames.jwtAuthentication]: routeToken(jwtProvider) }),
  };
}

/** A Route with more to tell filters of it. */
function withSettings(route: Message, settings: Message): Message {
  if (Object.keys(settings).length === 0) return route;
  const { typedPerFilterConfig } = route;
  return {
    ...route,
    typedPerFilterConfig: {
      ...(isMessage(typedPerFilterConfig) ? typedPerFilterConfig : {}),
      ...settings,
    },
  };
}

/**
 * The name of the Route for a rule: `HTTPProxy/default/shop#spec.routes[2]`. Contour gives none;
 * ours tells a test, a log line or `explain` which rule took a request. A rule that became several
 * Routes gives all of them its name.
 */
export function routeName({ object, path }: Origin): string {
  return path === "" ? keyId(object) : `${keyId(object)}#${path}`;
}

// Read by the filter that lets websockets through in the scoped layout; see scope_miss.ts.
const websocketMark = struct({ websocket: true });
