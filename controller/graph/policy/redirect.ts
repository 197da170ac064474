import { Fault } from "../fault.ts";
import type { DirectResponseAction, RedirectAction } from "../model.ts";
import type { ProxyRoute } from "../http_proxy/spec.ts";

/** A redirect, or what is wrong with it. */
export function redirectAction(
  policy: NonNullable<ProxyRoute["requestRedirectPolicy"]>,
): RedirectAction | Fault {
  const { scheme, hostname, port, path, prefix } = policy;
  if (path && prefix) {
    const message =
      "route.requestRedirectPolicy is invalid: cannot specify both redirect path and redirect prefix";
    return new Fault("RouteError/RequestRedirectPolicy", message, "prefix");
  }
  return {
    kind: "redirect",
    // Absent only where the API server's defaulting was bypassed; Envoy's own default holds then.
    statusCode: policy.statusCode ?? 301,
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname ? { hostname } : {}),
    ...(port ? { port } : {}),
    ...(path ? { path: { kind: "full", text: path } } : {}),
    ...(prefix ? { path: { kind: "prefix", text: prefix } } : {}),
  };
}

/** A direct response. */
export function directResponse(statusCode: number, body = ""): DirectResponseAction {
  return { kind: "direct-response", statusCode, body };
}
