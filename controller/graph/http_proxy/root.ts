import {
  type Diagnostic,
  goQuoted,
  type HTTPProxy,
  type ObjectKey,
  parseSecretReference,
} from "../../api/mod.ts";
import { type Db, query } from "../../query/mod.ts";
import { bucket, setting } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import { proxyInClass } from "../ingress_class.ts";
import type { Route, SecureHost, TlsTermination, TlsVersion, VirtualHost } from "../model.ts";
import { authorityMissing, clientValidation, lacksAuthority } from "../policy/client_validation.ts";
import { fallbackCertificate } from "../policy/fallback_certificate.ts";
import { matchText, sortRoutes } from "../route_order.ts";
import { certificateFacts, secretPermitted } from "../secret.ts";
import { compiledProxy } from "./compiled_proxy.ts";
import { wildcardGuard } from "./conditions.ts";
import { Evaluation, maximumCharacters } from "./evaluation.ts";
import { hostPolicies } from "./host_policies.ts";
import {
  globalAuthorizationFault,
  type HostChecks,
  hostChecks,
  hostProtection,
  isDemanding,
  secureChecks,
  tcpProtectionFault,
  undefinedProviderFaults,
} from "./host_protection.ts";
import type { HostProtection } from "./protection.ts";
import { tcpProxy } from "./tcp_proxy.ts";
import { type Branch, type TreeContext, treeRoutes } from "./tree.ts";

/** What a root HTTPProxy comes to, with everything it includes. */
export interface RootEvaluation {
  /** Absent when a mistake stopped the root: nothing of it is served. */
  readonly host?: VirtualHost;
  /**
   * What the root decides about TLS where Ingresses share its host, even if a later mistake stopped
   * it: how it is ended, or that it must not be. Absent: they may end it themselves.
   */
  readonly tls?: TlsTermination | "closed";
  /** Every object that was reached, by key id, with what was found wrong in it. */
  readonly objects: ReadonlyMap<string, readonly Diagnostic[]>;
}

/**
 * Evaluates the root HTTPProxy of this name. The checks come in the order of the reference, and a
 * mistake that concerns the host as a whole ends them.
 */
export const rootEvaluation = query(
  "root-evaluation",
  (db, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const key: ObjectKey = { kind: "HTTPProxy", namespace, name };
    const spec = proxyInClass(db, key)?.spec;
    const evaluation = new Evaluation(setting(db, "maxRoutesPerHost"));
    if (spec?.virtualhost === undefined) return { objects: evaluation.objects() };
    evaluation.enter(key);
    const host = evaluateHost(db, evaluation, key, spec, spec.virtualhost);
    evaluation.leave(key);
    const result: RootEvaluation = {
      objects: evaluation.objects(),
      ...(host === undefined ? {} : { host }),
      ...(evaluation.tls === undefined ? {} : { tls: evaluation.tls }),
    };
    return result;
  },
);

/** The roots of our class that claim a host name; more than one is a conflict. */
export const claimants = query("claimants", (db, fqdn: string): readonly ObjectKey[] => {
  return bucket(db, "root-by-fqdn", fqdn).filter((key) => proxyInClass(db, key) !== undefined);
});

/** What the one root that may have this name comes to; `undefined` when there is none, or several. */
export function soleRoot(db: Db, fqdn: string): RootEvaluation | undefined {
  const [owner, rival] = claimants(db, fqdn);
  if (owner === undefined || rival !== undefined) return undefined;
  return rootEvaluation(db, { namespace: owner.namespace, name: owner.name });
}

type VirtualHostSpec = NonNullable<HTTPProxy["spec"]["virtualhost"]>;

function evaluateHost(
  db: Db,
  evaluation: Evaluation,
  owner: ObjectKey,
  spec: HTTPProxy["spec"],
  virtualhost: VirtualHostSpec,
): VirtualHost | undefined {
  const fqdn = virtualhost.fqdn.toLowerCase();
  const trespass = rootFault(db, owner, fqdn, spec);
  if (trespass !== undefined) {
    evaluation.tell(owner, "", trespass);
    return undefined;
  }
  const stopped = () => {
    // Whoever wants to know its clients, or TLS left alone, must not get less by a mistake.
    if (isDemanding(db, virtualhost)) evaluation.tls = "closed";
    return undefined;
  };
  const misfit = shapeFault(virtualhost);
  if (misfit !== undefined) {
    evaluation.tell(owner, "", misfit);
    return stopped();
  }
  const { tls } = virtualhost;
  if (tls?.passthrough && tls.enableFallbackCertificate) {
    const message =
      "Spec.VirtualHost.TLS: both Passthrough and enableFallbackCertificate were specified";
    const path = "spec.virtualhost.tls.enableFallbackCertificate";
    evaluation.tell(owner, path, new Fault("TLSError/TLSIncompatibleFeatures", message));
  }
  const termination = tls === undefined
    ? undefined
    : tlsTermination(db, owner, virtualhost, tls, (fault) =>
      evaluation.tell(owner, "spec.virtualhost.tls", fault));
  if (termination instanceof Fault) {
    evaluation.tell(owner, "spec.virtualhost.tls", termination);
    return stopped();
  }
  if (tls !== undefined) evaluation.tls = termination ?? "closed";
  const checks = termination === undefined ? {} : hostChecks(db, owner, virtualhost);
  if (checks instanceof Fault) {
    evaluation.tell(owner, "spec.virtualhost", checks);
    return stopped();
  }
  // What Contour serves all the same is judged to its end, lest other objects seem orphaned.
  const unchecked = tcpProtectionFault(spec);
  if (unchecked !== undefined) evaluation.tell(owner, "", unchecked);
  const isClosed = unchecked !== undefined || lacksAuthority(tls?.clientValidation);
  const secure = secureHost(db, evaluation, owner, spec, { termination, checks });
  if (secure === "failed") return stopped();
  const protection = hostProtection(db, virtualhost, checks.jwt);
  const { routes, unprovided } = hostRoutes(db, evaluation, owner, fqdn, spec, protection);
  const policies = hostPolicies(db, virtualhost);
  const unauthorized = globalAuthorizationFault(db, protection, routes);
  // In the order in which Contour tells of mistakes, addresses come last.
  const isEarlier = "faults" in policies && !policies.isOfAddresses;
  if (unauthorized !== undefined && !isEarlier) {
    evaluation.tell(owner, "spec.virtualhost", unauthorized);
  }
  const host = { fqdn, owner, ...(secure === undefined ? {} : { secure }) };
  const faults = "faults" in policies ? policies.faults : [];
  for (const fault of faults) evaluation.tell(owner, "spec.virtualhost", fault);
  if (!("faults" in policies) || policies.fatal === undefined) {
    for (const fault of undefinedProviderFaults(owner, unprovided)) {
      evaluation.tell(owner, "", fault);
    }
  }
  if (isClosed) return stopped();
  if (!("faults" in policies)) return { ...host, routes, policies };
  // Nothing is served without the policies it was to be served under, but a TCP proxy has none.
  return secure === undefined || secure.kind === "http" ? stopped() : { ...host, routes: [] };
}

/** What stops a root before anything else is looked at. */
function rootFault(
  db: Db,
  owner: ObjectKey,
  fqdn: string,
  spec: HTTPProxy["spec"],
): Fault | undefined {
  const rivals = claimants(db, fqdn);
  if (rivals.length > 1) {
    const names = rivals.map(({ namespace, name }) => `${namespace}/${name}`).sort().join(", ");
    const message = `fqdn "${fqdn}" is used in multiple HTTPProxies: ${names}`;
    return new Fault("VirtualHostError/DuplicateVhost", message, "spec.virtualhost.fqdn");
  }
  if (fqdn.trim() === "") {
    const message = "Spec.VirtualHost.Fqdn must be specified";
    return new Fault("VirtualHostError/FQDNNotSpecified", message, "spec.virtualhost.fqdn");
  }
  const allowed = setting(db, "rootNamespaces");
  if (allowed.length > 0 && !allowed.includes(owner.namespace)) {
    const message = "root HTTPProxy cannot be defined in this namespace";
    return new Fault(
      "RootNamespaceError/RootProxyNotAllowedInNamespace",
      message,
      "metadata.namespace",
    );
  }
  const { routes, includes, tcpproxy } = spec;
  if (!routes?.length && !includes?.length && tcpproxy === undefined) {
    const message = "HTTPProxy.Spec must have at least one Route, Include, or a TCPProxy";
    return new Fault("SpecError/NothingDefined", message, "spec");
  }
  return undefined;
}

/** Settings of the host that exclude each other; in the order users are told. */
function shapeFault({ tls, ...host }: VirtualHostSpec): Fault | undefined {
  if (host.jwtProviders?.length && !tls?.secretName) {
    return new Fault(
      "JWTVerificationError/JWTVerificationNotPermitted",
      "Spec.VirtualHost.JWTProviders can only be defined for root HTTPProxies that terminate TLS",
      "spec.virtualhost.jwtProviders",
    );
  }
  if (host.authorization?.extensionRef?.name && tls === undefined) {
    return new Fault(
      "AuthError/AuthNotPermitted",
      "Spec.VirtualHost.Authorization.ExtensionServiceRef can only be defined for root HTTPProxies that terminate TLS",
      "spec.virtualhost.authorization",
    );
  }
  if (host.ipAllowPolicy?.length && host.ipDenyPolicy?.length) {
    return new Fault(
      "IPFilterError/IncompatibleIPAddressFilters",
      // Spelled as Contour does, since people search for it.
      "Spec.VirtualHost.IPAllowFilterPolicy and Spec.VirtualHost.IPDepnyFilterPolicy cannot both be defined.",
      "spec.virtualhost.ipDenyPolicy",
    );
  }
  return undefined;
}

/** How TLS is ended here; `undefined` when it is passed through. */
function tlsTermination(
  db: Db,
  owner: ObjectKey,
  virtualhost: VirtualHostSpec,
  tls: NonNullable<VirtualHostSpec["tls"]>,
  tell: (fault: Fault) => void,
): TlsTermination | Fault | undefined {
  const secretName = tls.secretName ?? "";
  const isNamed = secretName.trim() !== "";
  if (isNamed === (tls.passthrough ?? false)) {
    return new Fault(
      "TLSError/TLSConfigNotValid",
      tls.passthrough
        ? "Spec.VirtualHost.TLS: both Passthrough and SecretName were specified"
        : "Spec.VirtualHost.TLS: neither Passthrough nor SecretName were specified",
    );
  }
  if (!isNamed) {
    return tls.clientValidation === undefined ? undefined : new Fault(
      "TLSError/TLSIncompatibleFeatures",
      "Spec.VirtualHost.TLS passthrough cannot be combined with tls.clientValidation",
      "clientValidation",
    );
  }
  const certificate = parseSecretReference(secretName, owner.namespace);
  if (!secretPermitted(db, { secret: certificate, namespace: owner.namespace })) {
    const message = `Spec.VirtualHost.TLS Secret ${
      goQuoted(secretName)
    } certificate delegation not permitted`;
    return new Fault("TLSError/DelegationNotPermitted", message, "secretName");
  }
  const facts = certificateFacts(db, certificate);
  if (!facts.ok) {
    const message = `Spec.VirtualHost.TLS Secret ${
      goQuoted(secretName)
    } is invalid: ${facts.message}`;
    return new Fault("TLSError/SecretNotValid", message, "secretName");
  }
  const minimumVersion = version(tls.minimumProtocolVersion, "1.2");
  const maximumVersion = version(tls.maximumProtocolVersion, "1.3");
  if (maximumVersion < minimumVersion) {
    const message =
      "Spec.Virtualhost.TLS the minimum protocol version is greater than the maximum protocol version";
    return new Fault("TLSError/TLSConfigNotValid", message, "minimumProtocolVersion");
  }
  const fallback = fallbackFault(virtualhost);
  if (fallback !== undefined) return fallback;
  if (tls.enableFallbackCertificate) {
    const certificate = fallbackCertificate(db, owner.namespace);
    if (certificate instanceof Fault) return certificate;
  }
  if (lacksAuthority(tls.clientValidation)) tell(authorityMissing);
  const clients = tls.clientValidation === undefined
    ? undefined
    : clientValidation(db, tls.clientValidation, owner.namespace);
  if (clients instanceof Fault) return clients;
  return {
    certificate,
    minimumVersion,
    maximumVersion,
    ...(clients === undefined ? {} : { clientValidation: clients }),
  };
}

/** A client that names another host, or none, could not be held to what this host demands. */
function fallbackFault({ tls, authorization, jwtProviders }: VirtualHostSpec): Fault | undefined {
  if (!tls?.enableFallbackCertificate) return undefined;
  const demand = tls.clientValidation !== undefined
    ? "client validation"
    : authorization !== undefined
    ? "client authorization"
    : jwtProviders?.length
    ? "JWT providers"
    : undefined;
  return demand === undefined ? undefined : new Fault(
    "TLSError/TLSIncompatibleFeatures",
    `Spec.Virtualhost.TLS fallback & ${demand} are incompatible`,
    "enableFallbackCertificate",
  );
}

function version(text: string | undefined, otherwise: TlsVersion): TlsVersion {
  return text === "1.2" || text === "1.3" ? text : otherwise;
}

/** What the TLS listener does for the host; `"failed"` ends the root. */
function secureHost(
  db: Db,
  evaluation: Evaluation,
  owner: ObjectKey,
  spec: HTTPProxy["spec"],
  { termination, checks }: {
    readonly termination: TlsTermination | undefined;
    readonly checks: HostChecks;
  },
): SecureHost | "failed" | undefined {
  const tls = spec.virtualhost?.tls;
  if (spec.tcpproxy !== undefined && tls === undefined) {
    const message =
      "Spec.TCPProxy requires that either Spec.TLS.Passthrough or Spec.TLS.SecretName be set";
    evaluation.tell(
      owner,
      "spec.tcpproxy",
      new Fault("TCPProxyError/TLSMustBeConfigured", message),
    );
    return "failed";
  }
  const proxy = spec.tcpproxy === undefined ? undefined : tcpProxy(db, evaluation, owner, spec);
  if (proxy === "failed") return "failed";
  if (termination === undefined) {
    return proxy === undefined ? undefined : { kind: "passthrough", proxy };
  }
  const fallback = tls?.enableFallbackCertificate ? setting(db, "fallbackCertificate") : undefined;
  if (spec.tcpproxy === undefined) {
    return {
      kind: "http",
      tls: termination,
      ...secureChecks(checks),
      ...(fallback === undefined ? {} : { fallbackCertificate: fallback }),
    };
  }
  if (fallback !== undefined) {
    evaluation.tell(owner, "spec.virtualhost.tls.enableFallbackCertificate", fallbackIgnored);
  }
  return proxy === undefined ? undefined : { kind: "tcp", tls: termination, proxy };
}

/** The host of a connection without SNI is known by its requests alone. */
const fallbackIgnored = new Fault(
  "TCPProxyError/IgnoredField",
  "ignoring field enableFallbackCertificate: with Spec.TCPProxy nothing tells the host of a connection but its SNI",
);

function hostRoutes(
  db: Db,
  evaluation: Evaluation,
  owner: ObjectKey,
  fqdn: string,
  spec: HTTPProxy["spec"],
  protection: HostProtection,
): Branch {
  const proxy = compiledProxy(db, { namespace: owner.namespace, name: owner.name });
  if (proxy === undefined) return { routes: [], unprovided: [] };
  const redirectToHttps = spec.virtualhost?.tls !== undefined;
  const permitInsecure = !setting(db, "disablePermitInsecure");
  const context: TreeContext = {
    db,
    evaluation,
    redirectToHttps,
    permitInsecure,
    protection,
  };
  const { routes, unprovided } = treeRoutes(context, proxy);
  const byMatch = new Map<string, Route>();
  for (const route of routes) {
    const guarded = fqdn.startsWith("*.") ? guardedRoute(route, fqdn) : route;
    byMatch.set(matchText(guarded.match), guarded);
  }
  if (evaluation.full !== undefined) {
    evaluation.tell(owner, "spec.includes", tooMany(db, evaluation.full));
  }
  return { routes: sortRoutes([...byMatch.values()]), unprovided };
}

function tooMany(db: Db, what: NonNullable<Evaluation["full"]>): Fault {
  const most = what === "routes"
    ? `${setting(db, "maxRoutesPerHost")} routes`
    : `${maximumCharacters} characters of routes`;
  return new Fault("TooManyRoutes", `the includes of this host come to more than ${most}`);
}

/** A wildcard covers one label; Envoy's would cover many. */
function guardedRoute(route: Route, fqdn: string): Route {
  const { match } = route;
  return { ...route, match: { ...match, headers: [...match.headers, wildcardGuard(fqdn)] } };
}
