import { formatPath, nearest } from "../controller/api/mod.ts";
import { contourPrefixes, contourSettings, nativeSettings } from "./contour_settings.ts";
import { kubernetesAnnotations } from "./contour_rows.ts";
import type { NginxConfig } from "./nginx/config.ts";
import { nginxPrefix, nginxSettings } from "./nginx/settings.ts";
import type { Dialect, IngressSettings } from "./settings.ts";
import type { SourceIngress } from "./sources.ts";
import type { Workshop } from "./workshop.ts";

/** What an Ingress asks for beside hosts, paths and Services, by the rules it was written for. */
export function ingressSettings(
  workshop: Workshop,
  ingress: SourceIngress,
  config: NginxConfig,
): IngressSettings {
  const dialect = dialectOf(workshop, ingress);
  noteClass(workshop, ingress, dialect);
  const plain = commonAnnotations(workshop, ingress, dialect);
  switch (dialect) {
    case "ingress-nginx":
      return nginxSettings(workshop, ingress, config);
    case "contour":
      return contourSettings(workshop, ingress, plain);
    case "plain":
      return nativeSettings(ingress, plain);
  }
}

/** The class of an Ingress; empty when it has none. */
export function classOf({ annotations, body }: SourceIngress): string {
  return annotations["projectcontour.io/ingress.class"] ??
    annotations["contour.heptio.com/ingress.class"] ??
    annotations["kubernetes.io/ingress.class"] ?? body.ingressClassName ?? "";
}

/** Whose rules: those asked for, or those that its class or its annotations name. */
function dialectOf({ options, sources }: Workshop, ingress: SourceIngress): Dialect {
  if (options.provider !== undefined) return options.provider;
  const name = classOf(ingress);
  const controller = sources.classes.get(name) ?? "";
  if (controller === "k8s.io/ingress-nginx") return "ingress-nginx";
  if (controller.startsWith("projectcontour.io/")) return "contour";
  const keys = Object.keys(ingress.annotations);
  const has = (prefixes: readonly string[]) =>
    keys.some((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  if (name === "nginx") return "ingress-nginx";
  if (name === "contour" || has(contourPrefixes)) return "contour";
  return has([nginxPrefix]) ? "ingress-nginx" : "plain";
}

function noteClass(
  { notes, options: { targetClass } }: Workshop,
  { note, body: { ingressClassName } }: SourceIngress,
  dialect: Dialect,
): void {
  if (ingressClassName === undefined) return;
  const becomes = targetClass === undefined
    ? dialect === "contour" ? "" : "the HTTPProxy has no class: give it one with --target-class"
    : `becomes ${targetClass}`;
  notes.add(note, "spec.ingressClassName", {
    verdict: "kept",
    subject: `spec.ingressClassName: ${ingressClassName} (${dialect})`,
    message: becomes,
    place: { within: "spec", field: "ingressClassName" },
  });
}

/**
 * Notes annotations that do not belong to the dialect. Returns what they say of HTTP on a host with
 * TLS, which Contour serves unless told otherwise.
 */
function commonAnnotations(
  { notes }: Workshop,
  { annotations, note, body }: SourceIngress,
  dialect: Dialect,
): IngressSettings["plain"] {
  const own = dialect === "ingress-nginx"
    ? [nginxPrefix]
    : dialect === "contour"
    ? contourPrefixes
    : [];
  const rows = new Map(
    kubernetesAnnotations.flatMap(({ rows }) => rows).map((row) => [row.name, row]),
  );
  for (const [key, value] of Object.entries(annotations)) {
    if (own.some((prefix) => key.startsWith(prefix))) continue;
    const row = rows.get(key);
    const { verdict, message } = row !== undefined
      ? key === "kubernetes.io/ingress.allow-http" && value !== "false"
        ? { verdict: "kept" as const, message: "" }
        : { verdict: row.verdict, message: row.says }
      : foreign(key, body.tls.map(({ secretName = "" }) => secretName));
    const guess = verdict === "unknown" ? guessed(key, rows.keys()) : "";
    notes.add(note, formatPath(["metadata", "annotations", key]), {
      verdict,
      subject: `${key}: ${shown(value)}`,
      message: `${message}${guess}`,
      place: { within: "metadata" },
    });
  }
  const redirected = annotations["ingress.kubernetes.io/force-ssl-redirect"] === "true" ||
    annotations["kubernetes.io/ingress.allow-http"] === "false";
  return redirected ? "redirect" : "serve";
}

function foreign(
  key: string,
  secrets: readonly string[],
): { readonly verdict: "kept" | "lost" | "unknown"; readonly message: string } {
  if (key.startsWith("external-dns.")) {
    return { verdict: "kept", message: "copied; external-dns needs --source=contour-httpproxy" };
  }
  if (
    key.startsWith("cert-manager.io/") || key === "kubernetes.io/tls-acme" ||
    key.startsWith("acme.cert-manager.io/")
  ) {
    const names = secrets.filter((name) => name !== "").join(", ");
    return {
      verdict: "lost",
      message: "cert-manager does not look at HTTPProxies: write a Certificate" +
        (names === "" ? "" : ` for Secret ${names}`),
    };
  }
  if (
    key === "kubectl.kubernetes.io/last-applied-configuration" || key.startsWith("meta.helm.sh/")
  ) {
    return { verdict: "kept", message: "belongs to the object it was made from" };
  }
  if (key.startsWith(nginxPrefix)) {
    return {
      verdict: "lost",
      message: "the Ingress is not for ingress-nginx, which alone reads it",
    };
  }
  if (contourPrefixes.some((prefix) => key.startsWith(prefix))) {
    return { verdict: "lost", message: "the Ingress is not for Contour, which alone reads it" };
  }
  return { verdict: "unknown", message: "what it is for is not known; it is left out" };
}

function guessed(key: string, names: Iterable<string>): string {
  const meant = nearest(key, names);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

function shown(value: string): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 116)}..."` : text;
}
