import { createHash } from "node:crypto";
import {
  type ConditionName,
  type JWTProvider,
  parseDuration,
  parseSecretReference,
} from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault } from "../fault.ts";
import type { JwtKeys, JwtProvider, KeyServer, UpstreamValidation } from "../model.ts";
import { caBundle, jsonWebKeySet, secretPermitted } from "../secret.ts";
import { msOutOfRange } from "./envoy_duration.ts";
import {
  defaultPorts,
  keyServerPortFault,
  type KeyServerUri,
  keyServerUri,
} from "./key_server_uri.ts";

/** The issuers of tokens a host knows. */
export interface JwtProviders {
  readonly providers: readonly JwtProvider[];
  /** The one that counts where a route says nothing. */
  readonly defaultProvider?: string;
}

/** Reads the providers of a host in their order, or says what is wrong with the first bad one. */
export function jwtProviders(
  db: Db,
  list: readonly JWTProvider[],
  namespace: string,
): JwtProviders | Fault {
  const providers: JwtProvider[] = [];
  let defaultProvider: string | undefined;
  for (const [i, entry] of list.entries()) {
    const { name, issuer = "", audiences = [] } = entry;
    const path = `[${i}]`;
    if (providers.some((other) => other.name === name)) {
      const message = `Spec.VirtualHost.JWTProviders is invalid: duplicate name ${name}`;
      return new Fault("JWTVerificationError/DuplicateProviderName", message, `${path}.name`);
    }
    if (entry.default) {
      if (defaultProvider !== undefined) {
        const message =
          "Spec.VirtualHost.JWTProviders is invalid: at most one provider can be set as the default";
        const reason = "JWTVerificationError/MultipleDefaultProvidersSpecified";
        return new Fault(reason, message, `${path}.default`);
      }
      defaultProvider = name;
    }
    const keys = jwtKeys(db, entry, namespace);
    if (keys instanceof Fault) return keys.under(path);
    providers.push({ name, issuer, audiences, forward: entry.forwardJWT ?? false, keys });
  }
  return { providers, ...(defaultProvider === undefined ? {} : { defaultProvider }) };
}

/** That just one source is given is a rule of the API. */
function jwtKeys(db: Db, provider: JWTProvider, namespace: string): JwtKeys | Fault {
  const { remoteJWKS, localJWKS } = provider;
  if (remoteJWKS !== undefined) return remoteKeys(db, remoteJWKS, namespace);
  const { secretName = "", key = "" } = localJWKS ?? {};
  const jwks = jsonWebKeySet(db, { namespace, name: secretName, key });
  if (jwks.ok) return { kind: "local", jwks: jwks.text };
  const message =
    `Spec.VirtualHost.JWTProviders.LocalJWKS Secret "${namespace}/${secretName}" is invalid: ${jwks.message}`;
  return new Fault("JWTVerificationError/LocalJWKSInvalid", message, "localJWKS");
}

type RemoteJWKS = NonNullable<JWTProvider["remoteJWKS"]>;

function remoteKeys(db: Db, remote: RemoteJWKS, namespace: string): JwtKeys | Fault {
  const address = keyServerUri(remote.uri);
  if (address instanceof Fault) return address.under("remoteJWKS");
  const validation = keyServerValidation(db, remote, address, namespace);
  if (validation instanceof Fault) return validation.under("remoteJWKS");
  const timeoutMs = time(remote.timeout, {
    field: "timeout",
    reason: "JWTVerificationError/RemoteJWKSTimeoutInvalid",
    minimumMs: 0,
    limitSeconds: 2 ** 32,
  });
  if (timeoutMs instanceof Fault) return timeoutMs.under("remoteJWKS");
  const cacheMs = time(remote.cacheDuration, {
    field: "cacheDuration",
    reason: "JWTVerificationError/RemoteJWKSCacheDurationInvalid",
    minimumMs: 1,
    limitSeconds: 9_000_000_000,
  });
  if (cacheMs instanceof Fault) return cacheMs.under("remoteJWKS");
  const port = keyServerPortFault(address);
  if (port !== undefined) return port.under("remoteJWKS");
  return {
    kind: "remote",
    uri: address.uri,
    server: keyServer(address, remote.dnsLookupFamily || "configured", validation),
    timeoutMs: timeoutMs ?? 1_000,
    ...(cacheMs === undefined ? {} : { cacheMs }),
  };
}

function keyServerValidation(
  db: Db,
  { validation }: RemoteJWKS,
  { scheme }: KeyServerUri,
  namespace: string,
): UpstreamValidation | Fault | undefined {
  if (validation === undefined) return undefined;
  const invalid = (message: string, path: string) =>
    new Fault(
      "JWTVerificationError/RemoteJWKSUpstreamValidationInvalid",
      `Spec.VirtualHost.JWTProviders.RemoteJWKS.UpstreamValidation is invalid: ${message}`,
      path,
    );
  if (scheme !== "https") {
    return new Fault(
      "JWTVerificationError/RemoteJWKSUpstreamValidationInvalid",
      "Spec.VirtualHost.JWTProviders.RemoteJWKS.UpstreamValidation must not be specified when URI scheme is http.",
      "validation",
    );
  }
  const caSecret = parseSecretReference(validation.caSecret, namespace);
  const name = `${caSecret.namespace}/${caSecret.name}`;
  if (!secretPermitted(db, { secret: caSecret, namespace })) {
    return new Fault(
      "JWTVerificationError/RemoteJWKSCACertificateNotDelegated",
      `Spec.VirtualHost.JWTProviders.RemoteJWKS.UpstreamValidation.CACertificate Secret "${name}" is not configured for certificate delegation`,
      "validation.caSecret",
    );
  }
  const bundle = caBundle(db, caSecret);
  if (!bundle.ok) {
    return invalid(`invalid CA Secret "${name}": ${bundle.message}`, "validation.caSecret");
  }
  const { subjectName, subjectNames = [subjectName] } = validation;
  return { caSecret, subjectNames };
}

function time(
  text: string | undefined,
  { field, reason, ...limits }: {
    readonly field: "timeout" | "cacheDuration";
    readonly reason: ConditionName;
    readonly minimumMs: number;
    readonly limitSeconds: number;
  },
): number | Fault | undefined {
  if (!text) return undefined;
  const duration = parseDuration(text);
  const problem = duration.ok ? msOutOfRange(duration.ms, limits) : duration.message;
  if (duration.ok && problem === undefined) return duration.ms;
  const name = field === "timeout" ? "Timeout" : "CacheDuration";
  const message = `Spec.VirtualHost.JWTProviders.RemoteJWKS.${name} is invalid: ${problem}`;
  return new Fault(reason, message, field);
}

/**
 * What Contour leaves out of the name (the port, how the server is checked, where its addresses come
 * from) tells it from others here: else the keys of one tenant would come from the server of another.
 */
function keyServer(
  { scheme, host, port }: KeyServerUri,
  dnsFamily: KeyServer["dnsFamily"],
  validation: UpstreamValidation | undefined,
): KeyServer {
  const place = port === defaultPorts[scheme] ? host : `${host}:${port}`;
  const more = validation === undefined && dnsFamily === "configured"
    ? ""
    : `/${sha1(JSON.stringify([dnsFamily, validation?.caSecret, validation?.subjectNames]))}`;
  return {
    name: `dnsname/${scheme}/${place}${more}`,
    scheme,
    host,
    port,
    dnsFamily,
    ...(validation === undefined ? {} : { validation }),
  };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex").slice(0, 10);
}
