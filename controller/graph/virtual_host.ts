import { type Diagnostic, keyId } from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { bucket, setting } from "../store/mod.ts";
import { diagnose, Fault } from "./fault.ts";
import { globalAuthorization } from "./global_services.ts";
import { claimants, type RootEvaluation, rootEvaluation, soleRoot } from "./http_proxy/root.ts";
import { conflict, type IngressHost, ingressHostOf } from "./ingress/host.ts";
import type { Route, SecureHost, SecureHttpHost, TlsTermination, VirtualHost } from "./model.ts";
import { matchText, sortRoutes } from "./route_order.ts";

/** The virtual host of this name; `undefined` when nobody claims it, or nobody may have it. */
export const virtualHost = query("virtual-host", (db, fqdn: string): VirtualHost | undefined => {
  return isShared(db, fqdn) ? sharedHost(db, fqdn).host : soleRoot(db, fqdn)?.host;
});

/** A host that Ingresses speak of. */
export interface SharedHost {
  readonly host?: VirtualHost;
  /** What is wrong with the Ingresses here. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What Ingresses and a root HTTPProxy make of a host together. The HTTPProxy comes first: it
 * decides about TLS and the policies of the host, and takes the requests that both match. A root
 * that is not valid leaves the rules of the Ingresses as they are.
 */
export const sharedHost = query("shared-host", (db, fqdn: string): SharedHost => {
  const ingress = ingressHostOf(db, fqdn);
  const evaluation = soleRoot(db, fqdn);
  const root = evaluation?.host;
  const diagnostics = [...ingress.diagnostics, ...tlsUnused(db, fqdn, evaluation, ingress)];
  if (ingress.routes.length === 0) {
    return { ...(root === undefined ? {} : { host: root }), diagnostics };
  }
  const secure = secureHost(db, evaluation, ingress);
  const routes = mergedRoutes(root, ingress, secure, diagnostics);
  const named = new Set(routes.map(({ origin }) => keyId(origin.object)));
  const [owner, ...sharedWith] = [
    ...(root === undefined ? [] : [root.owner]),
    ...ingress.owners.filter((owner) => named.has(keyId(owner))),
  ];
  if (owner === undefined) return { diagnostics };
  return {
    host: {
      ...root,
      fqdn,
      owner,
      ...(sharedWith.length === 0 ? {} : { sharedWith }),
      routes: sortRoutes(routes),
      ...(secure === undefined ? {} : { secure }),
    },
    diagnostics,
  };
});

function isShared(db: Db, fqdn: string): boolean {
  return bucket(db, "ingress-by-host", fqdn).length > 0;
}

/**
 * Contour ends TLS with the certificate of the Ingress where the HTTPProxy wants it passed through.
 * Here it is left alone, as the HTTPProxy says.
 */
function secureHost(
  db: Db,
  evaluation: RootEvaluation | undefined,
  { tls }: IngressHost,
): SecureHost | undefined {
  const ofRoot = evaluation?.host?.secure;
  if (ofRoot !== undefined || tls === undefined) return ofRoot;
  if (evaluation?.tls === "closed") return undefined;
  return { kind: "http", tls: evaluation?.tls ?? tls.termination, ...ingressChecks(db) };
}

/**
 * An Ingress says nothing of authorization, so the configuration decides. Contour leaves the
 * requests to it unchecked over TLS, and checks the same requests without.
 */
function ingressChecks(db: Db): Pick<SecureHttpHost, "authorization"> {
  if (setting(db, "globalAuthorization")?.authPolicy?.disabled) return {};
  const authorization = globalAuthorization(db, "all")?.server;
  return authorization === undefined ? {} : { authorization };
}

/**
 * The rules of both, each on the listeners its own object put it on: an HTTPProxy without TLS is
 * not served over that of an Ingress, nor the other way round.
 */
function mergedRoutes(
  root: VirtualHost | undefined,
  ingress: IngressHost,
  secure: SecureHost | undefined,
  diagnostics: Diagnostic[],
): Route[] {
  const overTls = secure?.kind === "http";
  const rootOverTls = overTls && root?.secure !== undefined;
  const ingressOverTls = overTls && ingress.tls !== undefined;
  const side = (isOverTls: boolean) => (route: Route): Route =>
    overTls && !isOverTls ? { ...route, secure: "absent" } : route;
  const routes = (root?.routes ?? []).map(side(rootOverTls));
  const byMatch = new Map(routes.map((route) => [matchText(route.match), route]));
  for (const route of ingress.routes.map(side(ingressOverTls))) {
    const winner = byMatch.get(matchText(route.match));
    if (winner === undefined) routes.push(route);
    else {
      const stays = ingressOverTls && !rootOverTls;
      diagnostics.push(diagnose(route.origin, conflict(winner, stays ? ", without TLS" : "")));
      if (stays) routes.push({ ...route, plain: "absent" });
    }
  }
  return routes;
}

/** An Ingress whose certificate is not the one that is served. */
function tlsUnused(
  db: Db,
  fqdn: string,
  evaluation: RootEvaluation | undefined,
  { tls }: IngressHost,
): Diagnostic[] {
  const decided = evaluation?.tls;
  const [root] = claimants(db, fqdn);
  if (decided === undefined || tls === undefined || root === undefined) return [];
  if (decided !== "closed" && sameSecret(decided, tls.termination)) return [];
  const name = `${root.namespace}/${root.name}`;
  const message = decided === "closed"
    ? `TLS of "${fqdn}" is not ended: HTTPProxy "${name}" passes it through, or is not valid`
    : `TLS of "${fqdn}" is that of HTTPProxy "${name}"`;
  return [diagnose(tls.origin, new Fault("IngressTLSUnused", message))];
}

function sameSecret({ certificate: a }: TlsTermination, { certificate: b }: TlsTermination) {
  return a.namespace === b.namespace && a.name === b.name;
}

/**
 * Works out what {@link virtualHost} answers, a part of it before each step, so that others can go
 * on in between. The answers are remembered, as far as `db` does.
 */
export function* hostSteps(db: Db, fqdn: string): Generator<void> {
  for (const { namespace, name } of claimants(db, fqdn)) {
    rootEvaluation(db, { namespace, name });
    yield;
  }
  virtualHost(db, fqdn);
  yield;
}
