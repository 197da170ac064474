import { isIPv4, isIPv6 } from "node:net";
import type { IPFilterPolicy } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { IpFilter, IpRange } from "../model.ts";

/**
 * The address filter of a host or route from its two lists, of which one at most may be given.
 * `undefined`: neither is. Any range that is none makes the whole filter unusable: what is left of a
 * list could let in whom its author wanted to keep out.
 */
export function ipFilter(
  allow: readonly IPFilterPolicy[] = [],
  deny: readonly IPFilterPolicy[] = [],
): IpFilterResult | undefined {
  if (allow.length > 0 && deny.length > 0) {
    const fault = new Fault(
      "IPFilterError/IncompatibleIPAddressFilters",
      "cannot specify both `ipAllowPolicy` and `ipDenyPolicy`",
      "ipDenyPolicy",
    );
    return { faults: [fault], fatal: fault.message };
  }
  const [list, field, action] = allow.length > 0
    ? [allow, "ipAllowPolicy", "allow"] as const
    : [deny, "ipDenyPolicy", "deny"] as const;
  if (list.length === 0) return undefined;
  const ranges: IpRange[] = [];
  const faults: Fault[] = [];
  let fatal: string | undefined;
  for (const [i, { source, cidr }] of list.entries()) {
    const range = parseCidr(cidr);
    fatal = typeof range === "string" ? range : undefined;
    if (typeof range !== "string") {
      ranges.push({ source: source === "Peer" ? "peer" : "remote", ...range });
      continue;
    }
    const message = `${cidr} failed to parse: ${range}`;
    faults.push(new Fault("IPFilterError/InvalidCIDR", message, `${field}[${i}].cidr`));
  }
  if (faults.length === 0) return { action, ranges };
  return { faults, ...(fatal === undefined ? {} : { fatal }) };
}

/** The filter, or what is wrong with it. */
export type IpFilterResult = IpFilter | FaultyIpFilter;

/** What is wrong with a filter. */
export interface FaultyIpFilter {
  readonly faults: readonly Fault[];
  /**
   * For what Contour looks no further: something wrong with the last range. It goes on when that is a
   * good one.
   */
  readonly fatal?: string;
}

/** The range with its host bits cleared, or why the text is none. A bare address is a range of one. */
export function parseCidr(text: string): Omit<IpRange, "source"> | string {
  const [address = "", length, more] = text.split("/");
  const bytes = isIPv4(address)
    ? address.split(".").map(Number)
    : isIPv6(address) && !address.includes("%")
    ? ipv6Bytes(address)
    : undefined;
  if (bytes === undefined || more !== undefined) return invalidCidr(text);
  const bits = bytes.length * 8;
  const prefixLength = length === undefined ? bits : Number(length);
  if ((length !== undefined && !/^\d{1,3}$/.test(length)) || prefixLength > bits) {
    return invalidCidr(text);
  }
  const masked = bytes.map((byte, i) => {
    const kept = Math.max(0, Math.min(8, prefixLength - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return { address: bytes.length === 4 ? masked.join(".") : ipv6Text(masked), prefixLength };
}

/** As Go says it of a range, to which Contour makes addresses first. */
function invalidCidr(text: string): string {
  const length = text.includes("/") ? "" : text.includes(":") ? "/128" : "/32";
  return `invalid CIDR address: ${text}${length}`;
}

function ipv6Bytes(address: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const [, head = "", tail = ""] = dotted ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
  const groups = dotted === null
    ? address
    : `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  const [left = "", right] = groups.split("::");
  const list = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const front = list(left);
  const back = right === undefined ? [] : list(right);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]);
}

function ipv6Text(bytes: readonly number[]): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[i * 2] ?? 0) * 256 + (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}
