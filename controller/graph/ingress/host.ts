import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { query } from "../../query/mod.ts";
import { bucket } from "../../store/mod.ts";
import { diagnose, Fault } from "../fault.ts";
import type { Origin, Route, TlsTermination } from "../model.ts";
import { matchText } from "../route_order.ts";
import { allowHttp, annotationPath } from "./annotations.ts";
import { type IngressPart, ingressPart, type IngressTermination } from "./part.ts";

/** What all Ingresses together have to give to one host. */
export interface IngressHost {
  /** Those with a rule that is in force, the oldest first. */
  readonly owners: readonly ObjectKey[];
  /** One for each match; in no order that matters. */
  readonly routes: readonly Route[];
  /** Absent: the host is not served over TLS for their sake. */
  readonly tls?: IngressTermination;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The Ingresses of a host as one. Where two want the same, the older has it, then the one whose
 * namespace and name come first; Contour leaves it to chance.
 */
export const ingressHostOf = query("ingress-host", (db, host: string): IngressHost => {
  const parts = bucket(db, "ingress-by-host", host).flatMap((key): Entry[] => {
    const part = ingressPart(db, { namespace: key.namespace, name: key.name, fqdn: host });
    return part === undefined ? [] : [{ key, part }];
  });
  // The bucket is sorted by namespace and name, and sorting keeps the order of equals.
  parts.sort((a, b) =>
    a.part.createdMs === b.part.createdMs ? 0 : a.part.createdMs < b.part.createdMs ? -1 : 1
  );
  return new Merge(host, parts).result();
});

interface Entry {
  readonly key: ObjectKey;
  readonly part: IngressPart;
}

class Merge {
  readonly #routes = new Map<string, Route>();
  readonly #owners: ObjectKey[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #tls: IngressTermination | undefined;

  constructor(host: string, parts: readonly Entry[]) {
    for (const { key, part } of parts) {
      this.#diagnostics.push(...part.diagnostics);
      if (this.#addRoutes(part.routes)) this.#owners.push(key);
      if (part.tls !== undefined) this.#addTls(host, part.tls);
    }
    if (this.#tls === undefined) this.#tellUnserved(host);
    else if (this.#routes.size === 0) {
      this.#tell(
        this.#tls.origin,
        new Fault("IngressTLSUnused", `no Ingress has a rule for "${host}"`),
      );
      this.#tls = undefined;
    }
  }

  result(): IngressHost {
    return {
      owners: this.#owners,
      routes: [...this.#routes.values()],
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
      diagnostics: this.#diagnostics,
    };
  }

  #addRoutes(routes: readonly Route[]): boolean {
    const before = this.#routes.size;
    for (const route of routes) {
      const text = matchText(route.match);
      const winner = this.#routes.get(text);
      if (winner === undefined) this.#routes.set(text, route);
      else this.#tell(route.origin, conflict(winner));
    }
    return this.#routes.size > before;
  }

  #addTls(host: string, tls: IngressTermination): void {
    if (this.#tls === undefined) this.#tls = tls;
    else if (!sameTls(this.#tls.termination, tls.termination)) {
      const { namespace, name } = this.#tls.origin.object;
      const message =
        `TLS of "${host}" is that of Ingress "${namespace}/${name}", which comes first`;
      this.#tell(tls.origin, new Fault("IngressTLSUnused", message));
    }
  }

  /** Rules that are kept off the plain listener need the other one. */
  #tellUnserved(host: string): void {
    const unserved = new Map(
      [...this.#routes.values()].filter(({ plain }) => plain === "absent")
        .map(({ origin: { object } }) => [keyId(object), object]),
    );
    for (const object of unserved.values()) {
      const message = `rules for "${host}" are served neither with TLS nor without`;
      const fault = new Fault("IngressAnnotationNotValid", message);
      this.#tell({ object, path: annotationPath(allowHttp) }, fault);
    }
  }

  #tell(origin: Origin, fault: Fault): void {
    this.#diagnostics.push(diagnose(origin, fault));
  }
}

/** Why a rule is not in force: another takes the same requests, or those that `some` says. */
export function conflict({ origin: { object, path } }: Route, some = ""): Fault {
  const name = `${object.kind} "${object.namespace}/${object.name}"`;
  const message = `${name} has the same host and path, in ${path}${some}`;
  return new Fault("IngressConflict", message);
}

function sameTls(a: TlsTermination, b: TlsTermination): boolean {
  return a.certificate.namespace === b.certificate.namespace &&
    a.certificate.name === b.certificate.name && a.minimumVersion === b.minimumVersion &&
    a.maximumVersion === b.maximumVersion;
}
