import { type Ingress, type ObjectKey, parseSecretReference } from "../../api/mod.ts";
import { query } from "../../query/mod.ts";
import { ingressHost, object } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import { wildcardGuard } from "../http_proxy/conditions.ts";
import { inClass } from "../ingress_class.ts";
import type { RouteMatch, SecretRef } from "../model.ts";
import {
  annotationPath,
  type AnnotationPolicy,
  annotationPolicy,
  websocketRoutes,
} from "./annotations.ts";
import { type BackendRef, backendRef } from "./backend.ts";
import { type HTTPIngressPath, ingressPathMatch } from "./path.ts";

/**
 * An Ingress by itself: what it says of each host, before Services and Secrets are looked up.
 * `undefined`: there is none of this name in our class.
 */
export const compiledIngress = query(
  "compiled-ingress",
  (db, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
    const ingress = object(db, "Ingress", { namespace, name });
    if (ingress === undefined || !inClass(db, ingress)) return undefined;
    return new Compilation(ingress).result();
  },
);

/** See {@link compiledIngress}. */
export interface CompiledIngress {
  readonly key: ObjectKey;
  /** Milliseconds since 1970; `Infinity` where the object does not say, as in a file. */
  readonly createdMs: number;
  readonly policy: AnnotationPolicy;
  /** By host, `*` for none. */
  readonly hosts: ReadonlyMap<string, IngressRules>;
  /** What is wrong with the object alone; paths count from the object. */
  readonly faults: readonly Fault[];
}

/** What an Ingress says of one host. */
export interface IngressRules {
  /** In the order in which they replace each other: the last of equal ones holds. */
  readonly paths: readonly IngressPath[];
  /** Its certificates, the last usable of which is served. */
  readonly tls: readonly IngressTls[];
}

/** A path of a rule, or the default backend. */
export interface IngressPath {
  /** `spec.rules[0].http.paths[1]` */
  readonly path: string;
  readonly match: RouteMatch;
  readonly backend: BackendRef;
  /** Where the backend stands. */
  readonly backendPath: string;
  readonly websockets: boolean;
}

/** An entry of `spec.tls`. */
export interface IngressTls {
  /** `spec.tls[0]` */
  readonly path: string;
  readonly secret: SecretRef;
}

/** Sorts what an Ingress says by host. */
class Compilation {
  readonly #ingress: Ingress;
  readonly #policy: AnnotationPolicy;
  readonly #hosts = new Map<
    string,
    { readonly paths: IngressPath[]; readonly tls: IngressTls[] }
  >();
  readonly #faults: Fault[] = [];
  readonly #pathTexts = new Set<string>();

  constructor(ingress: Ingress) {
    this.#ingress = ingress;
    this.#policy = annotationPolicy(ingress);
    const { defaultBackend, rules = [], tls = [] } = ingress.spec;
    // First, so that a rule for all hosts and paths replaces it.
    if (defaultBackend !== undefined) {
      this.#addPath("*", "spec.defaultBackend", { pathType: "Prefix", backend: defaultBackend });
    }
    for (const [i, { host, http }] of rules.entries()) {
      if (http === undefined) continue;
      const fqdn = ingressHost(host);
      if (fqdn === undefined) this.#faults.push(hostFault(host, `spec.rules[${i}].host`));
      else {
        for (const [j, path] of http.paths.entries()) {
          this.#addPath(fqdn, `spec.rules[${i}].http.paths[${j}]`, path);
        }
      }
    }
    for (const [i, entry] of tls.entries()) this.#addTls(`spec.tls[${i}]`, entry);
    this.#checkWebsocketPaths();
  }

  result(): CompiledIngress {
    const { namespace, name, creationTimestamp = "" } = this.#ingress.metadata;
    const created = Date.parse(creationTimestamp);
    return {
      key: { kind: "Ingress", namespace, name },
      createdMs: Number.isNaN(created) ? Infinity : created,
      policy: this.#policy,
      hosts: this.#hosts,
      faults: [...this.#policy.faults, ...this.#faults],
    };
  }

  #addPath(fqdn: string, path: string, { backend, ...matched }: HTTPIngressPath): void {
    const backendPath = path === "spec.defaultBackend" ? path : `${path}.backend`;
    const text = matched.path || "/";
    const match = ingressPathMatch(matched);
    const ref = backendRef(backend);
    this.#pathTexts.add(text);
    if (match instanceof Fault) this.#faults.push(match.under(path));
    if (ref instanceof Fault) this.#faults.push(ref.under(backendPath));
    if (match instanceof Fault || ref instanceof Fault) return;
    this.#of(fqdn).paths.push({
      path,
      match: {
        path: match,
        headers: fqdn.startsWith("*.") ? [wildcardGuard(fqdn)] : [],
        query: [],
      },
      backend: ref,
      backendPath,
      websockets: this.#policy.websocketPaths.includes(text),
    });
  }

  #addTls(path: string, { hosts = [], secretName = "" }: IngressTlsEntry): void {
    if (secretName === "") {
      this.#faults.push(new Fault("IngressTLSNotValid", "no Secret is named", path));
      return;
    }
    if (hosts.length === 0) {
      this.#faults.push(new Fault("IngressTLSUnused", "no hosts are named", path));
    }
    // Without versions to agree on there is no TLS, which the annotation is blamed for.
    if (this.#policy.tlsVersions === undefined) return;
    const secret = parseSecretReference(secretName, this.#policy.certificateNamespace);
    for (const [i, host] of hosts.entries()) {
      const fqdn = host === "" ? undefined : ingressHost(host);
      if (fqdn === undefined) this.#faults.push(hostFault(host, `${path}.hosts[${i}]`));
      else this.#of(fqdn).tls.push({ path, secret });
    }
  }

  #checkWebsocketPaths(): void {
    const unknown = this.#policy.websocketPaths.filter((path) => !this.#pathTexts.has(path));
    if (unknown.length === 0) return;
    this.#faults.push(
      new Fault(
        "IngressAnnotationNotValid",
        `no rule has the path "${unknown.join('", "')}", written the same`,
        annotationPath(websocketRoutes),
      ),
    );
  }

  #of(fqdn: string) {
    const known = this.#hosts.get(fqdn) ?? { paths: [], tls: [] };
    this.#hosts.set(fqdn, known);
    return known;
  }
}

type IngressTlsEntry = NonNullable<Ingress["spec"]["tls"]>[number];

function hostFault(host: string | undefined, path: string): Fault {
  const message = host === "*"
    ? `"*" is not a host name: leave the host out to take what no other host does`
    : `"${host}" is not a host name`;
  return new Fault("IngressHostNotValid", message, path);
}
