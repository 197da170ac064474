import type { Contribution } from "../contribution.ts";
import { isRange, without } from "../ip_ranges.ts";
import { isSecretReference } from "../valid_values.ts";
import type { NginxContext } from "./context.ts";

/**
 * Who gets in. What cannot be carried over keeps everybody out: a route that was closed to some is
 * never opened to all by a conversion, unless that is asked for.
 */
export function access(context: NginxContext): Contribution {
  const { annotations } = context;
  const closed: string[] = [];
  const addresses = addressFilter(context, closed);
  if (annotations.text("auth-type") !== "") closed.push("auth-type");
  if (annotations.text("satisfy") === "all") annotations.note("satisfy", { verdict: "kept" });
  const authorization = authorizationOf(context, closed);
  if (annotations.text("auth-tls-match-cn") !== "" && annotations.text("auth-tls-secret") !== "") {
    closed.push("auth-tls-match-cn");
  }
  const clientValidation = clientCertificates(context, closed);
  for (const name of snippets) {
    if (!keepsOut(annotations.text(name))) continue;
    closed.push(name);
    annotations.note(name, {
      message:
        "nginx configuration that refuses requests: see which HTTPProxy field does the same; until " +
        "then the paths answer 403",
    });
  }
  const isOptedOut = !annotations.flag("enable-global-auth", true);
  annotations.note("enable-global-auth", { verdict: "kept" });
  const isClosed = closed.length > 0 && context.workshop.options.openUnprotected !== true;
  return {
    ...(isClosed ? { answer: closedAnswer(closed) } : {}),
    route: { ...addresses, ...(isOptedOut ? { authPolicy: { disabled: true } } : {}) },
    host: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(clientValidation === undefined ? {} : { clientValidation }),
    },
  };
}

const snippets = ["server-snippet", "auth-snippet"];

/** Whether nginx configuration that is lost refuses requests. */
export function keepsOut(text: string): boolean {
  return /\b(deny|allow|satisfy|auth_\w+|access_by_lua\w*|return\s+4\d\d|ssl_verify\w*)\b/.test(
    text,
  );
}

/** What is answered where access control was lost. */
export function closedAnswer(names: readonly string[]) {
  const body = `closed: ${names.join(", ")} could not be converted`;
  return { directResponsePolicy: { statusCode: 403, body } };
}

function addressFilter({ annotations, config }: NginxContext, closed: string[]) {
  const source = config.trustsForwarded ? "Remote" as const : "Peer" as const;
  const allowName =
    annotations.has("allowlist-source-range") || !annotations.has("whitelist-source-range")
      ? "allowlist-source-range"
      : "whitelist-source-range";
  const allow = annotations.list(allowName).length > 0
    ? annotations.list(allowName)
    : annotations.list("whitelist-source-range");
  const deny = annotations.list("denylist-source-range");
  for (const name of [allowName, "whitelist-source-range", "denylist-source-range"]) {
    const wrong = annotations.list(name).find((text) => !isRange(text));
    if (wrong === undefined) continue;
    annotations.note(name, {
      verdict: "lost",
      message: `"${wrong}" is no range of addresses: nginx answers 503, these routes answer 403`,
    });
    closed.push(name);
    return {};
  }
  const policy = (ranges: readonly string[]) => ranges.map((cidr) => ({ source, cidr }));
  if (allow.length === 0) return deny.length === 0 ? {} : { ipDenyPolicy: policy(deny) };
  if (deny.length === 0) return { ipAllowPolicy: policy(allow) };
  const rest = without(allow, deny) ?? [];
  annotations.note("denylist-source-range", {
    verdict: "kept",
    message: "taken out of the allowed ranges, since a route has but one list",
    place: { within: "routes", field: "ipAllowPolicy" },
  });
  if (rest.length > 0) return { ipAllowPolicy: policy(rest) };
  closed.push("denylist-source-range");
  return {};
}

/** An ExtensionService for the server, and how it is asked. */
function authorizationOf(
  { annotations, workshop }: NginxContext,
  closed: string[],
): NonNullable<Contribution["host"]>["authorization"] {
  const text = annotations.text("auth-url");
  if (text === "") return undefined;
  const { namespace, file, id } = annotations.ingress;
  const server = inCluster(text, namespace);
  if (server === undefined) {
    closed.push("auth-url");
    annotations.note("auth-url", {
      verdict: "lost",
      message:
        `"${text}" is not the URL of a Service in the cluster (http://NAME.NAMESPACE.svc…): give it ` +
        "one of type ExternalName, and an ExtensionService; until then the paths answer 403",
      place: { within: "virtualhost", field: "authorization" },
    });
    return undefined;
  }
  const name = extensionName(workshop, server, { file, source: id });
  const allowed = annotations.list("auth-response-headers");
  annotations.note("auth-url", { place: { within: "virtualhost", field: "authorization" } });
  annotations.note("auth-response-headers", {
    verdict: "kept",
    place: { within: "virtualhost", field: "authorization" },
  });
  return {
    extensionRef: {
      name,
      ...(server.namespace === namespace ? {} : { namespace: server.namespace }),
    },
    serviceType: "http",
    httpSettings: {
      ...(server.path === "/" ? {} : { pathPrefix: server.path.replace(/\/$/, "") }),
      // nginx sends all headers along; these are what such servers look at.
      allowedAuthorizationHeaders: [
        "cookie",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-auth-request-redirect",
      ].map((exact) => ({ exact })),
      ...(allowed.length === 0
        ? {}
        : { allowedUpstreamHeaders: allowed.map((exact) => ({ exact })) }),
    },
  };
}

interface AuthServer {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  readonly path: string;
}

function inCluster(text: string, namespace: string): AuthServer | undefined {
  if (text.includes("$") || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(text);
  const labels = hostname.replace(/\.$/, "").replace(/\.svc(\.[\w.-]+)?$/, ".svc").split(".");
  const [name = "", in_ = namespace, svc] = labels;
  const isService = protocol === "http:" &&
    (labels.length === 1 || svc === "svc" && labels.length === 3);
  if (!isService || !/^[a-z]/.test(name)) return undefined;
  return { name, namespace: in_, port: port === "" ? 80 : Number(port), path: pathname };
}

/** One ExtensionService for each server, whoever asks. */
function extensionName(
  workshop: NginxContext["workshop"],
  { name, namespace, port }: AuthServer,
  { file, source }: { readonly file: string; readonly source: string },
): string {
  const known = workshop.made.find(({ object, namespace: home }) =>
    object.kind === "ExtensionService" && home === namespace &&
    object.spec.services[0]?.name === name && object.spec.services[0].port === port
  );
  if (known !== undefined) {
    workshop.addSource(known, source);
    return known.name;
  }
  const unique = workshop.name("ExtensionService", namespace, name);
  workshop.add({
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { name: unique, namespace },
    spec: { services: [{ name, port }], protocol: "http/1.1" },
  }, { file, sources: [source] });
  return unique;
}

function clientCertificates(
  { annotations }: NginxContext,
  closed: string[],
): NonNullable<Contribution["host"]>["clientValidation"] {
  const secret = annotations.text("auth-tls-secret");
  const dependent = ["auth-tls-verify-client", "auth-tls-pass-certificate-to-upstream"];
  if (secret === "") {
    for (
      const name of [
        ...dependent,
        "auth-tls-match-cn",
        "auth-tls-verify-depth",
        "auth-tls-error-page",
      ]
    ) {
      annotations.note(name, { verdict: "kept", message: "has no effect without auth-tls-secret" });
    }
    return undefined;
  }
  const verify = annotations.text("auth-tls-verify-client") || "on";
  if (verify === "off") {
    annotations.note("auth-tls-secret", {
      verdict: "kept",
      message: "certificates of clients are not asked for",
    });
    return undefined;
  }
  if (!["on", "optional", "optional_no_ca"].includes(verify)) {
    annotations.bad("auth-tls-verify-client", `there is no "${verify}": on is used, as in nginx`);
  }
  if (!isSecretReference(secret)) {
    closed.push("auth-tls-secret");
    annotations.note("auth-tls-secret", {
      verdict: "lost",
      message: `"${secret}" is no namespace/name of a Secret: until certificates of clients are ` +
        "asked for, the paths answer 403",
    });
    return undefined;
  }
  const pass = annotations.flag("auth-tls-pass-certificate-to-upstream", false);
  if (!pass) annotations.note("auth-tls-pass-certificate-to-upstream", { verdict: "kept" });
  const { namespace } = annotations.ingress;
  return {
    caSecret: secret.includes("/") ? secret : `${namespace}/${secret}`,
    ...(verify.startsWith("optional") ? { optionalClientCertificate: true } : {}),
    ...(verify === "optional_no_ca" ? { skipClientCertValidation: true } : {}),
    ...(pass ? { forwardClientCertificate: { subject: true, cert: true } } : {}),
  };
}
