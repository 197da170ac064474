import type { CodeRow } from "./row.ts";

/** CTR170 to CTR299: conditions about includes, routes, services and TCP proxies. */
export const routeConditionCodes = {
  CTR170: {
    name: "IncludeError/PathMatchConditionsNotValid",
    title: "Path conditions of an include not valid",
    severity: "error",
    condition: { type: "IncludeError", reason: "PathMatchConditionsNotValid" },
    explanation:
      "An include takes at most one prefix, which begins with a slash, and neither exact nor regex. Only this include is skipped.",
  },
  CTR171: {
    name: "IncludeError/DuplicateMatchConditions",
    title: "Include repeats conditions",
    severity: "error",
    condition: { type: "IncludeError", reason: "DuplicateMatchConditions" },
    explanation:
      "An earlier include of the same HTTPProxy has the same conditions, so this one could never match. Only this include is skipped.",
  },
  CTR172: {
    name: "IncludeError/IncludeNotFound",
    title: "Included HTTPProxy not found",
    severity: "error",
    condition: { type: "IncludeError", reason: "IncludeNotFound" },
    explanation:
      "The HTTPProxy to include does not exist, or belongs to another class. Requests under the conditions of the include are answered with 502.",
  },
  CTR173: {
    name: "IncludeError/RootIncludesRoot",
    title: "Root includes a root",
    severity: "error",
    condition: { type: "IncludeError", reason: "RootIncludesRoot" },
    explanation:
      "An HTTPProxy with a virtualhost cannot be included. Requests under the conditions of the include are answered with 502.",
  },
  CTR174: {
    name: "IncludeError/IncludeCreatesCycle",
    title: "Include leads back to itself",
    severity: "error",
    condition: { type: "IncludeError", reason: "IncludeCreatesCycle" },
    explanation:
      "Following the includes comes back to an HTTPProxy that is already on the way. The include that closes the circle is skipped.",
  },
  CTR180: {
    name: "RouteError/RouteActionCountNotValid",
    title: "Route without a single action",
    severity: "error",
    condition: { type: "RouteError", reason: "RouteActionCountNotValid" },
    explanation:
      "A route does exactly one thing: it has services, a requestRedirectPolicy or a directResponsePolicy. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR181: {
    name: "RouteError/PathMatchConditionsNotValid",
    title: "Path conditions of a route not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "PathMatchConditionsNotValid" },
    explanation:
      "A route has at most one of prefix, exact and regex; each begins with a slash, and a regex has to be one RE2 understands. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR182: {
    name: "RouteError/HeaderMatchConditionsNotValid",
    title: "Header conditions not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "HeaderMatchConditionsNotValid" },
    explanation:
      "Header conditions, those of the includes among them, contradict each other so that no request could match, or a regex is not one RE2 understands.",
  },
  CTR183: {
    name: "RouteError/QueryParameterMatchConditionsNotValid",
    title: "Query parameter conditions not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "QueryParameterMatchConditionsNotValid" },
    explanation:
      "A query parameter condition needs exactly one operator, two exact conditions on one parameter exclude each other, and a regex has to be one RE2 understands.",
  },
  CTR184: {
    name: "RouteError/RequestHeadersPolicyInvalid",
    title: "Request headers policy not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "RequestHeadersPolicyInvalid" },
    explanation:
      "The policy sets or removes a header twice, or a header name holds anything but letters, digits and hyphens. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR185: {
    name: "RouteError/ResponseHeaderPolicyInvalid",
    title: "Response headers policy not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "ResponseHeaderPolicyInvalid" },
    explanation:
      "The policy sets or removes a header twice, sets Host, or a header name holds anything but letters, digits and hyphens. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR186: {
    name: "RouteError/CookieRewritePoliciesInvalid",
    title: "Cookie rewriting not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "CookieRewritePoliciesInvalid" },
    explanation:
      "A cookie stands in the list twice, or nothing is said of what to change. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR187: {
    name: "RouteError/TimeoutPolicyNotValid",
    title: "Timeout of a route not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "TimeoutPolicyNotValid" },
    explanation:
      "A timeout cannot be read as a duration such as 500ms, 30s or infinity. A number needs its unit. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR188: {
    name: "RouteError/RateLimitPolicyNotValid",
    title: "Rate limit of a route not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "RateLimitPolicyNotValid" },
    explanation:
      "The rate limit policy cannot be used: a descriptor entry without exactly one field, or a header name that is not one. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR189: {
    name: "RouteError/RequestRedirectPolicy",
    title: "Redirect with path and prefix",
    severity: "error",
    condition: { type: "RouteError", reason: "RequestRedirectPolicy" },
    explanation:
      "A redirect replaces the whole path or the matched prefix, not both. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR190: {
    name: "RouteError/HealthCheckPolicyInvalid",
    title: "Health check not valid",
    severity: "error",
    condition: { type: "RouteError", reason: "HealthCheckPolicyInvalid" },
    explanation:
      "The expected status codes of a health check are outside 100 to 599, or a range ends before it begins. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR195: {
    name: "PrefixReplaceError/MustHavePrefix",
    title: "Prefix replaced without a prefix",
    severity: "error",
    condition: { type: "PrefixReplaceError", reason: "MustHavePrefix" },
    explanation:
      "A prefix can be replaced only on a route whose path condition is a prefix. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR196: {
    name: "PrefixReplaceError/DuplicateReplacement",
    title: "Two replacements of one prefix",
    severity: "error",
    condition: { type: "PrefixReplaceError", reason: "DuplicateReplacement" },
    explanation:
      "The same prefix has two replacements. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR197: {
    name: "PrefixReplaceError/AmbiguousReplacement",
    title: "Two default replacements",
    severity: "error",
    condition: { type: "PrefixReplaceError", reason: "AmbiguousReplacement" },
    explanation:
      "At most one replacement may leave out its prefix. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR200: {
    name: "ServiceError/ServicePortInvalid",
    title: "Service port out of range",
    severity: "error",
    condition: { type: "ServiceError", reason: "ServicePortInvalid" },
    explanation:
      "A service port has to be between 1 and 65535. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR201: {
    name: "ServiceError/ServiceUnresolvedReference",
    title: "Service or port not found",
    severity: "error",
    condition: { type: "ServiceError", reason: "ServiceUnresolvedReference" },
    explanation:
      "The Service does not exist in the namespace of the object, or has no such TCP port, or is of type ExternalName and such services are not enabled. It gets no traffic; a route left without any service answers 503.",
  },
  CTR202: {
    name: "ServiceError/UnsupportedProtocol",
    title: "Protocol of a service unknown",
    severity: "error",
    condition: { type: "ServiceError", reason: "UnsupportedProtocol" },
    explanation:
      "The protocol of a service has to be h2, h2c or tls, or left out. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR203: {
    name: "ServiceError/TLSUpstreamValidation",
    title: "Validation of an upstream not valid",
    severity: "error",
    condition: { type: "ServiceError", reason: "TLSUpstreamValidation" },
    explanation:
      "The validation of a service cannot be used: its Secret is missing or holds no certificates, or the subject names do not agree. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR204: {
    name: "ServiceError/RequestHeadersPolicyInvalid",
    title: "Request headers policy of a service not valid",
    severity: "error",
    condition: { type: "ServiceError", reason: "RequestHeadersPolicyInvalid" },
    explanation:
      "The policy of the service, or the configured default, sets or removes a header twice, or a header name holds anything but letters, digits and hyphens. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR205: {
    name: "ServiceError/ResponseHeadersPolicyInvalid",
    title: "Response headers policy of a service not valid",
    severity: "error",
    condition: { type: "ServiceError", reason: "ResponseHeadersPolicyInvalid" },
    explanation:
      "The policy of the service, or the configured default, sets or removes a header twice, sets Host, or a header name holds anything but letters, digits and hyphens. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR206: {
    name: "ServiceError/SlowStartInvalid",
    title: "Slow start not valid",
    severity: "error",
    condition: { type: "ServiceError", reason: "SlowStartInvalid" },
    explanation:
      "Slow start needs the strategy RoundRobin or WeightedLeastRequest, a window that is a duration, and an aggression that is a number. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR207: {
    name: "ServiceError/OnlyOneMirror",
    title: "Two mirrors in a route",
    severity: "error",
    condition: { type: "ServiceError", reason: "OnlyOneMirror" },
    explanation:
      "A route may have one mirror. No route of this HTTPProxy is served, nor what it includes; other HTTPProxies of the host are.",
  },
  CTR208: {
    name: "ServiceError/UnsupportedServiceType",
    title: "Service of an unusable type",
    severity: "error",
    condition: { type: "ServiceError", reason: "UnsupportedServiceType" },
    explanation: "An ExtensionService cannot use a Service with an externalName.",
  },
  CTR215: {
    name: "TCPProxyError/TLSMustBeConfigured",
    title: "TCP proxy without TLS",
    severity: "error",
    condition: { type: "TCPProxyError", reason: "TLSMustBeConfigured" },
    explanation:
      "A tcpproxy tells hosts apart by SNI, so its root needs tls. The whole host is not served until it is mended.",
  },
  CTR216: {
    name: "TCPProxyError/NoServicesAndInclude",
    title: "TCP proxy with services and include",
    severity: "error",
    condition: { type: "TCPProxyError", reason: "NoServicesAndInclude" },
    explanation: "A tcpproxy has services or an include, not both.",
  },
  CTR217: {
    name: "TCPProxyError/NothingDefined",
    title: "TCP proxy without content",
    severity: "error",
    condition: { type: "TCPProxyError", reason: "NothingDefined" },
    explanation: "A tcpproxy needs services or an include.",
  },
  CTR218: {
    name: "TCPProxyError/ServiceUnresolvedReference",
    title: "Service of a TCP proxy not found",
    severity: "error",
    condition: { type: "TCPProxyError", reason: "ServiceUnresolvedReference" },
    explanation:
      "A Service of the tcpproxy does not exist or has no such TCP port. The tcpproxy as a whole is not served.",
  },
  CTR219: {
    name: "TCPProxyError/IgnoredField",
    title: "Field without effect on a TCP proxy",
    severity: "warning",
    condition: { type: "TCPProxyError", reason: "IgnoredField" },
    explanation: "The strategies Cookie and RequestHash need HTTP; the tcpproxy uses RoundRobin.",
  },
  CTR225: {
    name: "TCPProxyIncludeError/IncludeNotFound",
    title: "HTTPProxy of a TCP proxy not found",
    severity: "error",
    condition: { type: "TCPProxyIncludeError", reason: "IncludeNotFound" },
    explanation:
      "The HTTPProxy that the tcpproxy includes does not exist, or belongs to another class.",
  },
  CTR226: {
    name: "TCPProxyIncludeError/RootIncludesRoot",
    title: "TCP proxy includes a root",
    severity: "error",
    condition: { type: "TCPProxyIncludeError", reason: "RootIncludesRoot" },
    explanation: "The HTTPProxy that a tcpproxy includes must not have a virtualhost.",
  },
  CTR227: {
    name: "TCPProxyIncludeError/IncludeCreatesCycle",
    title: "TCP proxy include leads back to itself",
    severity: "error",
    condition: { type: "TCPProxyIncludeError", reason: "IncludeCreatesCycle" },
    explanation:
      "Following the includes of the tcpproxy comes back to an HTTPProxy that is already on the way.",
  },
} as const satisfies Record<string, CodeRow>;
