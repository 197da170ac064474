import { fqdnPattern } from "./kinds/patterns.ts";

/**
 * Reads the host name of a virtual host. Letters are lowered, since DNS and HTTP do not tell case
 * apart; one leading `*.` is allowed and stands for exactly one label.
 */
export function parseFqdn(text: string): FqdnResult {
  const host = text.toLowerCase();
  if (host === "") return { ok: false, message: "host name is empty" };
  if (host === "*") {
    return { ok: false, message: `a bare "*" is not a host name: write "*.example.com"` };
  }
  if (!fqdnPattern.test(host)) return { ok: false, message: `"${text}" is not a host name` };
  const name = host.startsWith("*.") ? host.slice(2) : host;
  if (name.length > 253) return { ok: false, message: "host name is longer than 253 characters" };
  if (name.split(".").some((label) => label.length > 63)) {
    return { ok: false, message: `a label of "${text}" is longer than 63 characters` };
  }
  return { ok: true, fqdn: { host, wildcard: host !== name } };
}

/** A host name that passed {@link parseFqdn}. */
export interface Fqdn {
  /** Lower case, with the leading `*.` if there is one. */
  readonly host: string;
  readonly wildcard: boolean;
}

/** The name, or why the text is not one. */
export type FqdnResult =
  | { readonly ok: true; readonly fqdn: Fqdn }
  | { readonly ok: false; readonly message: string };

/** Whether the host name covers every name of one label more. */
export function isWildcard(host: string): boolean {
  return host.startsWith("*.");
}
