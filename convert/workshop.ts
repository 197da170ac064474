import type { RunningPlugin } from "../controller/plugin/mod.ts";
import type { Notes } from "./note.ts";
import type { Made, OutputObject, RouteOrigin } from "./output.ts";
import type { Sources } from "./sources.ts";

/** How to convert. */
export interface ConvertOptions {
  /** Namespace of objects that name none; `default` if left out. */
  readonly namespace?: string;
  /** Whose rules the Ingresses follow; found out for each if left out. */
  readonly provider?: "plain" | "contour" | "ingress-nginx";
  /** Only Ingresses of this class. */
  readonly ingressClass?: string;
  /** Class of what is made. */
  readonly targetClass?: string;
  /** Hosts that rules without a host are for. */
  readonly hosts?: readonly string[];
  /** The Secret of hosts whose `tls` names none: `namespace/name`. */
  readonly defaultCertificate?: string;
  /** The ConfigMap of ingress-nginx, `namespace/name`; found by its usual names if left out. */
  readonly nginxConfigMap?: string;
  /** Serve routes whose access control is lost to everyone, in place of answering 403. */
  readonly openUnprotected?: boolean;
  /** Plugins that make policies of the annotations that they know. Default: none. */
  readonly plugins?: readonly RunningPlugin[];
}

/** What is made so far, and the names given out. */
export class Workshop {
  readonly made: Made[] = [];
  readonly sources: Sources;
  readonly notes: Notes;
  readonly options: ConvertOptions;
  readonly #taken: Set<string>;
  /** By namespace and Secret: the namespaces that use it, and who asked. */
  readonly #delegated = new Map<string, Map<string, Set<string>>>();
  readonly #delegators = new Map<string, { file: string; sources: Set<string> }>();

  constructor(sources: Sources, notes: Notes, options: ConvertOptions) {
    this.sources = sources;
    this.notes = notes;
    this.options = options;
    this.#taken = new Set([...sources.taken].map((id) => `HTTPProxy/${id}`));
  }

  /** A name that no other object of the kind has. */
  name(kind: string, namespace: string, wanted: string): string {
    const base = wanted.slice(0, 240).replace(/[^a-z0-9]+$/, "");
    for (let count = 1;; count++) {
      const name = count === 1 ? base : `${base}-${count}`;
      const id = `${kind}/${namespace}/${name}`;
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return name;
    }
  }

  add(
    object: OutputObject,
    about: {
      readonly file: string;
      readonly sources: readonly string[];
      readonly host?: string;
      readonly origins?: readonly RouteOrigin[];
    },
  ): void {
    const { name, namespace = "default" } = object.metadata;
    const { file, sources, host = "", origins = [] } = about;
    this.made.push({
      object,
      namespace,
      name,
      file,
      sources: [...new Set(sources)],
      host,
      origins,
    });
  }

  /** Something that is there already is for another source, too. */
  addSource(known: Made, source: string): void {
    if (known.sources.includes(source)) return;
    this.made[this.made.indexOf(known)] = { ...known, sources: [...known.sources, source] };
  }

  /** How `to` refers to a Secret; one of another namespace is delegated. */
  secret(
    name: string,
    from: string,
    to: string,
    asked: { readonly file: string; readonly source: string },
  ): string {
    if (from === to) return name;
    const secrets = this.#delegated.get(from) ?? new Map<string, Set<string>>();
    this.#delegated.set(from, secrets.set(name, (secrets.get(name) ?? new Set()).add(to)));
    const delegator = this.#delegators.get(from) ?? { file: asked.file, sources: new Set() };
    delegator.sources.add(asked.source);
    this.#delegators.set(from, delegator);
    return `${from}/${name}`;
  }

  /** Makes the delegations that were asked for. */
  addDelegations(): void {
    for (const [namespace, secrets] of this.#delegated) {
      const { file = "", sources = new Set<string>() } = this.#delegators.get(namespace) ?? {};
      const delegations = [...secrets].sort(([a], [b]) => a < b ? -1 : 1).map(
        ([secretName, targets]) => ({ secretName, targetNamespaces: [...targets].sort() }),
      );
      this.add({
        apiVersion: "projectcontour.io/v1",
        kind: "TLSCertificateDelegation",
        metadata: {
          name: this.name("TLSCertificateDelegation", namespace, "converted-hosts"),
          namespace,
        },
        spec: { delegations },
      }, { file, sources: [...sources] });
    }
  }
}
