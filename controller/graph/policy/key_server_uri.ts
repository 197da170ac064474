import { isIPv4, isIPv6 } from "node:net";
import type { ConditionName } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { KeyServer } from "../model.ts";

/** An address of keys, taken apart. */
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
    new Fault(reason, `Spec.VirtualHost.JWTProviders.RemoteJWKS.URI is invalid: ${message}`, "uri");
  if (!/^[\x21-\x7e]*$/.test(text)) {
    return fault(uriInvalid, "it holds characters that a URI cannot");
  }
  const [, schemeText = "", rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/.exec(text) ?? [];
  const scheme = schemeText.toLowerCase();
  if (scheme !== "http" && scheme !== "https") {
    const found = scheme === "" ? "none" : `"${scheme}"`;
    return fault(
      "JWTVerificationError/RemoteJWKSSchemeInvalid",
      `its scheme has to be http or https, not ${found}`,
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
  if (port < 1 || port > 65_535) {
    return fault(
      "JWTVerificationError/RemoteJWKSPortInvalid",
      `port ${portText} is not between 1 and 65535`,
    );
  }
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  const place = portText ? `${bracketed}:${port}` : bracketed;
  const path = tail.startsWith("/") ? tail : `/${tail}`;
  return { scheme, host, port, uri: `${scheme}://${place}${path}` };
}

/** Ports that need not be written. */
export const defaultPorts = { http: 80, https: 443 } as const;

type Reason = Extract<ConditionName, `JWTVerificationError/RemoteJWKS${string}`>;

const uriInvalid: Reason = "JWTVerificationError/RemoteJWKSURIInvalid";

function isHost(host: string, written: string): boolean {
  if (written.startsWith("[")) return isIPv6(host) && !host.includes("%");
  return isIPv4(host) || (host.length <= 253 && dnsName.test(host));
}

/** Without underscores, which Envoy does not take. */
const dnsName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/;
