/** Where something listens. */
import { isIP } from "node:net";
import type { Message } from "../../proto/mod.ts";

/** A TCP address or the path of a unix socket. */
export type Address =
  | { readonly address: string; readonly port: number }
  | { readonly path: string };

/**
 * Reads what people write: `host:port` or `[v6]:port` is TCP, anything with a `/` is the path of a
 * socket. Answers nothing for other texts and for ports out of range.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes("/")) return { path: text };
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text);
  const address = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (!address || !(port <= 65_535)) return undefined;
  if (parts?.[1] && isIP(address) !== 6) return undefined;
  return { address, port };
}

/** As people write it. */
export function formatAddress(at: Address): string {
  if ("path" in at) return at.path;
  return at.address.includes(":") ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
}

/** As an `envoy.config.core.v3.Address`. A socket is made readable to all, writable to Envoy. */
export function addressMessage(at: Address): Message {
  if ("path" in at) return { pipe: { path: at.path, mode: 0o644 } };
  return { socketAddress: { protocol: "TCP", address: at.address, portValue: at.port } };
}
