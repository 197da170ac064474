import { goQuoted, type HTTPProxy, keyId, type ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { setting } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import { globalAuthorization, globalAuthorizationProblem } from "../global_services.ts";
import type { ExternalAuthorization, Route, SecureHttpHost } from "../model.ts";
import { externalAuthorization } from "../policy/authorization.ts";
import { type JwtProviders, jwtProviders } from "../policy/jwt_providers.ts";
import type { HostAuthorization, HostProtection } from "./protection.ts";
import type { UnprovidedRoute } from "./tree.ts";

/** Who checks the requests to a host that ends TLS. */
export interface HostChecks {
  readonly authorization?: ExternalAuthorization;
  readonly jwt?: JwtProviders;
}

type VirtualHostSpec = NonNullable<HTTPProxy["spec"]["virtualhost"]>;

/** The servers and keys that a host checks requests with, or why they cannot be used. */
export function hostChecks(
  db: Db,
  owner: ObjectKey,
  { authorization, jwtProviders: providers = [] }: VirtualHostSpec,
): HostChecks | Fault {
  const { namespace } = owner;
  const server = authorization?.extensionRef?.name
    ? externalAuthorization(db, authorization, namespace)
    : globalAuthorization(db, "all")?.server;
  if (server instanceof Fault) return server.under("authorization");
  const jwt = providers.length === 0 ? undefined : jwtProviders(db, providers, namespace);
  if (jwt instanceof Fault) return jwt.under("jwtProviders");
  return {
    ...(server === undefined ? {} : { authorization: server }),
    ...(jwt === undefined ? {} : { jwt }),
  };
}

/** The checks as the TLS listener carries them out. */
export function secureChecks(
  { authorization, jwt }: HostChecks,
): Pick<SecureHttpHost, "authorization" | "jwtProviders"> {
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(jwt === undefined ? {} : { jwtProviders: jwt.providers }),
  };
}

/** What the routes of a host are held to. */
export function hostProtection(
  db: Db,
  virtualhost: VirtualHostSpec,
  jwt: JwtProviders | undefined,
): HostProtection {
  const authorization = hostAuthorization(db, virtualhost);
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(jwt === undefined ? {} : { jwt }),
  };
}

/**
 * A host that names a server wants protection even where nothing of it is served over TLS: none of
 * its routes may be open on the plain listener then.
 */
function hostAuthorization(
  db: Db,
  { authorization }: VirtualHostSpec,
): HostAuthorization | undefined {
  const policy = authorization?.authPolicy ?? {};
  if (authorization?.extensionRef?.name) return { policy, server: "own" };
  const configured = setting(db, "globalAuthorization");
  if (configured === undefined) return undefined;
  return {
    policy: authorization === undefined ? configured.authPolicy ?? {} : policy,
    server: "global",
  };
}

/**
 * Told on a root whose requests nobody can authorize, because the server of all hosts is not to be
 * had. Contour does not start without it; here who needs it stays closed until it comes.
 */
export function globalAuthorizationFault(
  db: Db,
  { authorization }: HostProtection,
  routes: readonly Route[],
): Fault | undefined {
  if (authorization?.server !== "global") return undefined;
  const isNeeded = routes.length === 0
    ? !authorization.policy.disabled
    : routes.some(({ authorization }) => authorization?.kind !== "disabled");
  if (!isNeeded) return undefined;
  const problem = globalAuthorizationProblem(db, "all");
  return problem === undefined
    ? undefined
    : new Fault("AuthError/ExtensionServiceNotFound", problem);
}

/** Whether a host, or part of it, is for some clients only, or none of our business. */
export function isDemanding(db: Db, { tls, authorization }: VirtualHostSpec): boolean {
  return tls?.clientValidation !== undefined || (tls?.passthrough ?? false) ||
    authorization?.extensionRef?.name !== undefined ||
    (asksForAuthorization(authorization) && isOffByDefault(db));
}

function asksForAuthorization(authorization: VirtualHostSpec["authorization"]): boolean {
  return authorization !== undefined && !authorization.authPolicy?.disabled;
}

function isOffByDefault(db: Db): boolean {
  return setting(db, "globalAuthorization")?.authPolicy?.disabled ?? false;
}

/**
 * Nobody can check the requests in a connection that is handed through. Contour does so without a
 * word; here a host that wants both is not served.
 */
export function tcpProtectionFault(
  { virtualhost, tcpproxy }: HTTPProxy["spec"],
): Fault | undefined {
  if (virtualhost === undefined || tcpproxy === undefined) return undefined;
  const { authorization, jwtProviders } = virtualhost;
  if (authorization?.extensionRef?.name && !authorization.authPolicy?.disabled) {
    return new Fault(
      "AuthError/AuthNotPermitted",
      "Spec.VirtualHost.Authorization cannot be carried out for connections of Spec.TCPProxy",
      "spec.virtualhost.authorization",
    );
  }
  return jwtProviders?.length
    ? new Fault(
      "JWTVerificationError/JWTVerificationNotPermitted",
      "Spec.VirtualHost.JWTProviders cannot be carried out for connections of Spec.TCPProxy",
      "spec.virtualhost.jwtProviders",
    )
    : undefined;
}

/** What is told on the root of providers that its routes ask for in vain; of each once. */
export function undefinedProviderFaults(
  root: ObjectKey,
  unprovided: readonly UnprovidedRoute[],
): Iterable<Fault> {
  const faults = new Map<string, Fault>();
  for (const { provider, owner, path } of unprovided) {
    if (faults.has(provider)) continue;
    const message = `Route references an undefined JWT provider ${goQuoted(provider)}`;
    const at = keyId(root) === keyId(owner)
      ? `${path}.jwtVerificationPolicy.require`
      : "spec.virtualhost";
    const fault = new Fault("JWTVerificationError/JWTProviderNotDefined", message, at);
    faults.set(provider, fault);
  }
  return faults.values();
}
