import { type HTTPProxy, keyId, keyOf, type ObjectKey } from "../controller/api/mod.ts";
import type { RuleContext } from "./rule.ts";

/** The HTTPProxies that a proxy includes for HTTP, with the place that does; those that are there. */
export function includesOf(
  { get, isOurs }: Pick<RuleContext, "get" | "isOurs">,
  { metadata, spec }: HTTPProxy,
): readonly { readonly path: string; readonly target: HTTPProxy }[] {
  return (spec.includes ?? []).flatMap(({ namespace, name }, index) => {
    const target = get("HTTPProxy", { namespace: namespace || metadata.namespace, name });
    if (target === undefined || target.spec.virtualhost !== undefined) return [];
    return isOurs(keyOf(target)) ? [{ path: `spec.includes[${index}]`, target }] : [];
  });
}

/**
 * The HTTPProxies in whose routes nothing stops the controller: themselves without errors, and led to
 * from the root of a host that is served. By key id.
 */
export function soundProxies(context: RuleContext): ReadonlyMap<string, HTTPProxy> {
  const { hosts, get, hasErrors } = context;
  const sound = new Map<string, HTTPProxy>();
  const queue: HTTPProxy[] = hosts.flatMap(({ owner, routes }) =>
    routes.length === 0 ? [] : get("HTTPProxy", owner) ?? []
  );
  for (const proxy of queue) {
    const id = keyId(keyOf(proxy));
    if (sound.has(id) || hasErrors(keyOf(proxy))) continue;
    sound.set(id, proxy);
    queue.push(...includesOf(context, proxy).map(({ target }) => target));
  }
  return sound;
}

/** A proxy with all it includes; `undefined` if the controller finds an error in one of them. */
export function subtree(context: RuleContext, proxy: HTTPProxy): readonly ObjectKey[] | undefined {
  const found = new Map<string, ObjectKey>();
  const queue = [proxy];
  for (const next of queue) {
    const key = keyOf(next);
    if (found.has(keyId(key))) continue;
    if (context.hasErrors(key)) return undefined;
    found.set(keyId(key), key);
    queue.push(...includesOf(context, next).map(({ target }) => target));
  }
  return [...found.values()];
}

/** The places that routes of hosts come from, each with its route: `HTTPProxy/web/shop spec.routes[0]`. */
export function origins({ hosts }: RuleContext): ReadonlySet<string> {
  return new Set(
    hosts.flatMap(({ routes }) =>
      routes.map(({ origin }) => `${keyId(origin.object)} ${origin.path}`)
    ),
  );
}
