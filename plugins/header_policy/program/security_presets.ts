import type { Preset } from "../settings/security.ts";

/** A security header: the field of the settings it is set by, and its name. */
export type SecurityField = keyof typeof securityHeaders;

/** The headers by the field that sets them, in the order in which they are set. */
export const securityHeaders = {
  strictTransportSecurity: "strict-transport-security",
  contentSecurityPolicy: "content-security-policy",
  frameOptions: "x-frame-options",
  contentTypeOptions: "x-content-type-options",
  referrerPolicy: "referrer-policy",
  permissionsPolicy: "permissions-policy",
  crossOriginOpenerPolicy: "cross-origin-opener-policy",
  crossOriginEmbedderPolicy: "cross-origin-embedder-policy",
  crossOriginResourcePolicy: "cross-origin-resource-policy",
  permittedCrossDomainPolicies: "x-permitted-cross-domain-policies",
  cacheControl: "cache-control",
} as const;

/** What a preset sets, by field. */
export type PresetHeaders = Readonly<Partial<Record<SecurityField, string>>>;

const year = "max-age=31536000; includeSubDomains";

/**
 * `strict` is what OWASP proposes for all hosts, but for Clear-Site-Data, which is for logging out:
 * pages that were not written for it will break. `balanced` is meant to be put before pages as they
 * are, `api` before what is no page.
 * See https://owasp.org/www-project-secure-headers/#div-bestpractices and
 * https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
export const presetHeaders: Readonly<Record<Preset, PresetHeaders>> = {
  strict: {
    strictTransportSecurity: year,
    contentSecurityPolicy: "default-src 'self'; base-uri 'self'; form-action 'self'; " +
      "object-src 'none'; frame-ancestors 'none'; upgrade-insecure-requests",
    frameOptions: "DENY",
    contentTypeOptions: "nosniff",
    referrerPolicy: "no-referrer",
    permissionsPolicy: permissions([
      "accelerometer",
      "autoplay",
      "camera",
      "clipboard-read",
      "clipboard-write",
      "cross-origin-isolated",
      "display-capture",
      "encrypted-media",
      "fullscreen",
      "gamepad",
      "geolocation",
      "gyroscope",
      "hid",
      "idle-detection",
      "interest-cohort",
      "keyboard-map",
      "magnetometer",
      "microphone",
      "midi",
      "payment",
      "picture-in-picture",
      "publickey-credentials-get",
      "screen-wake-lock",
      "serial",
      "sync-xhr=(self)",
      "unload",
      "usb",
      "web-share",
      "xr-spatial-tracking",
    ]),
    crossOriginOpenerPolicy: "same-origin",
    crossOriginEmbedderPolicy: "require-corp",
    crossOriginResourcePolicy: "same-origin",
    permittedCrossDomainPolicies: "none",
    cacheControl: "no-store, max-age=0",
  },
  balanced: {
    strictTransportSecurity: year,
    contentSecurityPolicy: "base-uri 'self'; object-src 'none'; frame-ancestors 'self'",
    frameOptions: "SAMEORIGIN",
    contentTypeOptions: "nosniff",
    referrerPolicy: "strict-origin-when-cross-origin",
    permissionsPolicy: permissions([
      "camera",
      "geolocation",
      "hid",
      "interest-cohort",
      "microphone",
      "midi",
      "payment",
      "serial",
      "usb",
    ]),
    crossOriginOpenerPolicy: "same-origin-allow-popups",
    crossOriginResourcePolicy: "same-site",
    permittedCrossDomainPolicies: "none",
  },
  api: {
    strictTransportSecurity: year,
    contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    frameOptions: "DENY",
    contentTypeOptions: "nosniff",
    referrerPolicy: "no-referrer",
    crossOriginResourcePolicy: "same-origin",
    permittedCrossDomainPolicies: "none",
    cacheControl: "no-store",
  },
};

/**
 * Headers that tell what a Service runs on, in lower case: those OWASP names, and their like. `server`
 * is among them, but Envoy writes its own unless it is configured to let that of the Service pass.
 * See https://owasp.org/www-project-secure-headers/#prevent-information-disclosure-via-http-headers
 */
export const fingerprints: readonly string[] = [
  "$wsep",
  "host-header",
  "k-proxy-request",
  "liferay-portal",
  "oraclecommercecloud-version",
  "pega-host",
  "powered-by",
  "product",
  "server",
  "sourcemap",
  "x-aspnet-version",
  "x-aspnetmvc-version",
  "x-atmosphere-error",
  "x-atmosphere-first-request",
  "x-atmosphere-tracking-id",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-beserver",
  "x-calculatedbetarget",
  "x-cf-powered-by",
  "x-cms",
  "x-cocoon-version",
  "x-content-encoded-by",
  "x-diaginfo",
  "x-dtagentid",
  "x-dthealthcheck",
  "x-dtinjectedservlet",
  "x-envoy-attempt-count",
  "x-envoy-external-address",
  "x-envoy-internal",
  "x-envoy-original-dst-host",
  "x-envoy-upstream-service-time",
  "x-feserver",
  "x-framework",
  "x-generated-by",
  "x-generator",
  "x-jitsi-release",
  "x-kubernetes-pf-flowschema-ui",
  "x-kubernetes-pf-flowschema-uid",
  "x-kubernetes-pf-prioritylevel-uid",
  "x-litespeed-cache",
  "x-litespeed-cache-control",
  "x-litespeed-purge",
  "x-litespeed-tag",
  "x-litespeed-vary",
  "x-mod-pagespeed",
  "x-nextjs-cache",
  "x-nextjs-matched-path",
  "x-nextjs-page",
  "x-nextjs-redirect",
  "x-old-content-length",
  "x-oneagent-js-injection",
  "x-owa-version",
  "x-page-speed",
  "x-php-version",
  "x-powered-by",
  "x-powered-by-plesk",
  "x-powered-cms",
  "x-redirect-by",
  "x-ruxit-js-agent",
  "x-runtime",
  "x-server-powered-by",
  "x-sourcefiles",
  "x-sourcemap",
  "x-turbo-charged-by",
  "x-umbraco-version",
  "x-varnish-backend",
  "x-varnish-server",
  "x-version",
];

function permissions(features: readonly string[]): string {
  return features.map((feature) => feature.includes("=") ? feature : `${feature}=()`).join(", ");
}
