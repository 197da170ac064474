/**
 * What parts of a request can look like, as regular expressions: those that clients send, Envoy takes,
 * and takes as they are. With other characters a client has to write `%C3%A9`.
 */

const percent = "%(?:2[0-9A-CFa-cf]|3[A-Fa-f]|40|5[BDEbde]|60|7[B-Db-d]|[89A-Fa-f][0-9A-Fa-f])";
const segmentChar = "[A-Za-z0-9._~!$&'()*+,;=:@-]";
const unlikeDot = `(?:[A-Za-z0-9_~!$&'()*+,;=:@-]|${percent})`;
const anyChar = `(?:${segmentChar}|${percent})`;
/** Neither empty nor one or two dots, which are resolved before anything is compared. */
const segment = `(?:${unlikeDot}${anyChar}*|\\.${unlikeDot}${anyChar}*|\\.\\.${anyChar}+)`;

/** A path as it is compared: normalized, without its query string. */
export const pathPattern = `/(?:${segment}(?:/${segment})*/?)?`;

/** The value of a query parameter, as written. */
export const queryValuePattern = "(?:[A-Za-z0-9._~!$'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*";

/** The value of a header: what spaces there are at its ends is no part of it. */
export const headerValuePattern = "(?:[!-~](?:[ -~]*[!-~])?)?";

/** A label of a host name, and a port behind it. */
export const labelPattern = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
export const portPattern = "(?::[1-9][0-9]{0,4})?";

/** The methods that Envoy takes, those that people use first; CONNECT is no request for a path. */
export const methods: readonly string[] = [
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "COPY",
  "LOCK",
  "MKCOL",
  "MOVE",
  "PROPFIND",
  "PROPPATCH",
  "SEARCH",
  "UNLOCK",
  "BIND",
  "REBIND",
  "UNBIND",
  "ACL",
  "REPORT",
  "MKACTIVITY",
  "CHECKOUT",
  "MERGE",
  "M-SEARCH",
  "NOTIFY",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "PURGE",
  "MKCALENDAR",
  "LINK",
  "UNLINK",
];
