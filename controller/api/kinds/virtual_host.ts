import { z } from "zod";
import { AuthorizationServer } from "./authorization.ts";
import type { Immutable } from "./immutable.ts";
import { corsTokenPattern, fqdnPattern } from "./patterns.ts";
import { RateLimitPolicy } from "./rate_limit_policy.ts";
import { UpstreamValidation } from "./upstream_validation.ts";
import {
  duration,
  durationOrZero,
  matching,
  nonEmpty,
  pluginSettings,
  withRule,
} from "./values.ts";

/** How certificates of clients are asked for and checked. */
export const DownstreamValidation = z.object({
  caSecret: nonEmpty().optional().describe(
    "Secret with the trusted certificates under ca.crt, as name or namespace/name.",
  ),
  skipClientCertValidation: z.boolean().optional().describe(
    "Asks for certificates but takes any.",
  ),
  optionalClientCertificate: z.boolean().optional().describe(
    "Lets clients connect that have no certificate.",
  ),
  forwardClientCertificate: z.object({
    subject: z.boolean().optional().describe("The subject."),
    cert: z.boolean().optional().describe("The certificate, as URL-encoded PEM."),
    chain: z.boolean().optional().describe("The whole chain, as URL-encoded PEM."),
    dns: z.boolean().optional().describe("The DNS names."),
    uri: z.boolean().optional().describe("The URIs."),
  }).optional().describe(
    "What x-forwarded-client-cert tells the upstream of the certificate.",
  ),
  crlSecret: nonEmpty().optional().describe(
    "Secret with revocation lists under crl.pem, as name or namespace/name.",
  ),
  crlOnlyVerifyLeafCert: z.boolean().optional().describe(
    "Looks up the client's own certificate alone in the revocation lists.",
  ),
});
/** See {@link DownstreamValidation}. */
export type DownstreamValidation = Immutable<z.infer<typeof DownstreamValidation>>;

/** TLS of a virtual host: terminated here or passed through. */
export const TLS = z.object({
  secretName: z.string().optional().describe(
    "Secret with certificate and key, as name or namespace/name. Not with passthrough.",
  ),
  minimumProtocolVersion: z.string().optional().describe(
    "Lowest TLS version, 1.2 or 1.3; anything else is 1.2.",
  ),
  maximumProtocolVersion: z.string().optional().describe(
    "Highest TLS version, 1.2 or 1.3; anything else is 1.3.",
  ),
  passthrough: z.boolean().optional().describe(
    "Hands the encrypted bytes to tcpproxy instead of terminating TLS.",
  ),
  clientValidation: DownstreamValidation.optional().describe("Certificates of clients."),
  enableFallbackCertificate: z.boolean().optional().describe(
    "Also serves clients whose SNI matches no host, with the configured fallback certificate.",
  ),
});
/** See {@link TLS}. */
export type TLS = Immutable<z.infer<typeof TLS>>;

const token = matching(corsTokenPattern, "a token as in RFC 9110");

/** Cross-origin resource sharing of a virtual host. */
export const CORSPolicy = z.object({
  allowCredentials: z.boolean().optional().describe("Allows requests with credentials."),
  allowOrigin: z.array(z.string()).min(1).describe(
    "Origins: *, an exact scheme://host:port, or an RE2 expression.",
  ),
  allowMethods: z.array(token).min(1).describe("Value of access-control-allow-methods."),
  allowHeaders: z.array(token).min(1).optional().describe("Value of access-control-allow-headers."),
  exposeHeaders: z.array(token).min(1).optional().describe(
    "Value of access-control-expose-headers.",
  ),
  maxAge: durationOrZero().optional().describe(
    "How long browsers may keep the answer to a preflight request; 0 forbids it.",
  ),
  allowPrivateNetwork: z.boolean().optional().describe("Allows requests to private networks."),
});
/** See {@link CORSPolicy}. */
export type CORSPolicy = Immutable<z.infer<typeof CORSPolicy>>;

/** Where the keys of a JWT issuer come from, and how tokens are checked against them. */
export const JWTProvider = withRule(
  z.object({
    name: nonEmpty().describe("Name by which routes refer to the provider."),
    default: z.boolean().optional().describe("Applies to every route that says nothing else."),
    issuer: z.string().optional().describe("What iss has to be."),
    audiences: z.array(z.string()).optional().describe("Values of which aud has to hold one."),
    forwardJWT: z.boolean().optional().describe("Leaves the token in the upstream request."),
    remoteJWKS: z.object({
      uri: nonEmpty().describe("Where the keys are fetched, by http or https."),
      validation: UpstreamValidation.optional().describe("How that server is checked."),
      timeout: duration().optional().describe("Time for fetching; 1s if left out."),
      cacheDuration: duration().optional().describe("Time the keys are kept; 5m if left out."),
      dnsLookupFamily: z.enum(["auto", "v4", "v6"]).optional().describe(
        "Which addresses of the server to use.",
      ),
    }).optional().describe("Keys fetched from a URL."),
    localJWKS: z.object({
      secretName: nonEmpty().describe("Secret in the namespace of the HTTPProxy."),
      key: nonEmpty().describe("Key of the Secret that holds the JSON."),
    }).optional().describe("Keys in a Secret."),
  }),
  {
    cel: "has(self.remoteJWKS) != has(self.localJWKS)",
    message: "exactly one of remoteJWKS and localJWKS must be set",
    holds: ({ remoteJWKS, localJWKS }) => (remoteJWKS === undefined) !== (localJWKS === undefined),
  },
);
/** See {@link JWTProvider}. */
export type JWTProvider = Immutable<z.infer<typeof JWTProvider>>;

/** Addresses that are let in, or kept out. */
export const IPFilterPolicy = z.object({
  source: z.enum(["Peer", "Remote"]).describe(
    "Peer is the other end of the connection, Remote the client behind trusted proxies.",
  ),
  cidr: z.string().describe("A range such as 10.0.0.0/8, or a single address."),
});
/** See {@link IPFilterPolicy}. */
export type IPFilterPolicy = Immutable<z.infer<typeof IPFilterPolicy>>;

/** A host name and what holds for all its routes. Its presence makes an HTTPProxy a root. */
export const VirtualHost = z.object({
  fqdn: matching(fqdnPattern, "a host name in lower case such as www.example.com or *.example.com")
    .min(1).describe("The host name; a leading *. covers one label."),
  tls: TLS.optional().describe("Serves the host over TLS."),
  authorization: AuthorizationServer.optional().describe("Asks a server about each request."),
  corsPolicy: CORSPolicy.optional().describe("Cross-origin resource sharing."),
  rateLimitPolicy: RateLimitPolicy.optional().describe("Rate limits of the host as a whole."),
  jwtProviders: z.array(JWTProvider).optional().describe("Who issues tokens that are checked."),
  ipAllowPolicy: z.array(IPFilterPolicy).optional().describe(
    "Lets in these addresses alone. Not with ipDenyPolicy.",
  ),
  ipDenyPolicy: z.array(IPFilterPolicy).optional().describe(
    "Keeps out these addresses. Not with ipAllowPolicy.",
  ),
  plugins: pluginSettings().optional().describe(
    "Policies of plugins for the host as a whole, by the name of the field that the plugin says.",
  ),
});
/** See {@link VirtualHost}. */
export type VirtualHost = Immutable<z.infer<typeof VirtualHost>>;
