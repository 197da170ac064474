import { readAddressRange } from "./address_range.ts";
import type { Limit, RateLimitSettings } from "./settings.ts";

const prefix = "nginx.ingress.kubernetes.io/";

/** Annotations of ingress-nginx that limit requests. */
export const convertedAnnotations = [
  "limit-rps",
  "limit-rpm",
  "limit-burst-multiplier",
  "limit-connections",
  "limit-allowlist",
  "limit-whitelist",
].map((name) => prefix + name);

/**
 * The limits of an Ingress of ingress-nginx. There they hold for each client, in buckets that leak; the
 * burst passes at once, as with gcra here.
 * See https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#rate-limiting
 */
export function convertedLimits(values: Readonly<Record<string, string>>): Converted | undefined {
  const textOf = (name: string) => values[prefix + name]?.trim() ?? "";
  const numberOf = (name: string, otherwise: number) => {
    const text = textOf(name);
    return /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
  };
  // nginx takes 0 as none, for all of them.
  const multiplier = numberOf("limit-burst-multiplier", 5) || 5;
  const { ranges, lost } = allowed(values);
  const common: Limit = {
    by: { clientAddress: { ipv6Prefix: 128 } },
    ...(ranges.length === 0 ? {} : { except: { clientAddresses: [...ranges] } }),
  };
  const limits: Limit[] = [];
  for (const [annotation, unit] of [["limit-rps", "second"], ["limit-rpm", "minute"]] as const) {
    const requests = numberOf(annotation, 0);
    if (requests === 0) continue;
    // What comes beside the burst is the request that is there already.
    limits.push({
      name: `per-${unit}`,
      requests,
      unit,
      burst: requests * multiplier + 1,
      ...common,
    });
  }
  const concurrent = numberOf("limit-connections", 0);
  if (concurrent > 0) limits.push({ name: "at-once", concurrent, ...common });
  return limits.length === 0 ? undefined : { settings: { limits }, lost };
}

interface Converted {
  readonly settings: RateLimitSettings;
  readonly lost: readonly { readonly annotation: string; readonly why: string }[];
}

function allowed(values: Readonly<Record<string, string>>) {
  const ranges: string[] = [];
  const lost: { annotation: string; why: string }[] = [];
  for (const name of ["limit-allowlist", "limit-whitelist"]) {
    const annotation = prefix + name;
    for (const text of (values[annotation] ?? "").split(",").map((part) => part.trim())) {
      if (text === "") continue;
      if (readAddressRange(text) !== undefined) ranges.push(text);
      else lost.push({ annotation, why: `"${text}" is no range of addresses` });
    }
    // The newer name wins.
    if (ranges.length > 0) break;
  }
  return { ranges, lost };
}
