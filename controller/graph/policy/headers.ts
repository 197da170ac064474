import { type ConditionName, goQuoted } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { HeaderMutation, HostRewrite } from "../model.ts";
import type { HeadersPolicy } from "../http_proxy/spec.ts";
import { escapeHeaderValue, type Variables } from "./header_value.ts";

/**
 * A headers policy in Envoy's terms, or what is wrong with it. `variables` are the controller's own,
 * usable as `%NAME%` in values. Where a policy may set `Host` at all, its value is used as it
 * stands: no escaping, no variables.
 */
export function headersPolicy(
  policy: HeadersPolicy | undefined,
  { variables, host }: { readonly variables: Variables; readonly host: "allowed" | "forbidden" },
): HeadersResult {
  if (policy === undefined) return { ok: true, ...noHeaders };
  const set = new Map<string, string>();
  let literal: string | undefined;
  let fromHeader: string | undefined;
  for (const [i, { name, value }] of (policy.set ?? []).entries()) {
    const canonical = canonicalHeaderName(name);
    const wrong = (message: string): HeadersResult => ({ ok: false, message, path: `set[${i}]` });
    if (canonical === "Host") {
      if (host === "forbidden") return wrong(`rewriting "Host" header is not supported`);
      const reference = hostReference.exec(value)?.[1];
      if (reference === undefined) literal = value;
      else fromHeader = canonicalHeaderName(reference);
      continue;
    }
    if (set.has(canonical)) return wrong(`duplicate header addition: ${goQuoted(canonical)}`);
    if (!headerName.test(canonical)) return wrong(invalidName("set header", canonical));
    set.set(canonical, escapeHeaderValue(value, variables));
  }
  const remove = new Set<string>();
  for (const [i, name] of (policy.remove ?? []).entries()) {
    const canonical = canonicalHeaderName(name);
    const wrong = (message: string): HeadersResult => ({
      ok: false,
      message,
      path: `remove[${i}]`,
    });
    if (remove.has(canonical)) return wrong(`duplicate header removal: ${goQuoted(canonical)}`);
    if (!headerName.test(canonical)) return wrong(invalidName("remove header", canonical));
    // Contour lets this pass, and Envoy then refuses the whole route table.
    if (canonical === "Host") return wrong(`the "Host" header cannot be removed`);
    remove.add(canonical);
  }
  const mutation: HeaderMutation = {
    set: [...set].map(([name, value]) => ({ name, value })).sort((a, b) => byText(a.name, b.name)),
    remove: [...remove].sort(byText),
  };
  if (literal !== undefined) {
    return { ok: true, mutation, hostRewrite: { kind: "literal", host: literal } };
  }
  if (fromHeader !== undefined) {
    return { ok: true, mutation, hostRewrite: { kind: "header", name: fromHeader } };
  }
  return { ok: true, mutation };
}

/** The fault for a headers policy that cannot be used, in a field of that name. */
export function headersFault(
  condition: ConditionName,
  field: "requestHeadersPolicy" | "responseHeadersPolicy",
  { message, path }: { readonly message: string; readonly path: string },
): Fault {
  const where = field === "requestHeadersPolicy" ? "request headers" : "response headers";
  return new Fault(condition, `${message} on ${where}`, path).under(field);
}

/** What is said of a name that no header of a policy can have, as Kubernetes puts it. */
export function invalidName(what: string, name: string): string {
  const rule =
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
  return `invalid ${what} ${goQuoted(name)}: [${rule}]`;
}

/** Whether a value for `Host` stands for that of another header. */
export function dynamicHost(value: string): boolean {
  return hostReference.test(value);
}

/** What a headers policy comes to. */
export type HeadersResult =
  | { readonly ok: true; readonly mutation: HeaderMutation; readonly hostRewrite?: HostRewrite }
  | { readonly ok: false; readonly message: string; readonly path: string };

/** A policy that changes nothing. */
export const noHeaders: { readonly mutation: HeaderMutation } = {
  mutation: { set: [], remove: [] },
};

/** `x-foo-bar` as `X-Foo-Bar`; a name with characters no header can have stays as it is. */
export function canonicalHeaderName(name: string): string {
  if (!headerToken.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** What a header name may look like in a policy. */
export const headerName = /^[-A-Za-z0-9]+$/;

const headerToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const hostReference = /%REQ\(([A-Za-z0-9-]+)\)%/;

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
