import type { AuthorizationPolicy } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { Route, RouteAuthorization } from "../model.ts";
import type { JwtProviders } from "../policy/jwt_providers.ts";
import type { ProxyRoute } from "./spec.ts";

/** Who checks the requests of a host, and what holds for routes that say nothing of it. */
export interface HostProtection {
  /** Absent: nobody is asked. */
  readonly authorization?: HostAuthorization;
  /** Absent: the host has no providers of tokens. */
  readonly jwt?: JwtProviders;
}

/** What holds for routes that say nothing of authorization, and where it is carried out. */
export interface HostAuthorization {
  readonly policy: AuthorizationPolicy;
  /**
   * `own`: a server that the host names, which is asked about requests over TLS alone. `global`:
   * that of all hosts, which is asked without TLS too.
   */
  readonly server: "own" | "global";
}

/** The protection of one route. */
export interface RouteProtection {
  readonly settings: Pick<Route, "authorization" | "jwtProvider">;
  /** Whether a request has to show something that is looked at over TLS alone. */
  readonly isProtected: boolean;
  /** The provider the route requires although its host defines none of that name. */
  readonly undefinedProvider?: string;
}

/**
 * What of the protection of a host holds for a route. Contour leaves redirects and direct responses
 * without the check of tokens; here they are protected like all others.
 */
export function routeProtection(
  host: HostProtection,
  route: Pick<ProxyRoute, "authPolicy" | "jwtVerificationPolicy" | "requestRedirectPolicy">,
): RouteProtection {
  const disabled = route.authPolicy === undefined
    ? host.authorization?.policy.disabled ?? false
    : route.authPolicy.disabled ?? false;
  // As in Contour, redirects are always checked where there is a server at all.
  const isRedirect = route.requestRedirectPolicy !== undefined;
  const authorization = host.authorization === undefined || isRedirect
    ? undefined
    : routeAuthorization(disabled, host.authorization.policy.context, route.authPolicy?.context);
  const { require, disabled: withoutToken = false } = route.jwtVerificationPolicy ?? {};
  const jwtProvider = require || (withoutToken ? undefined : host.jwt?.defaultProvider);
  const isDefined = jwtProvider === undefined ||
    host.jwt?.providers.some(({ name }) => name === jwtProvider);
  const isAuthorized = host.authorization?.server === "own" && (isRedirect || !disabled);
  return {
    settings: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(jwtProvider === undefined || !isDefined ? {} : { jwtProvider }),
    },
    isProtected: isAuthorized || jwtProvider !== undefined,
    ...(isDefined ? {} : { undefinedProvider: jwtProvider }),
  };
}

/** What is wrong with what a route says of tokens. */
export function jwtPolicyFault(policy: ProxyRoute["jwtVerificationPolicy"]): Fault | undefined {
  if (!policy?.require || !policy.disabled) return undefined;
  return new Fault(
    "JWTVerificationError/InvalidJWTVerificationPolicy",
    "route's JWT verification policy cannot specify both require and disabled",
  );
}

function routeAuthorization(
  disabled: boolean,
  ofHost: AuthorizationPolicy["context"],
  ofRoute: AuthorizationPolicy["context"],
): RouteAuthorization | undefined {
  if (disabled) return { kind: "disabled" };
  const entries = { ...ofHost, ...ofRoute };
  return Object.keys(entries).length === 0 ? undefined : { kind: "context", entries };
}
