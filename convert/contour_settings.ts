import { parseTimeout, RetryOn } from "../controller/api/mod.ts";
import { Annotations } from "./annotations.ts";
import { contourAnnotations } from "./contour_rows.ts";
import type { RouteDraft } from "./output.ts";
import type { IngressSettings } from "./settings.ts";
import type { SourceIngress } from "./sources.ts";
import type { Workshop } from "./workshop.ts";

/** Prefixes of Contour's annotations: today's, and that of old releases. */
export const contourPrefixes: readonly string[] = ["projectcontour.io/", "contour.heptio.com/"];

/**
 * What the annotations of an Ingress for Contour ask for.
 * See https://projectcontour.io/docs/main/config/annotations/
 */
export function contourSettings(
  workshop: Workshop,
  ingress: SourceIngress,
  plain: IngressSettings["plain"],
): IngressSettings {
  const annotations = new Annotations({
    ingress,
    notes: workshop.notes,
    prefixes: contourPrefixes,
    groups: contourAnnotations,
  });
  const timeout = timeoutOf(
    annotations,
    annotations.text("response-timeout") === "" ? "request-timeout" : "response-timeout",
  );
  const retryPolicy = retries(annotations);
  const paths = annotations.list("websocket-routes");
  for (const path of paths) {
    if (ingress.body.rules.some(({ paths }) => paths.some((each) => each.path === path))) continue;
    annotations.bad("websocket-routes", `"${path}" is no path of the Ingress, and has no effect`);
  }
  const minimumProtocolVersion = tlsVersion(annotations, "tls-minimum-protocol-version");
  const maximumProtocolVersion = tlsVersion(annotations, "tls-maximum-protocol-version");
  annotations.finish();
  return {
    ...nativeSettings(ingress, plain),
    dialect: "contour",
    route: {
      ...(timeout === undefined ? {} : { timeoutPolicy: { response: timeout } }),
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
    },
    websockets: (path) => paths.includes(path),
    host: {
      aliases: [],
      passthrough: false,
      ...(minimumProtocolVersion === undefined ? {} : { minimumProtocolVersion }),
      ...(maximumProtocolVersion === undefined ? {} : { maximumProtocolVersion }),
    },
    certificateNamespace: annotations.text("tls-cert-namespace") || ingress.namespace,
  };
}

/** An Ingress without any annotation that matters, as Contour serves it. */
export function nativeSettings(
  ingress: SourceIngress,
  plain: IngressSettings["plain"],
): IngressSettings {
  return {
    dialect: "plain",
    route: {},
    service: {},
    websockets: () => false,
    plain,
    useRegex: false,
    rewriteTarget: "",
    host: { aliases: [], passthrough: false },
    certificateNamespace: ingress.namespace,
  };
}

function timeoutOf(annotations: Annotations, name: string): string | undefined {
  const text = annotations.text(name);
  if (text === "") return undefined;
  const parsed = parseTimeout(text);
  if (!parsed.ok || (parsed.timeout.kind === "explicit" && parsed.timeout.ms < 0)) {
    annotations.bad(name, `"${text}" is no duration: the default is used, as before`);
    return undefined;
  }
  // Contour takes zero for the default.
  return parsed.timeout.kind === "default" ? undefined : text;
}

function retries(annotations: Annotations): RouteDraft["retryPolicy"] {
  const words = annotations.list("retry-on");
  const retryOn = RetryOn.options.filter((word) => words.includes(word));
  if (words.length === 0) {
    for (const name of ["num-retries", "per-try-timeout"]) {
      annotations.note(name, { verdict: "kept", message: "has no effect without retry-on" });
    }
    return undefined;
  }
  const unknown = words.filter((word) => !retryOn.some((each) => each === word));
  if (unknown.length > 0) {
    annotations.bad("retry-on", `Envoy knows no "${unknown.join('", "')}", which is passed over`);
  }
  if (retryOn.length === 0) return undefined;
  const text = annotations.text("num-retries");
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : text === "" ? 1 : NaN;
  if (Number.isNaN(count) || count < -1) {
    annotations.bad("num-retries", `"${text}" is no number of retries: 1 is used, as before`);
  }
  const perTryTimeout = timeoutOf(annotations, "per-try-timeout");
  return {
    count: count >= -1 ? count === 0 ? 1 : count : 1,
    retryOn,
    ...(perTryTimeout === undefined ? {} : { perTryTimeout }),
  };
}

function tlsVersion(annotations: Annotations, name: string): string | undefined {
  const text = annotations.text(name);
  if (text === "" || text === "1.2" || text === "1.3") return text === "" ? undefined : text;
  annotations.bad(name, `"${text}" is neither 1.2 nor 1.3: the default is used, as before`);
  return undefined;
}
