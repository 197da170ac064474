import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { type Db, query } from "../../query/mod.ts";
import { bucket } from "../../store/mod.ts";
import { diagnose, Fault } from "../fault.ts";
import { proxyInClass } from "../ingress_class.ts";
import { rootEvaluation } from "./root.ts";

/** What translation says of one HTTPProxy: part of which hosts it is, and what is wrong with it. */
export interface ProxyVerdict {
  readonly orphaned: boolean;
  /** Each mistake once, in the order found, however many roots the object is part of. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The verdict on an HTTPProxy; `undefined` when it is not of our class, and so none of our business. */
export const proxyVerdict = query(
  "proxy-verdict",
  (db, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const key: ObjectKey = { kind: "HTTPProxy", namespace, name };
    const proxy = proxyInClass(db, key);
    if (proxy === undefined) return undefined;
    const diagnostics = new Map<string, Diagnostic>();
    const tell = (diagnostic: Diagnostic) =>
      diagnostics.set(
        JSON.stringify([diagnostic.code, diagnostic.path, diagnostic.message]),
        diagnostic,
      );
    const reached = rootsAbove(db, key)
      .map((root) => found(db, { root: nameOf(root), object: keyId(key) }))
      .filter((list) => list !== undefined);
    reached.flat().forEach(tell);
    const orphaned = reached.length === 0;
    if (orphaned) tell(diagnose({ object: key, path: "" }, orphanFault));
    const verdict: ProxyVerdict = { orphaned, diagnostics: [...diagnostics.values()] };
    return verdict;
  },
);

const orphanFault = new Fault(
  "Orphaned/Orphaned",
  "this HTTPProxy is not part of a delegation chain from a root HTTPProxy",
);

/** What one root found in one object. So small an answer spares others from a change of the root. */
const found = query(
  "found-in-object",
  (
    db,
    { root, object }: {
      readonly root: { readonly namespace: string; readonly name: string };
      readonly object: string;
    },
  ): readonly Diagnostic[] | undefined => rootEvaluation(db, root).objects.get(object),
);

/**
 * The roots that might reach an HTTPProxy: itself, or those from which a chain of includes leads to
 * it. Whether an include really is followed is for the evaluation of the root to say.
 */
export function rootsAbove(db: Db, key: ObjectKey): ObjectKey[] {
  const roots: ObjectKey[] = [];
  const seen = new Set([keyId(key)]);
  const queue = [key];
  for (const next of queue) {
    const proxy = proxyInClass(db, next);
    if (proxy === undefined) continue;
    if (proxy.spec.virtualhost !== undefined) {
      roots.push(next);
      continue;
    }
    for (const parent of bucket(db, "httpproxy-by-include", `${next.namespace}/${next.name}`)) {
      if (seen.has(keyId(parent))) continue;
      seen.add(keyId(parent));
      queue.push(parent);
    }
  }
  return roots;
}

function nameOf({ namespace, name }: ObjectKey) {
  return { namespace, name };
}
