import { isIP } from "node:net";
import { z } from "zod";

/** A range of addresses, `10.0.0.0/8`, or a single one. */
export const AddressRange = z.string().max(64).superRefine((text, context) => {
  if (readAddressRange(text) !== undefined) return;
  context.addIssue({
    code: "custom",
    message: "must be an address or a range of them: 10.0.0.0/8, 2001:db8::/32",
    input: text,
  });
});

/** Envoy's form of a range; `undefined`: it is none. */
export function readAddressRange(text: string): CidrRange | undefined {
  const [addressPrefix = "", length, ...more] = text.split("/");
  const version = isIP(addressPrefix);
  if (version === 0 || more.length > 0 || addressPrefix.includes("%")) return undefined;
  const whole = version === 4 ? 32 : 128;
  if (length === undefined) return { addressPrefix, prefixLen: { value: whole } };
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > whole) return undefined;
  return { addressPrefix, prefixLen: { value: Number(length) } };
}

/** See https://github.com/cncf/xds/blob/main/xds/core/v3/cidr.proto. */
export interface CidrRange {
  readonly addressPrefix: string;
  readonly prefixLen: { readonly value: number };
}
