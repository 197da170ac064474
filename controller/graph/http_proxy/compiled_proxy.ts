import type { ObjectKey } from "../../api/mod.ts";
import { query } from "../../query/mod.ts";
import { proxyInClass } from "../ingress_class.ts";
import { type CompiledRoute, compileRoute } from "./route.ts";
import type { ProxyInclude } from "./spec.ts";

/**
 * An HTTPProxy by itself, before it is known who includes it: compiled once, however many roots it
 * becomes part of. `undefined`: there is none of this name in our class.
 */
export const compiledProxy = query(
  "compiled-proxy",
  (db, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const proxy = proxyInClass(db, { namespace, name });
    if (proxy === undefined) return undefined;
    const key: ObjectKey = { kind: "HTTPProxy", namespace, name };
    const compiled: CompiledProxy = {
      key,
      root: proxy.spec.virtualhost !== undefined,
      includes: proxy.spec.includes ?? [],
      routes: (proxy.spec.routes ?? []).map((route) => compileRoute(db, key, route)),
    };
    return compiled;
  },
);

/** See {@link compiledProxy}. */
export interface CompiledProxy {
  readonly key: ObjectKey;
  /** Whether it claims a host name, and so cannot be included. */
  readonly root: boolean;
  readonly includes: readonly ProxyInclude[];
  readonly routes: readonly CompiledRoute[];
}
