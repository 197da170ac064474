/** What an API server takes where an HTTPProxy has such a value. */

/** A host name in lower case. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && dnsName.test(text);
}

/** `name`, or `namespace/name`. */
export function isSecretReference(text: string): boolean {
  const [namespace, name, more] = text.includes("/") ? text.split("/") : ["default", text];
  return namespace !== undefined && name !== undefined && more === undefined &&
    namespace.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace) && isHostName(name);
}

/** The name of a method or a header. */
export function isToken(text: string): boolean {
  return /^[a-zA-Z0-9!#$%&'*+.^_`|~-]+$/.test(text);
}

/** Something a header can hold. */
export function isHeaderValue(text: string): boolean {
  return /^[\x20-\x7e\x80-\uffff]+$/.test(text);
}

/** What stands for `Path` in a cookie. */
export function isCookiePath(text: string): boolean {
  return text.length <= 4096 && /^[\x20-\x3a\x3c-\x7e\x80-\uffff]+$/.test(text);
}

const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
