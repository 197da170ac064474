import type { Workshop } from "../workshop.ts";
import { nginxAnnotations } from "./rows.ts";

/** What the ConfigMap of ingress-nginx says, as far as it changes what Ingresses mean. */
export interface NginxConfig {
  /** Values of annotations that an Ingress leaves out, by the name of the annotation. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Whether addresses of clients come from a proxy in front. */
  readonly trustsForwarded: boolean;
  /** Absent when it is switched off. */
  readonly hsts?: string;
  readonly redirectCode: 301 | 302 | 307 | 308;
}

/** Reads the ConfigMap of the controller, if it is among the files, and notes each key of it. */
export function nginxConfig(
  { sources, notes, options: { nginxConfigMap } }: Workshop,
): NginxConfig {
  const [, map] =
    [...sources.configMaps].sort().find(([id]) =>
      nginxConfigMap === undefined ? usualNames.test(id) : id === nginxConfigMap
    ) ?? [];
  const data = map?.data ?? {};
  const rows = new Set(nginxAnnotations.flatMap(({ rows }) => rows.map(({ name }) => name)));
  for (const [key, value] of Object.entries(data)) {
    if (map === undefined) break;
    const isRead = rows.has(key) || otherKeys.has(key);
    notes.add(map.note, `data["${key}"]`, {
      verdict: isRead ? "kept" : "lost",
      subject: `${key}: ${JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)}`,
      message: isRead
        ? "taken for what Ingresses leave out"
        : "has no part in the conversion: see whether the configuration of Contour has the like",
      place: { within: "nowhere" },
    });
  }
  const isOn = (key: string, otherwise: boolean) =>
    data[key] === undefined ? otherwise : /^(1|t|true)$/i.test(data[key]);
  const subdomains = isOn("hsts-include-subdomains", true) ? "; includeSubDomains" : "";
  const preload = isOn("hsts-preload", false) ? "; preload" : "";
  const code = Number(data["http-redirect-code"]);
  return {
    defaults: Object.fromEntries(Object.entries(data).filter(([key]) => rows.has(key))),
    trustsForwarded: isOn("use-forwarded-headers", false) || isOn("use-proxy-protocol", false) ||
      isOn("enable-real-ip", false),
    redirectCode: code === 301 || code === 302 || code === 307 ? code : 308,
    ...(isOn("hsts", true)
      ? { hsts: `max-age=${data["hsts-max-age"] ?? "31536000"}${subdomains}${preload}` }
      : {}),
  };
}

const usualNames = /\/(ingress-nginx-controller|nginx-configuration|nginx-ingress-controller)$/;

const otherKeys = new Set([
  "hsts",
  "hsts-include-subdomains",
  "hsts-max-age",
  "hsts-preload",
  "http-redirect-code",
  "use-forwarded-headers",
  "use-proxy-protocol",
  "enable-real-ip",
]);
