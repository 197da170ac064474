import type { HTTPProxy, ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault } from "../fault.ts";
import type { ExternalAuthorization, SecureHttpHost } from "../model.ts";
import { externalAuthorization } from "../policy/authorization.ts";
import { type JwtProviders, jwtProviders } from "../policy/jwt_providers.ts";
import type { HostProtection } from "./protection.ts";

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
  const server = authorization === undefined
    ? undefined
    : externalAuthorization(db, authorization, namespace);
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

/**
 * What the routes of a host are held to. A host that names a server wants protection even where
 * nothing of it is served over TLS: none of its routes may be open on the plain listener then.
 */
export function hostProtection(
  { authorization }: VirtualHostSpec,
  jwt: JwtProviders | undefined,
): HostProtection {
  return {
    ...(authorization?.extensionRef?.name ? { authorization: authorization.authPolicy ?? {} } : {}),
    ...(jwt === undefined ? {} : { jwt }),
  };
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

/** Tells, on the root, which providers its routes ask for in vain; each once. */
export class UndefinedProviders {
  readonly #faults = new Map<string, Fault>();

  /** A route of `owner` asks for a provider that the root does not define. */
  add(provider: string, root: ObjectKey, owner: ObjectKey, path: string): void {
    const isOwn = root.namespace === owner.namespace && root.name === owner.name;
    const message = `Route references an undefined JWT provider "${provider}"`;
    const at = isOwn ? `${path}.jwtVerificationPolicy.require` : "spec.virtualhost";
    if (this.#faults.has(provider)) return;
    this.#faults.set(
      provider,
      new Fault("JWTVerificationError/JWTProviderNotDefined", message, at),
    );
  }

  /** In the order they were found. */
  faults(): Iterable<Fault> {
    return this.#faults.values();
  }
}
