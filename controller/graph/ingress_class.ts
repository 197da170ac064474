import type { HTTPProxy, Ingress } from "../api/mod.ts";
import type { Db } from "../query/mod.ts";
import { object, setting } from "../store/mod.ts";

/** Whether an object is ours by its class. */
export function inClass(db: Db, { metadata, spec }: HTTPProxy | Ingress): boolean {
  const { annotations } = metadata;
  const { ingressClassName } = spec;
  return isOurClass(setting(db, "ingressClassNames"), { annotations, ingressClassName });
}

/**
 * Whether a class is one of ours: annotations decide before the spec, and of the two annotations the
 * first that exists, even when it is empty. Without names of ours they are none, and `contour`.
 */
export function isOurClass(
  ours: readonly string[],
  { annotations = {}, ingressClassName = "" }: {
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly ingressClassName?: string | undefined;
  },
): boolean {
  const annotation = annotations["projectcontour.io/ingress.class"] ??
    annotations["kubernetes.io/ingress.class"];
  const name = annotation || ingressClassName;
  return ours.length === 0 ? name === "" || name === "contour" : ours.includes(name);
}

/** An HTTPProxy of our class. Others are invisible: not included, not counted, without status. */
export function proxyInClass(
  db: Db,
  key: { readonly namespace: string; readonly name: string },
): HTTPProxy | undefined {
  const proxy = object(db, "HTTPProxy", key);
  return proxy !== undefined && inClass(db, proxy) ? proxy : undefined;
}
