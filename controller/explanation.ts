import type { ObjectKey, Position } from "./api/mod.ts";
import { isServed, matchHost, matchRoute } from "./graph/mod.ts";
import type { ExplainRequest, Explanation } from "./serve_options.ts";
import type { Translation } from "./translation/mod.ts";

/** Which rule takes a request by the configuration at hand; `undefined` when none does. */
export function explain(
  translation: Translation,
  request: ExplainRequest,
  locate: (key: ObjectKey, path: string) => Position | undefined,
): Explanation | undefined {
  const fqdn = matchHost(request.host, (name) => isServed(translation.host(name), request));
  const host = fqdn === undefined ? undefined : translation.host(fqdn);
  if (host === undefined || (request.tls && host.secure?.kind !== "http")) return undefined;
  const { route } = matchRoute(host, {
    method: request.method,
    authority: request.host,
    path: request.path,
    headers: new Map(Object.entries(request.headers ?? {})),
    tls: request.tls,
  });
  if (route === undefined) return undefined;
  const { object, path } = route.origin;
  const position = locate(object, path);
  return { object, path, ...(position === undefined ? {} : { position }) };
}
