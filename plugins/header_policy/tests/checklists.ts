/**
 * What others ask of the headers of responses, in our words: the checklists that the presets are held
 * against.
 */

/** One thing that a list asks for. */
export interface Item {
  readonly header: string;
  /** Whether the value, `undefined` where there is none, will do. */
  readonly holds: (value: string | undefined) => boolean;
}

const is = (...values: readonly string[]) => (value: string | undefined) =>
  value !== undefined && values.includes(value.toLowerCase());
const lasts = (seconds: number) => (value: string | undefined) =>
  Number(/^max-age=(\d+)/.exec(value ?? "")?.[1] ?? 0) >= seconds;
const hasDirective = (wanted: string) => (value: string | undefined) =>
  (value ?? "").split(";").map((directive) => directive.trim()).includes(wanted);
const isGone = (value: string | undefined) => value === undefined;

/**
 * The values that the OWASP Secure Headers Project proposes to add to all responses, but for
 * Clear-Site-Data, and block-all-mixed-content, which browsers no longer know.
 * See https://owasp.org/www-project-secure-headers/#div-bestpractices
 */
export const owaspProposal: readonly Item[] = [
  { header: "strict-transport-security", holds: is("max-age=31536000; includesubdomains") },
  { header: "x-frame-options", holds: is("deny") },
  { header: "x-content-type-options", holds: is("nosniff") },
  ...[
    "default-src 'self'",
    "form-action 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "upgrade-insecure-requests",
  ].map((directive) => ({
    header: "content-security-policy",
    holds: hasDirective(directive),
  })),
  { header: "x-permitted-cross-domain-policies", holds: is("none") },
  { header: "referrer-policy", holds: is("no-referrer") },
  { header: "cross-origin-embedder-policy", holds: is("require-corp") },
  { header: "cross-origin-opener-policy", holds: is("same-origin") },
  { header: "cross-origin-resource-policy", holds: is("same-origin") },
  ...[
    "accelerometer",
    "autoplay",
    "camera",
    "cross-origin-isolated",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "keyboard-map",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "web-share",
    "xr-spatial-tracking",
    "clipboard-read",
    "clipboard-write",
    "gamepad",
    "hid",
    "idle-detection",
    "interest-cohort",
    "serial",
    "unload",
  ].map((feature) => ({
    header: "permissions-policy",
    holds: (value: string | undefined) => (value ?? "").split(", ").includes(`${feature}=()`),
  })),
  { header: "cache-control", holds: is("no-store, max-age=0") },
];

/**
 * Headers that the same project wants gone, one of each family. `server` is not among them: Envoy
 * writes it after all filters.
 */
export const owaspRemovals: readonly string[] = [
  "Liferay-Portal",
  "X-Turbo-Charged-By",
  "X-Powered-By",
  "X-Server-Powered-By",
  "X-Powered-CMS",
  "SourceMap",
  "X-AspNetMvc-Version",
  "X-AspNet-Version",
  "X-Redirect-By",
  "X-Generator",
  "X-Generated-By",
  "X-CMS",
  "X-Powered-By-Plesk",
  "X-Php-Version",
  "Powered-By",
  "X-Content-Encoded-By",
  "Product",
  "X-CF-Powered-By",
  "X-Framework",
  "Host-Header",
  "X-Mod-Pagespeed",
  "X-Varnish-Backend",
  "X-B3-TraceId",
  "X-Nextjs-Page",
  "X-OWA-Version",
  "X-Litespeed-Cache",
  "$wsep",
];

/**
 * What the HTTP Observatory of Mozilla takes points away for, where it is not there.
 * See https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
 */
export const observatory: readonly Item[] = [
  { header: "strict-transport-security", holds: lasts(15_768_000) },
  { header: "content-security-policy", holds: (value) => value !== undefined },
  { header: "content-security-policy", holds: hasNone(["'unsafe-inline'", "'unsafe-eval'", "*"]) },
  { header: "x-content-type-options", holds: is("nosniff") },
  { header: "x-frame-options", holds: is("deny", "sameorigin") },
  {
    header: "referrer-policy",
    holds: is("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"),
  },
  {
    header: "cross-origin-resource-policy",
    holds: is("same-origin", "same-site", "cross-origin"),
  },
];

/**
 * What OWASP asks of every answer of an API.
 * See https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
export const restCheatSheet: readonly Item[] = [
  { header: "cache-control", holds: is("no-store") },
  { header: "content-security-policy", holds: hasDirective("frame-ancestors 'none'") },
  { header: "strict-transport-security", holds: lasts(31_536_000) },
  { header: "x-content-type-options", holds: is("nosniff") },
  { header: "x-frame-options", holds: is("deny") },
  { header: "referrer-policy", holds: is("no-referrer") },
  { header: "x-powered-by", holds: isGone },
];

function hasNone(words: readonly string[]): Item["holds"] {
  return (value) => !(value ?? "").split(/[ ;]+/).some((word) => words.includes(word));
}
