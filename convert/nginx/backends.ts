import type { Contribution } from "../contribution.ts";
import type { RouteDraft } from "../output.ts";
import { isHostName, isSecretReference } from "../valid_values.ts";
import type { NginxContext } from "./context.ts";

/** What the backend speaks, and how its certificate is checked. */
export function backends(context: NginxContext): Contribution {
  const { annotations } = context;
  const spoken = annotations.text("backend-protocol").toUpperCase();
  const protocol = protocolOf(context, spoken);
  const isGrpc = protocol === "h2c" || protocol === "h2";
  const validation = protocol === "tls" || protocol === "h2"
    ? backendValidation(context)
    : undefined;
  if (annotations.text("proxy-http-version") === "1.0") {
    annotations.note("proxy-http-version", { verdict: "lost", message: "Envoy speaks HTTP/1.1" });
  }
  return {
    service: {
      ...(protocol === undefined ? {} : { protocol }),
      ...(validation === undefined ? {} : { validation }),
    },
    settings: { websockets: () => !isGrpc },
  };
}

type Protocol = "h2" | "h2c" | "tls";

function protocolOf({ annotations }: NginxContext, spoken: string): Protocol | undefined {
  switch (spoken) {
    case "HTTPS":
      return "tls";
    case "GRPC":
      return "h2c";
    case "GRPCS":
      return "h2";
    case "AUTO_HTTP":
    case "FCGI":
      annotations.note("backend-protocol", {
        verdict: "lost",
        message: `an HTTPProxy cannot speak ${spoken} to backends: HTTP is used`,
        place: { within: "routes", field: "services" },
      });
      return undefined;
    case "":
    case "HTTP":
      break;
    default:
      annotations.bad(
        "backend-protocol",
        `there is no protocol "${spoken}": HTTP is used, as in nginx`,
      );
  }
  if (annotations.flag("secure-backends", false)) return "tls";
  return annotations.flag("grpc-backend", false) ? "h2c" : undefined;
}

function backendValidation({ annotations, workshop }: NginxContext) {
  const secret = annotations.text("proxy-ssl-secret");
  const subjectName = annotations.text("proxy-ssl-name");
  const wanted = annotations.text("proxy-ssl-verify") === "on";
  if (!wanted) {
    annotations.note("proxy-ssl-verify", {
      verdict: "kept",
      message: "certificates are not checked",
    });
    if (secret !== "") {
      annotations.note("proxy-ssl-name", { verdict: "lost", message: "not sent as SNI" });
    }
    return undefined;
  }
  if (secret === "" || subjectName === "") {
    annotations.note("proxy-ssl-verify", {
      verdict: "lost",
      message: "the certificate is not checked: that needs proxy-ssl-secret (for caSecret) and " +
        "proxy-ssl-name (for subjectName)",
      place: { within: "routes", field: "services" },
    });
    return undefined;
  }
  const wrong = !isSecretReference(secret)
    ? `"${secret}" is no namespace/name of a Secret`
    : !isHostName(subjectName.toLowerCase())
    ? `"${subjectName}" is no host name`
    : undefined;
  if (wrong !== undefined) {
    annotations.note("proxy-ssl-secret", {
      verdict: "lost",
      message: `${wrong}, so the certificate is not checked: set validation of the service`,
      place: { within: "routes", field: "services" },
    });
    return undefined;
  }
  const { namespace, file, id } = annotations.ingress;
  const [from = "", name = ""] = secret.includes("/") ? secret.split("/") : [namespace, secret];
  const caSecret = workshop.secret(name, from, namespace, { file, source: id });
  return { caSecret, subjectName };
}

/** Timeouts and retries, with the defaults of nginx. */
export function timeouts({ annotations }: NginxContext): Contribution {
  const seconds = (name: string) => {
    const text = annotations.text(name).replace(/s$/, "");
    if (/^\d{1,7}$/.test(text)) return Number(text);
    if (text !== "") annotations.bad(name, `"${text}" is no number of seconds: 60 is used`);
    return 60;
  };
  const idle = Math.max(seconds("proxy-read-timeout"), seconds("proxy-send-timeout"));
  const retryPolicy = retries(annotations);
  for (const name of ["proxy-request-buffering", "proxy-buffering"]) {
    if (annotations.text(name) === "off") annotations.note(name, { verdict: "kept" });
  }
  for (const name of ["proxy-cookie-domain", "proxy-cookie-path"]) {
    if (annotations.text(name) === "off") annotations.note(name, { verdict: "kept" });
  }
  for (const name of ["limit-rate", "limit-rate-after", "proxy-next-upstream-timeout"]) {
    if (annotations.text(name) === "0") {
      annotations.note(name, { verdict: "kept", message: "no limit" });
    }
  }
  if (annotations.text("proxy-body-size") === "0") {
    annotations.note("proxy-body-size", { verdict: "kept", message: "no limit" });
  }
  return {
    route: {
      timeoutPolicy: { response: "infinity", idle: idle === 0 ? "infinity" : `${idle}s` },
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
    },
  };
}

function retries(annotations: NginxContext["annotations"]): RouteDraft["retryPolicy"] {
  const words = (annotations.text("proxy-next-upstream") || "error timeout").split(/\s+/);
  const tries = annotations.number("proxy-next-upstream-tries", 3);
  if (words.includes("off") || tries === 1) {
    annotations.note("proxy-next-upstream", { verdict: "kept", message: "nothing is tried again" });
    return undefined;
  }
  const codes = words.flatMap((word) => /^http_\d{3}$/.test(word) ? [Number(word.slice(5))] : []);
  const onError = words.includes("error") || words.includes("invalid_header");
  const retryOn = [
    ...(onError ? ["connect-failure", "refused-stream", "reset-before-request"] as const : []),
    ...(codes.length > 0 ? ["retriable-status-codes"] as const : []),
  ];
  if (retryOn.length === 0) return undefined;
  return {
    count: tries === 0 ? 10 : tries - 1,
    retryOn,
    ...(codes.length > 0 ? { retriableStatusCodes: codes } : {}),
  };
}
