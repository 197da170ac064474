/** The examples, each broken in one place, and what is said of it. */

/** One edit of one example. */
export interface BrokenVariant {
  readonly example: string;
  /** A text that stands there once, and what stands there instead. */
  readonly edit: readonly [find: string, replace: string];
  /** The condition or the code that is raised, and where. Those that follow from it come after. */
  readonly problems: readonly Expected[];
}

/** `<object> <path>: <type>/<reason>`, with the HTTPProxy `shop` left out: it is that of most examples. */
export type Expected = string;

function variant(
  example: string,
  find: string,
  replace: string,
  ...problems: readonly Expected[]
): BrokenVariant {
  return { example, edit: [find, replace], problems };
}

const service = "spec.routes[0].services[0]";
const host = "spec.virtualhost";

/** By the type of the condition that is raised. */
export const brokenVariants: Readonly<Record<string, readonly BrokenVariant[]>> = {
  SpecError: [
    variant(
      "virtual-host/virtual-host.yaml",
      "  routes:\n    - services:\n        - name: shop\n          port: 80\n",
      "",
      "spec: SpecError/NothingDefined",
    ),
    variant(
      "load-balancing/request-hash.yaml",
      "headerName: x-user",
      "headerName: x user",
      "spec.routes[0].loadBalancerPolicy.requestHashPolicies[0]: SpecError/IgnoredField",
    ),
    variant(
      "load-balancing/request-hash.yaml",
      "            terminal: true\n          - queryParameterHashOptions:",
      "            hashSourceIP: true\n          - queryParameterHashOptions:",
      "spec.routes[0].loadBalancerPolicy.requestHashPolicies[0]: SpecError/IgnoredField",
    ),
    variant(
      "authorization/grpc.yaml",
      "  timeoutPolicy:\n    response: 1s",
      "  timeoutPolicy:\n    response: h",
      "ExtensionService/security/gate spec.timeoutPolicy.response: SpecError/TimeoutPolicyNotValid",
      "spec.virtualhost.authorization.extensionRef.name: AuthError/ExtensionServiceNotFound",
    ),
    variant(
      "authorization/grpc.yaml",
      "    caSecret: ca\n",
      "    caSecret: nobody\n",
      "ExtensionService/security/gate spec.validation.caSecret: SpecError/TLSUpstreamValidation",
      "spec.virtualhost.authorization.extensionRef.name: AuthError/ExtensionServiceNotFound",
    ),
    variant(
      "authorization/grpc.yaml",
      "  protocol: h2\n",
      "  protocol: h2c\n",
      "ExtensionService/security/gate spec.validation: SpecError/InconsistentProtocol",
      "spec.virtualhost.authorization.extensionRef.name: AuthError/ExtensionServiceNotFound",
    ),
  ],
  VirtualHostError: [
    variant(
      "includes/includes.yaml",
      "  name: labs\nspec:\n  routes",
      "  name: labs\nspec:\n  virtualhost:\n    fqdn: shop.includes.example.com\n  routes",
      "HTTPProxy/includes/labs spec.virtualhost.fqdn: VirtualHostError/DuplicateVhost",
      "spec.virtualhost.fqdn: VirtualHostError/DuplicateVhost",
      "HTTPProxy/team-blog/blog : Orphaned/Orphaned",
    ),
    variant(
      "rate-limits/global.yaml",
      "- remoteAddress: {}",
      "- {}",
      `${host}.rateLimitPolicy.global.descriptors[0].entries[0]: VirtualHostError/RateLimitPolicyNotValid`,
    ),
    variant(
      "rate-limits/global.yaml",
      "- remoteAddress: {}",
      "- { remoteAddress: {}, genericKey: { value: a } }",
      `${host}.rateLimitPolicy.global.descriptors[0].entries[0]: VirtualHostError/RateLimitPolicyNotValid`,
    ),
  ],
  RootNamespaceError: [
    variant(
      "virtual-host/virtual-host.yaml",
      "# All requests",
      "# settings: { rootNamespaces: [platform] }\n# All requests",
      "metadata.namespace: RootNamespaceError/RootProxyNotAllowedInNamespace",
    ),
  ],
  Orphaned: [
    variant(
      "includes/includes.yaml",
      "    - name: labs\n      conditions:\n        - prefix: /labs\n        - header:\n            name: x-beta\n            present: true\n",
      "",
      "HTTPProxy/includes/labs : Orphaned/Orphaned",
    ),
  ],
  TLSError: [
    variant(
      "tls/tls.yaml",
      `minimumProtocolVersion: "1.2"\n      maximumProtocolVersion: "1.3"`,
      `minimumProtocolVersion: "1.3"\n      maximumProtocolVersion: "1.2"`,
      `${host}.tls.minimumProtocolVersion: TLSError/TLSConfigNotValid`,
    ),
    variant(
      "tls/tls.yaml",
      "      secretName: shop-tls\n",
      "      secretName: shop-tls\n      passthrough: true\n",
      `${host}.tls: TLSError/TLSConfigNotValid`,
    ),
    variant(
      "tls/tls.yaml",
      "      secretName: shop-tls\n",
      "",
      `${host}.tls: TLSError/TLSConfigNotValid`,
    ),
    variant(
      "tls/tls.yaml",
      "      secretName: shop-tls\n",
      "      secretName: nobody\n",
      `${host}.tls.secretName: TLSError/SecretNotValid`,
    ),
    variant(
      "tls/tls.yaml",
      "for shop.tls.example.com",
      "for shop.tls.example.com (wrong-key)",
      `${host}.tls.secretName: TLSError/SecretNotValid`,
    ),
    variant(
      "tls/delegation.yaml",
      "        - team-news",
      "        - team-shop",
      `HTTPProxy/team-news/news ${host}.tls.secretName: TLSError/DelegationNotPermitted`,
    ),
    variant(
      "tls/fallback-certificate.yaml",
      "        - tls-fallback-certificate",
      "        - team",
      `${host}.tls.enableFallbackCertificate: TLSError/FallbackNotDelegated`,
    ),
    variant(
      "tls/fallback-certificate.yaml",
      "{ name: fallback, namespace",
      "{ name: nobody, namespace",
      `${host}.tls.enableFallbackCertificate: TLSError/FallbackNotDelegated`,
    ),
    variant(
      "tls/fallback-certificate.yaml",
      "for fallback.tls-fallback-certificate.example.com",
      "for fallback.tls-fallback-certificate.example.com (no-pem)",
      `${host}.tls.enableFallbackCertificate: TLSError/FallbackNotValid`,
    ),
    variant(
      "tls/fallback-certificate.yaml",
      "{ tls: { fallback-certificate: { name: fallback, namespace: projectcontour } } }",
      "{}",
      `${host}.tls.enableFallbackCertificate: TLSError/FallbackNotPresent`,
    ),
    variant(
      "tls/fallback-certificate.yaml",
      "      enableFallbackCertificate: true",
      "      enableFallbackCertificate: true\n      clientValidation: { skipClientCertValidation: true }",
      `${host}.tls.enableFallbackCertificate: TLSError/TLSIncompatibleFeatures`,
    ),
    variant(
      "tcp-proxy/passthrough.yaml",
      "      passthrough: true",
      "      passthrough: true\n      clientValidation: { skipClientCertValidation: true }",
      `HTTPProxy/tcp-proxy-passthrough/vault ${host}.tls.clientValidation: TLSError/TLSIncompatibleFeatures`,
    ),
    variant(
      "tcp-proxy/passthrough.yaml",
      "      passthrough: true",
      "      passthrough: true\n      enableFallbackCertificate: true",
      `HTTPProxy/tcp-proxy-passthrough/vault ${host}.tls.enableFallbackCertificate: TLSError/TLSIncompatibleFeatures`,
    ),
    variant(
      "client-certificates/client-certificates.yaml",
      "caSecret: client-ca",
      "caSecret: nobody",
      `${host}.tls.clientValidation.caSecret: TLSError/ClientValidationInvalid`,
    ),
    variant(
      "client-certificates/client-certificates.yaml",
      "        caSecret: client-ca\n        crlSecret: revoked\n",
      "",
      `${host}.tls.clientValidation: TLSError/ClientValidationInvalid`,
    ),
    variant(
      "client-certificates/client-certificates.yaml",
      "crlSecret: revoked",
      "crlSecret: client-ca",
      `${host}.tls.clientValidation.crlSecret: TLSError/ClientValidationInvalid`,
    ),
    variant(
      "client-certificates/client-certificates.yaml",
      "caSecret: client-ca",
      "caSecret: pki/client-ca",
      `${host}.tls.clientValidation.caSecret: TLSError/DelegationNotPermitted`,
    ),
    variant(
      "upstream-tls/upstream-tls.yaml",
      "caSecret: service-ca",
      "caSecret: pki/service-ca",
      `${service}.validation.caSecret: TLSError/CACertificateNotDelegated`,
    ),
  ],
  AuthError: [
    variant(
      "authorization/grpc.yaml",
      "    tls:\n      secretName: shop-tls\n",
      "",
      `${host}.authorization: AuthError/AuthNotPermitted`,
    ),
    variant(
      "authorization/grpc.yaml",
      "        namespace: security\n        name: gate\n",
      "        namespace: security\n        name: nobody\n",
      `${host}.authorization.extensionRef.name: AuthError/ExtensionServiceNotFound`,
    ),
    variant(
      "authorization/grpc.yaml",
      "        namespace: security\n",
      "        apiVersion: projectcontour.io/v2\n        namespace: security\n",
      `${host}.authorization.extensionRef.apiVersion: AuthError/AuthBadResourceVersion`,
    ),
    variant(
      "authorization/grpc.yaml",
      "responseTimeout: 500ms",
      "responseTimeout: ms",
      `${host}.authorization.responseTimeout: AuthError/AuthResponseTimeoutInvalid`,
    ),
    variant(
      "authorization/http.yaml",
      "      httpSettings:\n",
      "      authPolicy: { context: { realm: shop } }\n      httpSettings:\n",
      `${host}.authorization.authPolicy.context: AuthError/AuthContextForHTTP`,
    ),
    variant(
      "authorization/http.yaml",
      "          - exact: cookie",
      "          - { exact: cookie, prefix: c }",
      `${host}.authorization.httpSettings.allowedAuthorizationHeaders[0]: CTR005`,
    ),
  ],
  CORSError: [
    variant(
      "cors/cors.yaml",
      "https://[a-z]+[.]team[.]cors[.]example[.]com",
      "^https://([a-z]+[.]team[.]cors[.]example[.]com",
      `HTTPProxy/cors/api ${host}.corsPolicy.allowOrigin[1]: CORSError/PolicyDidNotParse`,
    ),
    variant(
      "cors/cors.yaml",
      "maxAge: 10m",
      "maxAge: m",
      `HTTPProxy/cors/api ${host}.corsPolicy.maxAge: CORSError/PolicyDidNotParse`,
    ),
  ],
  IPFilterError: [
    variant(
      "ip-filters/ip-filters.yaml",
      "    ipAllowPolicy:\n",
      "    ipDenyPolicy: [{ source: Peer, cidr: 10.0.0.0/8 }]\n    ipAllowPolicy:\n",
      `${host}.ipDenyPolicy: IPFilterError/IncompatibleIPAddressFilters`,
    ),
    variant(
      "ip-filters/ip-filters.yaml",
      "      ipDenyPolicy:\n",
      "      ipAllowPolicy: [{ source: Peer, cidr: 10.0.0.0/8 }]\n      ipDenyPolicy:\n",
      "spec.routes[1].ipDenyPolicy: IPFilterError/IncompatibleIPAddressFilters",
    ),
    variant(
      "ip-filters/ip-filters.yaml",
      "cidr: 192.0.2.0/24",
      "cidr: 192.0.2.0/33",
      `${host}.ipAllowPolicy[0].cidr: IPFilterError/InvalidCIDR`,
    ),
    variant(
      "ip-filters/ip-filters.yaml",
      "cidr: 198.51.100.7",
      "cidr: everyone",
      "spec.routes[1].ipDenyPolicy[0].cidr: IPFilterError/InvalidCIDR",
    ),
  ],
  JWTVerificationError: [
    variant(
      "jwt/local.yaml",
      "    tls:\n      secretName: shop-tls\n",
      "",
      `${host}.jwtProviders: JWTVerificationError/JWTVerificationNotPermitted`,
    ),
    variant(
      "jwt/remote.yaml",
      "      - name: partners\n",
      "      - name: accounts\n",
      `${host}.jwtProviders[1].name: JWTVerificationError/DuplicateProviderName`,
    ),
    variant(
      "jwt/remote.yaml",
      "      - name: partners\n",
      "      - name: partners\n        default: true\n",
      `${host}.jwtProviders[1].default: JWTVerificationError/MultipleDefaultProvidersSpecified`,
    ),
    variant(
      "jwt/remote.yaml",
      "        remoteJWKS:\n          uri: https://partners",
      "        localJWKS: { secretName: keys, key: keys }\n        remoteJWKS:\n          uri: https://partners",
      `${host}.jwtProviders[1]: CTR005`,
    ),
    variant(
      "jwt/local.yaml",
      "          key: jwks.json",
      "          key: nobody",
      `${host}.jwtProviders[0].localJWKS: JWTVerificationError/LocalJWKSInvalid`,
    ),
    variant(
      "jwt/local.yaml",
      `      "keys": [`,
      `      "locks": [`,
      `${host}.jwtProviders[0].localJWKS: JWTVerificationError/LocalJWKSInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "uri: https://accounts.example.com/keys",
      `uri: "https://accounts example com/keys"`,
      `${host}.jwtProviders[0].remoteJWKS.uri: JWTVerificationError/RemoteJWKSURIInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "uri: https://partners.example.net/keys",
      "uri: ftp://partners.example.net/keys",
      `${host}.jwtProviders[1].remoteJWKS.uri: JWTVerificationError/RemoteJWKSSchemeInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "uri: https://partners.example.net/keys",
      "uri: https://partners.example.net:0/keys",
      `${host}.jwtProviders[1].remoteJWKS.uri: JWTVerificationError/RemoteJWKSPortInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "uri: https://accounts.example.com/keys",
      "uri: http://accounts.example.com/keys",
      `${host}.jwtProviders[0].remoteJWKS.validation: JWTVerificationError/RemoteJWKSUpstreamValidationInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "caSecret: issuer-ca",
      "caSecret: nobody",
      `${host}.jwtProviders[0].remoteJWKS.validation.caSecret: JWTVerificationError/RemoteJWKSUpstreamValidationInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "caSecret: issuer-ca",
      "caSecret: pki/issuer-ca",
      `${host}.jwtProviders[0].remoteJWKS.validation.caSecret: JWTVerificationError/RemoteJWKSCACertificateNotDelegated`,
    ),
    variant(
      "jwt/remote.yaml",
      "timeout: 1s",
      "timeout: s",
      `${host}.jwtProviders[0].remoteJWKS.timeout: JWTVerificationError/RemoteJWKSTimeoutInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "cacheDuration: 5m",
      "cacheDuration: m",
      `${host}.jwtProviders[0].remoteJWKS.cacheDuration: JWTVerificationError/RemoteJWKSCacheDurationInvalid`,
    ),
    variant(
      "jwt/remote.yaml",
      "        require: partners",
      "        require: partners\n        disabled: true",
      "spec.routes[1].jwtVerificationPolicy: JWTVerificationError/InvalidJWTVerificationPolicy",
    ),
    variant(
      "jwt/remote.yaml",
      "        require: partners",
      "        require: strangers",
      "spec.routes[1].jwtVerificationPolicy.require: JWTVerificationError/JWTProviderNotDefined",
    ),
  ],
  IncludeError: [
    variant(
      "includes/includes.yaml",
      "        - prefix: /blog",
      "        - exact: /blog",
      "spec.includes[0].conditions[0].exact: IncludeError/PathMatchConditionsNotValid",
      "HTTPProxy/team-blog/blog : Orphaned/Orphaned",
    ),
    variant(
      "includes/includes.yaml",
      "        - prefix: /blog",
      "        - prefix: blog",
      "spec.includes[0].conditions[0].prefix: IncludeError/PathMatchConditionsNotValid",
      "HTTPProxy/team-blog/blog : Orphaned/Orphaned",
    ),
    variant(
      "includes/includes.yaml",
      "    - name: labs\n      conditions:\n        - prefix: /labs\n        - header:\n            name: x-beta\n            present: true\n",
      "    - name: labs\n      conditions:\n        - prefix: /blog\n",
      "spec.includes[1].conditions: IncludeError/DuplicateMatchConditions",
      "HTTPProxy/includes/labs : Orphaned/Orphaned",
    ),
    variant(
      "includes/includes.yaml",
      "      namespace: team-blog\n      conditions",
      "      namespace: team-log\n      conditions",
      "spec.includes[0].name: IncludeError/IncludeNotFound",
      "HTTPProxy/team-blog/blog : Orphaned/Orphaned",
    ),
    variant(
      "includes/includes.yaml",
      "  name: labs\nspec:\n  routes",
      "  name: labs\nspec:\n  virtualhost: { fqdn: labs.example.com }\n  routes",
      "spec.includes[1].name: IncludeError/RootIncludesRoot",
    ),
    variant(
      "includes/includes.yaml",
      "  name: labs\nspec:\n  routes",
      "  name: labs\nspec:\n  includes: [{ name: labs }]\n  routes",
      "HTTPProxy/includes/labs : IncludeError/IncludeCreatesCycle",
    ),
  ],
  RouteError: [
    variant(
      "redirects/direct-response.yaml",
      "    - directResponsePolicy:\n        statusCode: 503\n        body: We are moving. Come back tomorrow.\n",
      "    - {}\n",
      "spec.routes[0]: RouteError/RouteActionCountNotValid",
    ),
    variant(
      "redirects/direct-response.yaml",
      "    - directResponsePolicy:\n        statusCode: 503",
      "    - requestRedirectPolicy: { path: / }\n      directResponsePolicy:\n        statusCode: 503",
      "spec.routes[0]: RouteError/RouteActionCountNotValid",
    ),
    variant(
      "conditions/paths.yaml",
      "        - exact: /favicon.ico",
      "        - exact: favicon.ico",
      "spec.routes[2].conditions[0].exact: RouteError/PathMatchConditionsNotValid",
    ),
    variant(
      "conditions/paths.yaml",
      "        - prefix: /blog",
      "        - prefix: /blog\n        - prefix: /news",
      "spec.routes[1].conditions[1].prefix: RouteError/PathMatchConditionsNotValid",
    ),
    variant(
      "conditions/paths.yaml",
      "        - regex: /[a-z]{2}/help/.*",
      `        - regex: "/[a-z{2}/help/.*"`,
      "spec.routes[3].conditions[0].regex: RouteError/PathMatchConditionsNotValid",
    ),
    variant(
      "conditions/headers.yaml",
      "            regex: de(-[A-Z]+)?.*",
      `            regex: "de(-[A-Z]+"`,
      "spec.routes[3].conditions[0].header: RouteError/HeaderMatchConditionsNotValid",
    ),
    variant(
      "conditions/headers.yaml",
      "            name: x-team\n            exact: platform\n",
      "            name: x-team\n            exact: platform\n        - header:\n            name: x-team\n            exact: shop\n",
      "spec.routes[2].conditions[2].header: RouteError/HeaderMatchConditionsNotValid",
    ),
    variant(
      "conditions/query-parameters.yaml",
      "            exact: picture\n",
      "            exact: picture\n            prefix: pic\n",
      "HTTPProxy/conditions-query-parameters/search spec.routes[1].conditions[1].queryParameter: RouteError/QueryParameterMatchConditionsNotValid",
    ),
    variant(
      "conditions/query-parameters.yaml",
      "            exact: picture\n            ignoreCase: true\n",
      "",
      "HTTPProxy/conditions-query-parameters/search spec.routes[1].conditions[1].queryParameter: RouteError/QueryParameterMatchConditionsNotValid",
    ),
    variant(
      "headers/headers.yaml",
      "          - name: x-client\n",
      `          - name: "x client"\n`,
      "spec.routes[0].requestHeadersPolicy.set[0]: RouteError/RequestHeadersPolicyInvalid",
    ),
    variant(
      "headers/headers.yaml",
      "          - x-powered-by",
      "          - x powered by",
      "spec.routes[0].responseHeadersPolicy.remove[0]: RouteError/ResponseHeaderPolicyInvalid",
    ),
    variant(
      "headers/cookies.yaml",
      "            - name: basket\n              sameSite: Strict\n",
      "            - name: basket\n",
      `${service}.cookieRewritePolicies[0]: RouteError/CookieRewritePoliciesInvalid`,
    ),
    variant(
      "headers/cookies.yaml",
      "        - name: session\n",
      "        - { name: session, secure: true }\n        - name: session\n",
      "spec.routes[0].cookieRewritePolicies[1]: RouteError/CookieRewritePoliciesInvalid",
    ),
    variant(
      "timeouts/timeouts.yaml",
      "        response: 10s",
      "        response: s",
      "spec.routes[0].timeoutPolicy.response: RouteError/TimeoutPolicyNotValid",
    ),
    variant(
      "timeouts/timeouts.yaml",
      "        idle: 30s",
      "        idle: .s",
      "spec.routes[1].timeoutPolicy.idle: RouteError/TimeoutPolicyNotValid",
    ),
    variant(
      "rate-limits/local.yaml",
      "- name: retry-after",
      "- name: retry after",
      "spec.routes[1].rateLimitPolicy.local.responseHeadersToAdd[0]: RouteError/RateLimitPolicyNotValid",
    ),
    variant(
      "redirects/redirect.yaml",
      "        prefix: /catalog\n",
      "        prefix: /catalog\n        path: /\n",
      "spec.routes[0].requestRedirectPolicy.prefix: RouteError/RequestRedirectPolicy",
    ),
    variant(
      "health-checks/health-checks.yaml",
      "          - start: 200\n            end: 300",
      "          - start: 300\n            end: 200",
      "spec.routes[0].healthCheckPolicy.expectedStatuses[0]: RouteError/HealthCheckPolicyInvalid",
    ),
  ],
  PrefixReplaceError: [
    variant(
      "path-rewrite/path-rewrite.yaml",
      "        - prefix: /v2",
      "        - exact: /v2",
      "HTTPProxy/path-rewrite/api spec.routes[0].pathRewritePolicy: PrefixReplaceError/MustHavePrefix",
    ),
    variant(
      "path-rewrite/path-rewrite.yaml",
      "          - prefix: /legacy/v1",
      "          - prefix: /v1",
      "HTTPProxy/path-rewrite/api spec.routes[1].pathRewritePolicy.replacePrefix[1]: PrefixReplaceError/DuplicateReplacement",
    ),
    variant(
      "path-rewrite/path-rewrite.yaml",
      "          - replacement: /\n",
      "          - replacement: /\n          - replacement: /x\n",
      "HTTPProxy/path-rewrite/api spec.routes[0].pathRewritePolicy.replacePrefix[1]: PrefixReplaceError/AmbiguousReplacement",
    ),
  ],
  ServiceError: [
    variant(
      "virtual-host/virtual-host.yaml",
      "        - name: shop\n          port: 80\n---",
      "        - name: shopp\n          port: 80\n---",
      `${service}.name: ServiceError/ServiceUnresolvedReference`,
    ),
    variant(
      "virtual-host/virtual-host.yaml",
      "        - name: shop\n          port: 80\n---",
      "        - name: shop\n          port: 81\n---",
      `${service}.port: ServiceError/ServiceUnresolvedReference`,
    ),
    variant(
      "virtual-host/virtual-host.yaml",
      "        - name: shop\n          port: 80\n---",
      "        - name: shop\n          port: 0\n---",
      `${service}.port: CTR005`,
    ),
    variant(
      "health-checks/health-checks.yaml",
      "healthPort: 8081",
      "healthPort: 8082",
      `${service}.healthPort: ServiceError/ServiceUnresolvedReference`,
    ),
    variant(
      "external-name/external-name.yaml",
      "{ enableExternalNameService: true }",
      "{}",
      `HTTPProxy/external-name/legacy ${service}.name: ServiceError/ServiceUnresolvedReference`,
    ),
    variant(
      "external-name/external-name.yaml",
      "externalName: legacy.example.net",
      "externalName: localhost",
      `HTTPProxy/external-name/legacy ${service}.name: ServiceError/ServiceUnresolvedReference`,
    ),
    variant(
      "protocols/grpc.yaml",
      "protocol: h2c",
      "protocol: h3",
      `HTTPProxy/protocols-grpc/api ${service}.protocol: CTR005`,
    ),
    variant(
      "upstream-tls/upstream-tls.yaml",
      "caSecret: service-ca",
      "caSecret: nobody",
      `${service}.validation.caSecret: ServiceError/TLSUpstreamValidation`,
    ),
    variant(
      "upstream-tls/upstream-tls.yaml",
      "              - shop.internal\n",
      "",
      `${service}.validation: CTR005`,
    ),
    variant(
      "headers/headers.yaml",
      "              - name: x-service\n",
      `              - name: "x service"\n`,
      `${service}.requestHeadersPolicy.set[0]: ServiceError/RequestHeadersPolicyInvalid`,
    ),
    variant(
      "headers/headers.yaml",
      "              - server-timing",
      "              - server timing",
      `${service}.responseHeadersPolicy.remove[0]: ServiceError/ResponseHeadersPolicyInvalid`,
    ),
    variant(
      "load-balancing/slow-start.yaml",
      "window: 30s",
      "window: s",
      `${service}.slowStartPolicy.window: ServiceError/SlowStartInvalid`,
    ),
    variant(
      "load-balancing/slow-start.yaml",
      "strategy: WeightedLeastRequest",
      "strategy: Random",
      `${service}.slowStartPolicy: ServiceError/SlowStartInvalid`,
    ),
    variant(
      "weights/mirror.yaml",
      "        - name: shop-next\n",
      "        - { name: shop, port: 80, mirror: true }\n        - name: shop-next\n",
      "spec.routes[0].services[2].mirror: ServiceError/OnlyOneMirror",
    ),
    variant(
      "authorization/http.yaml",
      "    - name: gate\n      port: 8080\n",
      "    - name: gates\n      port: 8080\n",
      "ExtensionService/authorization-http/gate spec.services[0].name: ServiceError/ServiceUnresolvedReference",
      `${host}.authorization.extensionRef.name: AuthError/ExtensionServiceNotFound`,
    ),
  ],
  TCPProxyError: [
    variant(
      "tcp-proxy/passthrough.yaml",
      "    tls:\n      passthrough: true\n",
      "",
      "HTTPProxy/tcp-proxy-passthrough/vault spec.tcpproxy: TCPProxyError/TLSMustBeConfigured",
    ),
    variant(
      "tcp-proxy/include.yaml",
      "    include:\n",
      "    services: [{ name: vault, port: 443 }]\n    include:\n",
      "HTTPProxy/tcp-proxy-include/vault spec.tcpproxy: TCPProxyError/NoServicesAndInclude",
      "HTTPProxy/team-vault/vault : Orphaned/Orphaned",
    ),
    variant(
      "tcp-proxy/passthrough.yaml",
      "    services:\n      - name: vault\n        port: 443\n        weight: 90\n      - name: vault-next\n        port: 443\n        weight: 10\n",
      "    services: []\n",
      "HTTPProxy/tcp-proxy-passthrough/vault spec.tcpproxy: TCPProxyError/NothingDefined",
    ),
    variant(
      "tcp-proxy/terminated.yaml",
      "        port: 5432\n",
      "        port: 5433\n",
      "HTTPProxy/tcp-proxy-terminated/database spec.tcpproxy.services[0].port: TCPProxyError/ServiceUnresolvedReference",
    ),
    variant(
      "tcp-proxy/terminated.yaml",
      "strategy: WeightedLeastRequest",
      "strategy: Cookie",
      "HTTPProxy/tcp-proxy-terminated/database spec.tcpproxy.loadBalancerPolicy.strategy: TCPProxyError/IgnoredField",
    ),
  ],
  TCPProxyIncludeError: [
    variant(
      "tcp-proxy/include.yaml",
      "      namespace: team-vault\n",
      "      namespace: team-faults\n",
      "HTTPProxy/tcp-proxy-include/vault spec.tcpproxy.include: TCPProxyIncludeError/IncludeNotFound",
      "HTTPProxy/team-vault/vault : Orphaned/Orphaned",
    ),
    variant(
      "tcp-proxy/include.yaml",
      "  name: vault\nspec:\n  tcpproxy",
      "  name: vault\nspec:\n  virtualhost: { fqdn: other.example.com, tls: { passthrough: true } }\n  tcpproxy",
      "HTTPProxy/tcp-proxy-include/vault spec.tcpproxy.include: TCPProxyIncludeError/RootIncludesRoot",
    ),
    variant(
      "tcp-proxy/include.yaml",
      "  tcpproxy:\n    services:\n      - name: vault\n        port: 443\n",
      "  tcpproxy: { include: { name: vault } }\n",
      "HTTPProxy/team-vault/vault spec.tcpproxy.include: TCPProxyIncludeError/IncludeCreatesCycle",
    ),
  ],
  Reading: [
    variant(
      "virtual-host/virtual-host.yaml",
      "    fqdn: shop.virtual-host.example.com",
      "    fqdn: Shop.virtual-host.example.com",
      `${host}.fqdn: CTR005`,
    ),
    variant(
      "virtual-host/virtual-host.yaml",
      "    fqdn: shop.virtual-host.example.com",
      "    host: shop.virtual-host.example.com",
      `${host}.host: CTR003`,
      `${host}.fqdn: CTR006`,
    ),
    variant(
      "retries/retries.yaml",
      "        count: 2",
      "        count: two",
      "spec.routes[0].retryPolicy.count: CTR004",
    ),
  ],
};
