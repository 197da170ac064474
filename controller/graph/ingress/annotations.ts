import { formatPath, type Ingress, parseTimeout, RetryOn, type Timeout } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { RetryPolicy, Route, TlsVersion } from "../model.ts";

/**
 * What the annotations of an Ingress ask for, and what is wrong with them. A value that cannot be
 * used leaves the default in force.
 * See https://projectcontour.io/docs/main/config/annotations/
 */
export function annotationPolicy({ metadata }: Ingress): AnnotationPolicy {
  const annotations = new Annotations(metadata.annotations ?? {});
  return {
    plain: plainSide(annotations),
    timeout: responseTimeout(annotations),
    ...retryPolicy(annotations),
    websocketPaths: annotations.list("projectcontour.io/websocket-routes"),
    certificateNamespace: annotations.text("projectcontour.io/tls-cert-namespace") ||
      metadata.namespace,
    ...tlsVersions(annotations),
    faults: [...annotations.faults, ...unsupported(metadata.annotations ?? {})],
  };
}

/** See {@link annotationPolicy}. */
export interface AnnotationPolicy {
  readonly plain: Route["plain"];
  readonly timeout: Timeout;
  /** Absent: requests are tried once. */
  readonly retry?: RetryPolicy;
  /** The paths, as rules have them, that let websockets through. */
  readonly websocketPaths: readonly string[];
  /** Where the Secrets are that the Ingress names. */
  readonly certificateNamespace: string;
  /** Absent when they exclude each other: TLS is not to be had then. */
  readonly tlsVersions?: { readonly minimum: TlsVersion; readonly maximum: TlsVersion };
  /** Paths count from the object. */
  readonly faults: readonly Fault[];
}

/** Where an annotation stands: `metadata.annotations["projectcontour.io/retry-on"]`. */
export function annotationPath(name: string): string {
  return formatPath(["metadata", "annotations", name]);
}

const forceRedirect = "ingress.kubernetes.io/force-ssl-redirect";

/** The annotation that keeps an Ingress off the plain listener. */
export const allowHttp = "kubernetes.io/ingress.allow-http";

/** The annotation that lists the paths for websockets. */
export const websocketRoutes = "projectcontour.io/websocket-routes";

function plainSide(annotations: Annotations): Route["plain"] {
  const force = annotations.flag(forceRedirect, false);
  const allow = annotations.flag(allowHttp, true);
  if (force) return "redirect-to-https";
  return allow ? "serve" : "absent";
}

/** The older name counts only where the newer one says nothing. */
function responseTimeout(annotations: Annotations): Timeout {
  const newer = annotations.text("projectcontour.io/response-timeout");
  return annotations.timeout(
    newer === "" ? "projectcontour.io/request-timeout" : "projectcontour.io/response-timeout",
  );
}

function retryPolicy(annotations: Annotations): { readonly retry?: RetryPolicy } {
  const words = annotations.list(retryOn);
  const known = words.filter((word) => retryConditions.includes(word));
  if (words.length === 0) {
    for (const name of ["projectcontour.io/num-retries", "projectcontour.io/per-try-timeout"]) {
      if (annotations.text(name) !== "") {
        annotations.blame(name, `has no effect without ${retryOn}`);
      }
    }
  }
  if (words.length > known.length) {
    const unknown = words.filter((word) => !known.includes(word)).join('", "');
    annotations.blame(retryOn, `Envoy knows no "${unknown}", which is passed over`);
  }
  if (known.length === 0) return {};
  const perTry = annotations.timeout("projectcontour.io/per-try-timeout");
  return {
    retry: {
      retryOn: known,
      retries: annotations.retries("projectcontour.io/num-retries"),
      ...(perTry.kind === "default"
        ? {}
        : { perTryTimeoutMs: perTry.kind === "disabled" ? 0 : perTry.ms }),
      statusCodes: [],
    },
  };
}

const retryOn = "projectcontour.io/retry-on";

/** The annotation takes the words that `retryPolicy.retryOn` of an HTTPProxy does. */
const retryConditions: readonly string[] = RetryOn.options;

function tlsVersions(annotations: Annotations): Pick<AnnotationPolicy, "tlsVersions"> {
  const minimum = annotations.tlsVersion("projectcontour.io/tls-minimum-protocol-version", "1.2");
  const maximum = annotations.tlsVersion("projectcontour.io/tls-maximum-protocol-version", "1.3");
  if (minimum <= maximum) return { tlsVersions: { minimum, maximum } };
  // Contour gives up TLS for all Ingresses that come after this one.
  annotations.faults.push(
    new Fault(
      "IngressTLSNotValid",
      "the minimum version of TLS is greater than the maximum version, so there is no TLS",
      annotationPath("projectcontour.io/tls-minimum-protocol-version"),
    ),
  );
  return {};
}

/** Reads annotations and collects what is wrong with them. */
class Annotations {
  readonly faults: Fault[] = [];
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  text(name: string): string {
    return Object.hasOwn(this.#values, name) ? this.#values[name] ?? "" : "";
  }

  list(name: string): readonly string[] {
    return this.text(name).split(",").map((item) => item.trim()).filter((item) => item !== "");
  }

  /** Only the one word that changes the default does. */
  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name);
    if (!["", "true", "false"].includes(text)) {
      this.blame(name, `"${text}" is neither "true" nor "false", "${otherwise}" is used`);
    }
    return text === String(!otherwise) ? !otherwise : otherwise;
  }

  timeout(name: string): Timeout {
    const text = this.text(name);
    const parsed = parseTimeout(text);
    const problem = !parsed.ok
      ? parsed.message
      : parsed.timeout.kind === "explicit" && parsed.timeout.ms < 0
      // Contour passes it on, and Envoy refuses everybody's routes.
      ? `timeout "${text}" is negative`
      : undefined;
    if (problem !== undefined) this.blame(name, `${problem}, the default is used`);
    return problem === undefined && parsed.ok ? parsed.timeout : { kind: "default" };
  }

  /** One unless said otherwise; -1 is how the API writes "none". */
  retries(name: string): number {
    const text = this.text(name);
    if (text === "") return 1;
    const count = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (count === -1) return 0;
    if (count >= 0 && count < 2 ** 31) return count === 0 ? 1 : count;
    this.blame(name, `"${text}" is not a number of retries, 1 is used`);
    return 1;
  }

  tlsVersion(name: string, otherwise: TlsVersion): TlsVersion {
    const text = this.text(name);
    if (text === "1.2" || text === "1.3") return text;
    if (text !== "") {
      this.blame(name, `"${text}" is neither "1.2" nor "1.3", "${otherwise}" is used`);
    }
    return otherwise;
  }

  blame(name: string, message: string): void {
    this.faults.push(new Fault("IngressAnnotationNotValid", message, annotationPath(name)));
  }
}

/** Annotations that look like ours and are none. */
function unsupported(annotations: Readonly<Record<string, string>>): Fault[] {
  return Object.keys(annotations).sort()
    .filter((name) => looksLikeOurs(name) && !supported.includes(name))
    .map((name) =>
      new Fault(
        "IngressAnnotationUnsupported",
        `an Ingress has no annotation "${name}"`,
        annotationPath(name),
      )
    );
}

function looksLikeOurs(name: string): boolean {
  return name.startsWith("projectcontour.io/") || name.startsWith("ingress.kubernetes.io/") ||
    name === "kubernetes.io/ingress.global-static-ip-name";
}

const supported: readonly string[] = [
  forceRedirect,
  ...[
    "ingress.class",
    "num-retries",
    "per-try-timeout",
    "request-timeout",
    "response-timeout",
    "retry-on",
    "tls-cert-namespace",
    "tls-maximum-protocol-version",
    "tls-minimum-protocol-version",
    "websocket-routes",
  ].map((name) => `projectcontour.io/${name}`),
];
