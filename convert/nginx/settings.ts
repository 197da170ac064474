import { Annotations } from "../annotations.ts";
import { joined } from "../contribution.ts";
import type { IngressSettings } from "../settings.ts";
import type { SourceIngress } from "../sources.ts";
import type { Workshop } from "../workshop.ts";
import { access } from "./access.ts";
import { backends, timeouts } from "./backends.ts";
import { canaryRule } from "./canaries.ts";
import type { NginxConfig } from "./config.ts";
import { headers } from "./headers.ts";
import { paths } from "./paths.ts";
import { redirects } from "./redirects.ts";
import { nginxAnnotations } from "./rows.ts";
import { balancing, limits } from "./traffic.ts";

/** The prefix of the annotations of ingress-nginx. */
export const nginxPrefix = "nginx.ingress.kubernetes.io/";

/**
 * What the annotations of an Ingress for ingress-nginx ask for, its defaults included.
 * See https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
export function nginxSettings(
  workshop: Workshop,
  ingress: SourceIngress,
  config: NginxConfig,
): IngressSettings {
  const { notes } = workshop;
  const annotations = new Annotations({
    ingress,
    notes,
    prefixes: [nginxPrefix],
    groups: nginxAnnotations,
    defaults: config.defaults,
  });
  const context = { annotations, config, workshop };
  const canary = canaryRule(context);
  const settings = joined(
    {
      dialect: "ingress-nginx",
      websockets: () => true,
      plain: "redirect",
      useRegex: false,
      rewriteTarget: "",
      certificateNamespace: ingress.namespace,
      ...(canary === undefined ? {} : { canary }),
    },
    // The order in which nginx asks them: redirects are answered to everyone.
    [
      redirects(context),
      access(context),
      paths(context),
      backends(context),
      timeouts(context),
      limits(context),
      balancing(context),
      headers(context),
    ],
  );
  const passthrough = annotations.flag("ssl-passthrough", false);
  if (!passthrough) annotations.note("ssl-passthrough", { verdict: "kept" });
  annotations.finish();
  if (canary === undefined && !passthrough) noteDefaults(workshop, ingress, annotations);
  return { ...settings, host: { ...settings.host, passthrough } };
}

/** What holds although nobody wrote it. */
function noteDefaults(
  { notes }: Workshop,
  { note }: SourceIngress,
  annotations: Annotations,
): void {
  const add = (verdict: "kept" | "approximated", subject: string, message: string) =>
    notes.add(note, "", { verdict, subject, message, place: { within: "nowhere" } });
  if (annotations.text("proxy-body-size") === "") {
    add(
      "approximated",
      "default of proxy-body-size",
      "nginx refuses bodies above 1 MiB, Envoy takes any",
    );
  }
  add(
    "kept",
    "defaults of nginx",
    "no limit to the whole response, 60s without activity, 3 tries, websockets: written out, since those " +
      "of Contour differ",
  );
}
