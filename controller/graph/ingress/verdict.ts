import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { query } from "../../query/mod.ts";
import { diagnose } from "../fault.ts";
import type { SecretRef } from "../model.ts";
import { sharedHost } from "../virtual_host.ts";
import { compiledIngress } from "./compiled_ingress.ts";

/** What translation says of one Ingress. */
export interface IngressVerdict {
  /** The hosts it speaks of, `*` for what no other host takes; sorted. */
  readonly hosts: readonly string[];
  /** Its certificates, with the path of the entry that names them. */
  readonly certificates: readonly { readonly path: string; readonly secret: SecretRef }[];
  /** Each mistake once: first those of the object itself, then host by host. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The verdict on an Ingress; `undefined` when it is not of our class, and so none of our business. */
export const ingressVerdict = query(
  "ingress-verdict",
  (db, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const ingress = compiledIngress(db, { namespace, name });
    if (ingress === undefined) return undefined;
    const { key } = ingress;
    const hosts = [...ingress.hosts.keys()].sort();
    const told = [
      ...ingress.faults.map((fault) => diagnose({ object: key, path: "" }, fault)),
      ...hosts.flatMap((fqdn) => [...found(db, { fqdn, object: keyId(key) })]),
    ];
    const diagnostics = new Map(
      told.map((one) => [JSON.stringify([one.code, one.path, one.message]), one]),
    );
    const verdict: IngressVerdict = {
      hosts,
      certificates: certificatesOf(ingress.hosts.values()),
      diagnostics: [...diagnostics.values()],
    };
    return verdict;
  },
);

/** What one host found in one object. So small an answer spares others from a change of the host. */
const found = query(
  "found-in-ingress",
  (
    db,
    { fqdn, object }: { readonly fqdn: string; readonly object: string },
  ): readonly Diagnostic[] =>
    sharedHost(db, fqdn).diagnostics.filter(({ object: blamed }) => isObject(blamed, object)),
);

function isObject(key: ObjectKey | undefined, id: string): boolean {
  return key !== undefined && keyId(key) === id;
}

/** An entry for several hosts counts once. */
function certificatesOf(
  rules: Iterable<{ readonly tls: IngressVerdict["certificates"] }>,
): IngressVerdict["certificates"] {
  const byPath = new Map(
    [...rules].flatMap(({ tls }) => tls.map(({ path, secret }) => [path, { path, secret }])),
  );
  return [...byPath.values()];
}
