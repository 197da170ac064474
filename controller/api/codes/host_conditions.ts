import type { CodeRow } from "./row.ts";

/** CTR101 to CTR169: conditions about a host, an object as a whole, TLS, and who is let in. */
export const hostConditionCodes = {
  CTR101: {
    name: "VirtualHostError/FQDNNotSpecified",
    title: "Host name missing",
    severity: "error",
    condition: { type: "VirtualHostError", reason: "FQDNNotSpecified" },
    explanation: "A root needs virtualhost.fqdn. The whole host is not served until it is mended.",
  },
  CTR102: {
    name: "VirtualHostError/DuplicateVhost",
    title: "Host name claimed twice",
    severity: "error",
    condition: { type: "VirtualHostError", reason: "DuplicateVhost" },
    explanation:
      "Several roots claim the same host name, compared without regard to case. None of them is served, because choosing one would hand the host to whoever came first. Keep one root and let it include the others.",
  },
  CTR103: {
    name: "VirtualHostError/RateLimitPolicyNotValid",
    title: "Rate limit of the host not valid",
    severity: "error",
    condition: { type: "VirtualHostError", reason: "RateLimitPolicyNotValid" },
    explanation:
      "The rate limit policy of the virtual host, or the configured default, cannot be used: a descriptor entry without exactly one field, or a header name that is not one. The whole host is not served until it is mended.",
  },
  CTR106: {
    name: "RootNamespaceError/RootProxyNotAllowedInNamespace",
    title: "Root outside the root namespaces",
    severity: "error",
    condition: { type: "RootNamespaceError", reason: "RootProxyNotAllowedInNamespace" },
    explanation:
      "The controller is told to accept roots in certain namespaces only, and this one is elsewhere. Move it, or include its routes from a root in such a namespace.",
  },
  CTR108: {
    name: "SpecError/NothingDefined",
    title: "Root without content",
    severity: "error",
    condition: { type: "SpecError", reason: "NothingDefined" },
    explanation: "A root has to hold routes, includes or a tcpproxy.",
  },
  CTR109: {
    name: "SpecError/IgnoredField",
    title: "Field without effect",
    severity: "warning",
    condition: { type: "SpecError", reason: "IgnoredField" },
    explanation:
      "The field cannot be used as it stands and is passed over: a request hash policy that is incomplete or repeated, a strategy that does not apply here, or a timeout that does not.",
  },
  CTR110: {
    name: "SpecError/TimeoutPolicyNotValid",
    title: "Timeout of the ExtensionService not valid",
    severity: "error",
    condition: { type: "SpecError", reason: "TimeoutPolicyNotValid" },
    explanation:
      "A timeout of the ExtensionService cannot be read as a duration such as 500ms, 30s or infinity. The ExtensionService is not available to those that refer to it.",
  },
  CTR111: {
    name: "SpecError/TLSUpstreamValidation",
    title: "Validation of the extension server not valid",
    severity: "error",
    condition: { type: "SpecError", reason: "TLSUpstreamValidation" },
    explanation:
      "The validation of an ExtensionService cannot be used: its Secret is missing or holds no certificates, or the subject names do not agree.",
  },
  CTR112: {
    name: "SpecError/InconsistentProtocol",
    title: "Validation without TLS",
    severity: "error",
    condition: { type: "SpecError", reason: "InconsistentProtocol" },
    explanation:
      "An ExtensionService with validation has to use protocol h2, the one that runs over TLS.",
  },
  CTR115: {
    name: "Orphaned/Orphaned",
    title: "Not reached from a root",
    severity: "error",
    condition: { type: "Orphaned", reason: "Orphaned" },
    explanation:
      "The HTTPProxy has no virtualhost and no root includes it, directly or through others, so none of its routes is served. Include it, or give it a virtualhost.",
  },
  CTR117: {
    name: "ListenerError/ErrorIdentifyingListener",
    title: "No single listener",
    severity: "error",
    condition: { type: "ListenerError", reason: "ErrorIdentifyingListener" },
    explanation:
      "The host cannot be put on a listener, because there is none of the protocol it needs, or more than one.",
  },
  CTR120: {
    name: "TLSError/TLSConfigNotValid",
    title: "TLS settings not valid",
    severity: "error",
    condition: { type: "TLSError", reason: "TLSConfigNotValid" },
    explanation:
      "With tls, exactly one of secretName and passthrough has to be chosen, and the minimum protocol version must not be above the maximum. The whole host is not served until it is mended.",
  },
  CTR121: {
    name: "TLSError/TLSIncompatibleFeatures",
    title: "TLS features exclude each other",
    severity: "error",
    condition: { type: "TLSError", reason: "TLSIncompatibleFeatures" },
    explanation:
      "Passthrough leaves TLS to the backend, so it allows neither client validation nor the fallback certificate; and the fallback certificate cannot be combined with client validation, authorization or JWT providers.",
  },
  CTR122: {
    name: "TLSError/DelegationNotPermitted",
    title: "Secret not delegated",
    severity: "error",
    condition: { type: "TLSError", reason: "DelegationNotPermitted" },
    explanation:
      "The Secret is in another namespace, and no TLSCertificateDelegation there allows this namespace to use it. The owner of the Secret has to write one. The whole host is not served until it is mended.",
  },
  CTR123: {
    name: "TLSError/SecretNotValid",
    title: "Secret missing or not valid",
    severity: "error",
    condition: { type: "TLSError", reason: "SecretNotValid" },
    explanation:
      "The Secret does not exist, has a type that is not used for certificates, or its certificate or key cannot be read. The whole host is not served until it is mended; without the certificate that is configured for Envoy itself, what would be spoken to over TLS is not.",
  },
  CTR124: {
    name: "TLSError/FallbackNotPresent",
    title: "No fallback certificate configured",
    severity: "error",
    condition: { type: "TLSError", reason: "FallbackNotPresent" },
    explanation:
      "The host asks for the fallback certificate, but the controller is configured with none. The whole host is not served until it is mended.",
  },
  CTR125: {
    name: "TLSError/FallbackNotDelegated",
    title: "Fallback certificate not delegated",
    severity: "error",
    condition: { type: "TLSError", reason: "FallbackNotDelegated" },
    explanation:
      "The configured fallback certificate is in a namespace that does not delegate it to this one. The whole host is not served until it is mended.",
  },
  CTR126: {
    name: "TLSError/FallbackNotValid",
    title: "Fallback certificate not valid",
    severity: "error",
    condition: { type: "TLSError", reason: "FallbackNotValid" },
    explanation:
      "The Secret of the configured fallback certificate does not exist or cannot be used. The whole host is not served until it is mended.",
  },
  CTR127: {
    name: "TLSError/ClientValidationInvalid",
    title: "Client validation not valid",
    severity: "error",
    condition: { type: "TLSError", reason: "ClientValidationInvalid" },
    explanation:
      "The Secret with trusted certificates or revocation lists is missing or cannot be used, or neither caSecret nor skipClientCertValidation is given. The whole host is not served until it is mended.",
  },
  CTR128: {
    name: "TLSError/CACertificateNotDelegated",
    title: "CA Secret of an upstream not delegated",
    severity: "error",
    condition: { type: "TLSError", reason: "CACertificateNotDelegated" },
    explanation:
      "The caSecret of an upstream validation is in another namespace that does not delegate it to this one. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR130: {
    name: "AuthError/AuthNotPermitted",
    title: "Authorization without TLS",
    severity: "error",
    condition: { type: "AuthError", reason: "AuthNotPermitted" },
    explanation:
      "A virtual host can name an authorization server only if it has tls, and without tcpproxy, whose connections nobody can check. The whole host is not served until it is mended.",
  },
  CTR131: {
    name: "AuthError/AuthBadResourceVersion",
    title: "Version of the ExtensionService unknown",
    severity: "error",
    condition: { type: "AuthError", reason: "AuthBadResourceVersion" },
    explanation:
      "extensionRef.apiVersion has to be projectcontour.io/v1alpha1, or left out. The whole host is not served until it is mended.",
  },
  CTR132: {
    name: "AuthError/ExtensionServiceNotFound",
    title: "ExtensionService missing or not valid",
    severity: "error",
    condition: { type: "AuthError", reason: "ExtensionServiceNotFound" },
    explanation:
      "The ExtensionService referred to does not exist, or has errors of its own. A host that names it is not served, since serving it without authorization would open it to everyone. Where it is that of the configuration, requests that need it are answered with 403, or pass if it says so by failOpen.",
  },
  CTR133: {
    name: "AuthError/AuthResponseTimeoutInvalid",
    title: "Timeout of the authorization not valid",
    severity: "error",
    condition: { type: "AuthError", reason: "AuthResponseTimeoutInvalid" },
    explanation:
      "responseTimeout cannot be read as a duration. The whole host is not served until it is mended.",
  },
  CTR134: {
    name: "AuthError/AuthContextForHTTP",
    title: "Context for an HTTP authorization server",
    severity: "error",
    condition: { type: "AuthError", reason: "AuthContextForHTTP" },
    explanation:
      "Context entries reach a gRPC server only; with serviceType http they would be lost. The whole host is not served until it is mended.",
  },
  CTR135: {
    name: "AuthError/AuthBadAllowedHeader",
    title: "Allowed header not valid",
    severity: "error",
    condition: { type: "AuthError", reason: "AuthBadAllowedHeader" },
    explanation:
      "An allowed header has to have exactly one of exact, prefix, suffix and contains. The whole host is not served until it is mended.",
  },
  CTR140: {
    name: "CORSError/PolicyDidNotParse",
    title: "CORS policy not valid",
    severity: "error",
    condition: { type: "CORSError", reason: "PolicyDidNotParse" },
    explanation:
      "The CORS policy has no origins or methods, an origin that is neither an origin nor a regular expression, or a maxAge that is negative or no duration. The whole host is not served until it is mended.",
  },
  CTR145: {
    name: "IPFilterError/IncompatibleIPAddressFilters",
    title: "Allow and deny together",
    severity: "error",
    condition: { type: "IPFilterError", reason: "IncompatibleIPAddressFilters" },
    explanation:
      "ipAllowPolicy and ipDenyPolicy exclude each other. On a virtual host nothing is served, on a route no route of this HTTPProxy.",
  },
  CTR146: {
    name: "IPFilterError/InvalidCIDR",
    title: "Address range not valid",
    severity: "error",
    condition: { type: "IPFilterError", reason: "InvalidCIDR" },
    explanation: "An entry of an IP filter is neither an address nor a range such as 10.0.0.0/8.",
  },
  CTR147: {
    name: "IPFilterError/IPFilterPolicyNotValid",
    title: "IP filter not valid",
    severity: "error",
    condition: { type: "IPFilterError", reason: "IPFilterPolicyNotValid" },
    explanation:
      "The IP filter of the virtual host cannot be used. The whole host is not served until it is mended.",
  },
  CTR150: {
    name: "JWTVerificationError/JWTVerificationNotPermitted",
    title: "JWT without terminated TLS",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "JWTVerificationNotPermitted" },
    explanation:
      "JWT providers need a virtual host whose TLS is terminated here, and no tcpproxy, whose connections nobody can check. The whole host is not served until it is mended.",
  },
  CTR151: {
    name: "JWTVerificationError/DuplicateProviderName",
    title: "JWT provider named twice",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "DuplicateProviderName" },
    explanation:
      "Two JWT providers have the same name. The whole host is not served until it is mended.",
  },
  CTR152: {
    name: "JWTVerificationError/MultipleDefaultProvidersSpecified",
    title: "Several default JWT providers",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "MultipleDefaultProvidersSpecified" },
    explanation:
      "At most one JWT provider can be the default. The whole host is not served until it is mended.",
  },
  CTR153: {
    name: "JWTVerificationError/JWKSSourceConflict",
    title: "Two sources of keys",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "JWKSSourceConflict" },
    explanation:
      "A JWT provider takes its keys from remoteJWKS or from localJWKS, not from both. The whole host is not served until it is mended.",
  },
  CTR154: {
    name: "JWTVerificationError/JWKSSourceMissing",
    title: "No source of keys",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "JWKSSourceMissing" },
    explanation:
      "A JWT provider needs remoteJWKS or localJWKS. The whole host is not served until it is mended.",
  },
  CTR155: {
    name: "JWTVerificationError/LocalJWKSInvalid",
    title: "Local keys not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "LocalJWKSInvalid" },
    explanation:
      "The Secret of localJWKS does not exist, is not of type Opaque, or does not hold a JSON object with a list of keys of which Envoy can use one. The whole host is not served until it is mended.",
  },
  CTR156: {
    name: "JWTVerificationError/RemoteJWKSURIInvalid",
    title: "URL of the keys not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSURIInvalid" },
    explanation: "remoteJWKS.uri is not a URL. The whole host is not served until it is mended.",
  },
  CTR157: {
    name: "JWTVerificationError/RemoteJWKSSchemeInvalid",
    title: "Scheme of the key URL not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSSchemeInvalid" },
    explanation:
      "remoteJWKS.uri has to begin with http or https. The whole host is not served until it is mended.",
  },
  CTR158: {
    name: "JWTVerificationError/RemoteJWKSPortInvalid",
    title: "Port of the key URL not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSPortInvalid" },
    explanation:
      "The port in remoteJWKS.uri is not a port. The whole host is not served until it is mended.",
  },
  CTR159: {
    name: "JWTVerificationError/RemoteJWKSUpstreamValidationInvalid",
    title: "Validation of the key server not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSUpstreamValidationInvalid" },
    explanation:
      "remoteJWKS.validation cannot be used: the URL is http, the Secret is missing or holds no certificates, or the subject names do not agree. The whole host is not served until it is mended.",
  },
  CTR160: {
    name: "JWTVerificationError/RemoteJWKSCACertificateNotDelegated",
    title: "CA Secret of the key server not delegated",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSCACertificateNotDelegated" },
    explanation:
      "The caSecret of the key server is in another namespace that does not delegate it to this one. The whole host is not served until it is mended.",
  },
  CTR161: {
    name: "JWTVerificationError/RemoteJWKSTimeoutInvalid",
    title: "Timeout of the key server not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSTimeoutInvalid" },
    explanation:
      "remoteJWKS.timeout cannot be read as a duration. The whole host is not served until it is mended.",
  },
  CTR162: {
    name: "JWTVerificationError/RemoteJWKSCacheDurationInvalid",
    title: "Cache duration of the keys not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSCacheDurationInvalid" },
    explanation:
      "remoteJWKS.cacheDuration cannot be read as a duration. The whole host is not served until it is mended.",
  },
  CTR163: {
    name: "JWTVerificationError/RemoteJWKSDNSLookupFamilyInvalid",
    title: "DNS family of the key server not valid",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "RemoteJWKSDNSLookupFamilyInvalid" },
    explanation:
      "remoteJWKS.dnsLookupFamily has to be auto, v4 or v6. The whole host is not served until it is mended.",
  },
  CTR164: {
    name: "JWTVerificationError/InvalidJWTVerificationPolicy",
    title: "JWT demanded and disabled",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "InvalidJWTVerificationPolicy" },
    explanation:
      "A route cannot both require a provider and disable verification. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR165: {
    name: "JWTVerificationError/JWTProviderNotDefined",
    title: "JWT provider not defined",
    severity: "error",
    condition: { type: "JWTVerificationError", reason: "JWTProviderNotDefined" },
    explanation:
      "A route requires a provider that its virtual host does not define, so nobody could check its tokens. The route is answered with 503. The error stands on the root.",
  },
} as const satisfies Record<string, CodeRow>;
