import { isIPv4, isIPv6 } from "node:net";
import { type ConditionName, goQuoted } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { KeyServer } from "../model.ts";
import { goUrlProblem } from "./go_url.ts";

/** An address of keys, taken apart; see {@link keyServerPortFault} too. */
export interface KeyServerUri extends Pick<KeyServer, "scheme" | "host" | "port"> {
  /** As Envoy gets it: scheme and host in lower case, with a path, without a fragment. */
  readonly uri: string;
}

/**
 * Reads `remoteJWKS.uri`. Stricter than Go's `net/url`: what Envoy would refuse is told here, since
 * it would refuse it together with every host that is served over TLS.
 */
export function keyServerUri(text: string): KeyServerUri | Fault {
  const fault = (reason: Reason, message: string) =>
    new Fault(reason, `${field} is invalid: ${message}`, "uri");
  const problem = goUrlProblem(text);
  if (problem !== undefined) return fault(uriInvalid, problem);
  if (!/^[\x21-\x7e]*$/.test(text)) {
    return fault(uriInvalid, "it holds characters that a URI cannot");
  }
  const [, schemeText = "", rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/.exec(text) ?? [];
  const scheme = schemeText.toLowerCase();
  if (scheme !== "http" && scheme !== "https") {
    return new Fault(
      "JWTVerificationError/RemoteJWKSSchemeInvalid",
      `${field} has invalid scheme ${goQuoted(scheme)}, must be http or https`,
      "uri",
    );
  }
  const [, authority = "", tail = ""] = /^\/\/([^/?#]*)([^#]*)/.exec(rest) ?? [];
  const [, hostText = "", portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  const host = hostText.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (host === "") return fault(uriInvalid, "it has no host");
  if (!isHost(host, hostText)) return fault(uriInvalid, `"${hostText}" is no host`);
  if (portText !== undefined && !/^\d*$/.test(portText)) {
    return fault(uriInvalid, `"${portText}" is no port`);
  }
  const port = portText ? Number(portText) : defaultPorts[scheme];
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  const place = portText ? `${bracketed}:${portText.replace(/^0+(?=\d)/, "")}` : bracketed;
  const path = tail.startsWith("/") ? tail : `/${tail}`;
  return { scheme, host, port, uri: `${scheme}://${place}${path}` };
}

/** What is wrong with the port of an address; told when all else is well. */
export function keyServerPortFault({ port, uri }: KeyServerUri): Fault | undefined {
  if (port >= 1 && port <= 65_535) return undefined;
  const [, written = ""] = /:(\d+)(?:\/|$)/.exec(uri.slice("https:".length)) ?? [];
  const message = port > 2 ** 63
    ? `strconv.Atoi: parsing ${goQuoted(written)}: value out of range`
    : `${written} is not between 1 and 65535`;
  return new Fault(
    "JWTVerificationError/RemoteJWKSPortInvalid",
    `${field} has an invalid port: ${message}`,
    "uri",
  );
}

/** Ports that need not be written. */
export const defaultPorts = { http: 80, https: 443 } as const;

const field = "Spec.VirtualHost.JWTProviders.RemoteJWKS.URI";

type Reason = Extract<ConditionName, `JWTVerificationError/RemoteJWKS${string}`>;

const uriInvalid: Reason = "JWTVerificationError/RemoteJWKSURIInvalid";

function isHost(host: string, written: string): boolean {
  if (written.startsWith("[")) return isIPv6(host) && !host.includes("%");
  return isIPv4(host) || (host.length <= 253 && dnsName.test(host));
}

/** Without underscores, which Envoy does not take. */
const dnsName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/;
