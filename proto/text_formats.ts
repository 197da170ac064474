import { isIPv4, isIPv6 } from "node:net";
import type { Test } from "./rulebook.ts";

/** A rule that asks for text of a form that everybody knows. */
export interface Format {
  /** As it is called in the .proto file: `hostname`. */
  readonly rule: string;
  readonly holds: (text: string) => boolean;
  /** Words that fit after the name of the field. */
  readonly words: string;
}

const isIp = (text: string) => isIPv4(text) || (isIPv6(text) && !text.includes("%"));

/** All of them but the one for headers. */
export const formats: readonly Format[] = [
  { rule: "email", holds: isEmail, words: "must be an email address" },
  { rule: "hostname", holds: isHostname, words: "must be a host name" },
  { rule: "ip", holds: isIp, words: "must be an IP address" },
  { rule: "ipv4", holds: isIPv4, words: "must be an IPv4 address" },
  { rule: "ipv6", holds: (text) => isIp(text) && !isIPv4(text), words: "must be an IPv6 address" },
  {
    rule: "uri",
    holds: (text) => /^[a-z][a-z0-9+.-]*:[^\s]*$/i.test(text),
    words: "must be a URI",
  },
  {
    rule: "uri_ref",
    holds: (text) => /^[^\s]*$/.test(text) && !/%(?![0-9a-f]{2})/i.test(text),
    words: "must be a URI or a reference to one",
  },
  {
    rule: "address",
    holds: (text) => isHostname(text) || isIp(text),
    words: "must be a host name or an IP address",
  },
  {
    rule: "uuid",
    holds: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
    words: "must be a UUID",
  },
];

function isHostname(text: string): boolean {
  return text.length <= 253 &&
    text.replace(/\.$/, "").split(".").every((label) =>
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)
    );
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  return at > 0 && text.length <= 254 && local.length <= 64 && !/[\s@<>()]/.test(local) &&
    isHostname(text.slice(at + 1));
}

/**
 * Text for HTTP headers: the rule `well_known_regex`, under its name there. Not strict, it is only
 * kept from ending the header early.
 */
export function headerText(name: string, strict: boolean): Test<string> {
  if (name !== "HTTP_HEADER_NAME" && name !== "HTTP_HEADER_VALUE") {
    throw new RangeError(`Unknown well_known_regex "${name}"`);
  }
  if (!strict) {
    return (value) => {
      if (/[\r\n]/.test(value)) return lineBreaks;
      return value.includes("\0")
        ? { rule, message: "must not contain NUL characters" }
        : undefined;
    };
  }
  if (name === "HTTP_HEADER_NAME") {
    const message = "must be the name of an HTTP header: letters, digits and !#$%&'*+,-.^_`|~ only";
    return (value) =>
      /^:?[0-9a-zA-Z!#$%&'*+,\-.^_`|~]+$/.test(value) ? undefined : { rule, message };
  }
  const message = "must not contain control characters";
  return (value) => {
    if (!hasControl(value)) return undefined;
    return /[\r\n]/.test(value) ? lineBreaks : { rule, message };
  };
}

const rule = "string.well_known_regex";
const lineBreaks = { rule, message: "must not contain line breaks" };

/** Whether there is a control character other than the tab. */
function hasControl(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x20 && code !== 0x09 || code === 0x7f) return true;
  }
  return false;
}
