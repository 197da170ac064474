import type { Contribution } from "../contribution.ts";
import type { RouteDraft } from "../output.ts";
import { isCookiePath, isHostName } from "../valid_values.ts";
import type { NginxContext } from "./context.ts";

/** Limits per client: a descriptor that a rate limit service has a rule for. */
export function limits({ annotations }: NginxContext): Contribution {
  const found = [["limit-rps", "second"], ["limit-rpm", "minute"]] as const;
  const { namespace, name } = annotations.ingress;
  const descriptors = found.flatMap(([annotation, unit]) => {
    const count = annotations.number(annotation, 0);
    if (count === 0) return [];
    const value = `${namespace}/${name}/${unit}`;
    annotations.note(annotation, {
      message: "takes a rate limit service with a rule for generic_key " +
        `"${value}" and remote_address: ${count} per ${unit}; it answers 429 in place of 503, and counts ` +
        "for all Envoys together",
      place: { within: "routes", field: "rateLimitPolicy" },
    });
    return [{ entries: [{ genericKey: { value } }, { remoteAddress: {} }] }];
  });
  return descriptors.length === 0
    ? {}
    : { route: { rateLimitPolicy: { global: { descriptors } } } };
}

/** How an endpoint is chosen; copies. */
export function balancing(context: NginxContext): Contribution {
  const { annotations } = context;
  const mirror = mirrorOf(context);
  const affinity = annotations.text("affinity") === "cookie";
  if (!affinity && annotations.has("affinity")) {
    annotations.bad("affinity", "only cookie is known: there is none, as in nginx");
  }
  const hash = annotations.text("upstream-hash-by");
  const ewma = annotations.text("load-balance") === "ewma";
  annotations.note("load-balance", ewma ? {} : { verdict: "kept" });
  const loadBalancerPolicy = affinity
    ? { strategy: "Cookie" }
    : hash !== ""
    ? hashPolicy(annotations, hash)
    : ewma
    ? { strategy: "WeightedLeastRequest" }
    : undefined;
  if (affinity && hash !== "") {
    annotations.note("upstream-hash-by", {
      verdict: "kept",
      message: "affinity wins, as in nginx",
    });
  }
  for (const name of ["upstream-hash-by-subset", "service-upstream"]) {
    if (!annotations.flag(name, false)) annotations.note(name, { verdict: "kept" });
  }
  return {
    ...(mirror === undefined ? {} : { mirror }),
    route: {
      ...(loadBalancerPolicy === undefined ? {} : { loadBalancerPolicy }),
      ...(affinity ? sessionCookie(annotations) : {}),
    },
  };
}

/** Envoy's cookie with the attributes that were asked for. */
function sessionCookie(annotations: NginxContext["annotations"]): Partial<RouteDraft> {
  const path = usable("session-cookie-path", annotations.text("session-cookie-path"), isCookiePath);
  const domain = usable(
    "session-cookie-domain",
    annotations.text("session-cookie-domain").toLowerCase().replace(/^\./, ""),
    isHostName,
  );
  const secure = annotations.flag("session-cookie-secure", false);
  const asked = annotations.text("session-cookie-samesite").toLowerCase();
  const sameSite = (["Strict", "Lax", "None"] as const).find((each) =>
    each.toLowerCase() === asked
  );
  const cookie = {
    name: "X-Contour-Session-Affinity",
    ...(path === "" ? {} : { pathRewrite: { value: path } }),
    ...(domain === "" ? {} : { domainRewrite: { value: domain } }),
    ...(secure ? { secure } : {}),
    ...(sameSite === undefined ? {} : { sameSite }),
  };
  return Object.keys(cookie).length > 1 ? { cookieRewritePolicies: [cookie] } : {};

  function usable(name: string, text: string, isUsable: (text: string) => boolean): string {
    if (text === "" || isUsable(text)) return text;
    annotations.note(name, {
      verdict: "lost",
      message: "a cookieRewritePolicy cannot hold this value: the cookie goes without it",
    });
    return "";
  }
}

type LoadBalancerPolicy = NonNullable<RouteDraft["loadBalancerPolicy"]>;

function hashPolicy(
  annotations: NginxContext["annotations"],
  text: string,
): LoadBalancerPolicy | undefined {
  const variables = [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name = ""]) => name);
  const policies = variables.map(hashOf);
  const known = policies.filter((policy) => policy !== undefined);
  if (known.length === 0 || known.length < policies.length) {
    annotations.note("upstream-hash-by", {
      verdict: "lost",
      message:
        `of "${text}" an HTTPProxy can hash client addresses, headers and query parameters alone: ` +
        "requests go round",
      place: { within: "routes", field: "loadBalancerPolicy" },
    });
    return undefined;
  }
  return { strategy: "RequestHash", requestHashPolicies: known };
}

function hashOf(variable: string) {
  if (variable === "remote_addr" || variable === "binary_remote_addr") {
    return { hashSourceIP: true };
  }
  if (variable === "host") return { headerHashOptions: { headerName: "Host" } };
  const [, kind, name = ""] = /^(http|arg)_(\w+)$/.exec(variable) ?? [];
  switch (kind) {
    case "http":
      return { headerHashOptions: { headerName: name.replaceAll("_", "-") } };
    case "arg":
      return { queryParameterHashOptions: { parameterName: name } };
  }
  return undefined;
}

function mirrorOf({ annotations, workshop }: NginxContext): Contribution["mirror"] {
  const text = annotations.text("mirror-target");
  if (annotations.text("mirror-request-body") === "off") {
    annotations.note("mirror-request-body", {
      verdict: "lost",
      message: "Envoy sends bodies along",
    });
  }
  if (text === "") return undefined;
  const { namespace } = annotations.ingress;
  const [, name = "", rest = "", port] =
    /^https?:\/\/([a-z][a-z0-9-]*)((?:\.[a-z0-9-]+)*)(?::(\d+))?(?=\/|\$|$)/.exec(text) ?? [];
  const [home = namespace, svc = "svc"] = rest.split(".").slice(1);
  const number = port === undefined ? text.startsWith("https") ? 443 : 80 : Number(port);
  const [first] = workshop.sources.services.get(`${namespace}/${name}`)?.spec.ports ?? [];
  if (name === "" || home !== namespace || svc !== "svc") {
    annotations.note("mirror-target", {
      verdict: "lost",
      message:
        `"${text}" is no Service of namespace ${namespace}: make one, of type ExternalName for a ` +
        "server outside, and name it with mirror: true",
      place: { within: "routes", field: "services" },
    });
    return undefined;
  }
  const isTls = text.startsWith("https");
  return {
    name,
    port: port === undefined && first !== undefined ? first.port : number,
    ...(isTls ? { protocol: "tls" as const } : {}),
    mirror: true,
  };
}
