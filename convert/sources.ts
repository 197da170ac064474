import type { z } from "zod";
import {
  type Diagnostic,
  formatPath,
  parseObject,
  type RawObject,
  readRaw,
  readValue,
  type Service,
} from "../controller/api/mod.ts";
import { IngressRoute, OldDelegation } from "./ingress_route_source.ts";
import {
  type IngressSpec,
  ingressSpec,
  IngressV1,
  IngressV1Beta1,
  type SourceMetadata,
} from "./ingress_source.ts";
import type { Notes, NoteSource } from "./note.ts";

/** A file of the input. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** An object that is to be converted. */
export interface SourceObject<Body> {
  /** `Ingress/web/shop` */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339; empty when not known, which counts as old. */
  readonly created: string;
  readonly note: NoteSource;
  readonly body: Body;
}

/** An Ingress of the input. */
export type SourceIngress = SourceObject<IngressSpec>;

/** What the files hold. */
export interface Sources {
  /** The oldest first. */
  readonly ingresses: readonly SourceIngress[];
  readonly ingressRoutes: readonly SourceObject<IngressRoute>[];
  readonly delegations: readonly SourceObject<OldDelegation>[];
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** By `namespace/name`. */
  readonly configMaps: ReadonlyMap<string, SourceConfigMap>;
  /** Names of HTTPProxies that are there already: `namespace/name`. */
  readonly taken: ReadonlySet<string>;
  /** Who has a host already: names of HTTPProxies, by fqdn. */
  readonly roots: ReadonlyMap<string, string>;
  /** Controllers of IngressClasses, by name. */
  readonly classes: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A ConfigMap that annotations or the configuration of ingress-nginx may refer to. */
export interface SourceConfigMap {
  readonly data: Readonly<Record<string, string>>;
  readonly note: NoteSource;
}

/** Reads the files. Fields that no version knows are noted; what cannot be read is a diagnostic. */
export function readSources(
  files: readonly SourceFile[],
  namespace: string,
  notes: Notes,
): Sources {
  const reader = new SourceReader(namespace, notes);
  for (const { file, text } of files) {
    const { objects, diagnostics } = readRaw(text, file);
    reader.diagnostics.push(...diagnostics);
    for (const object of objects) reader.read(object, file);
  }
  reader.ingresses.sort(byAge);
  return reader;
}

/** The oldest first; among equals the greater `namespace/name`, as ingress-nginx has it. */
function byAge(a: SourceIngress, b: SourceIngress): number {
  if (a.created !== b.created) return a.created < b.created ? -1 : 1;
  return a.id > b.id ? -1 : a.id < b.id ? 1 : 0;
}

class SourceReader implements Sources {
  readonly ingresses: SourceIngress[] = [];
  readonly ingressRoutes: SourceObject<IngressRoute>[] = [];
  readonly delegations: SourceObject<OldDelegation>[] = [];
  readonly services = new Map<string, Service>();
  readonly configMaps = new Map<string, SourceConfigMap>();
  readonly taken = new Set<string>();
  readonly roots = new Map<string, string>();
  readonly classes = new Map<string, string>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #namespace: string;
  readonly #notes: Notes;
  readonly #seen = new Set<string>();

  constructor(namespace: string, notes: Notes) {
    this.#namespace = namespace;
    this.#notes = notes;
  }

  read(raw: RawObject, file: string): void {
    const { value } = raw;
    if (!isRecord(value)) return;
    const kind = value["kind"];
    const group = String(value["apiVersion"] ?? "");
    if (kind === "Ingress") {
      const isNew = group === "networking.k8s.io/v1";
      if (isNew) this.#typed(raw, file, IngressV1, (source) => this.ingresses.push(inForm(source)));
      else {
        this.#typed(raw, file, IngressV1Beta1, (source) => this.ingresses.push(inForm(source)));
      }
    } else if (group === "contour.heptio.com/v1beta1" && kind === "IngressRoute") {
      this.#typed(raw, file, IngressRoute, (source) => this.ingressRoutes.push(source));
    } else if (group === "contour.heptio.com/v1beta1" && kind === "TLSCertificateDelegation") {
      this.#typed(raw, file, OldDelegation, (source) => this.delegations.push(source));
    } else this.#surroundings(raw, String(kind), value);
  }

  /** Objects that are not converted, but say something about those that are. */
  #surroundings(raw: RawObject, kind: string, value: Record<string, unknown>): void {
    if (kind === "IngressClass") {
      const { metadata, spec } = value;
      if (isRecord(metadata) && isRecord(spec)) {
        this.classes.set(String(metadata["name"]), String(spec["controller"] ?? ""));
      }
      return;
    }
    if (kind !== "Service" && kind !== "ConfigMap" && kind !== "HTTPProxy") return;
    const parsed = parseObject(structuredClone(value), {
      strict: false,
      namespace: this.#namespace,
    });
    if (parsed.kind !== "object") return;
    const { object, key: { namespace, name } } = parsed;
    const id = `${namespace}/${name}`;
    if (object.kind === "Service") this.services.set(id, object);
    if (object.kind === "HTTPProxy") {
      this.taken.add(id);
      const { fqdn } = object.spec.virtualhost ?? {};
      if (fqdn !== undefined) this.roots.set(fqdn, id);
    }
    if (object.kind === "ConfigMap") {
      const note = { id: `ConfigMap/${id}`, locate: raw.locate };
      this.configMaps.set(id, { data: object.data ?? {}, note });
    }
  }

  #typed<Schema extends z.ZodType<{ readonly kind: string; readonly metadata: SourceMetadata }>>(
    raw: RawObject,
    file: string,
    schema: Schema,
    add: (source: SourceObject<z.output<Schema>>) => void,
  ): void {
    const strict = readValue(structuredClone(raw.value), schema, { strict: true });
    const problems = strict.ok ? [] : strict.problems;
    const reading = strict.ok
      ? strict
      : readValue(structuredClone(raw.value), schema, { strict: false });
    if (!reading.ok) {
      for (const { code, severity, path, at, message, hint } of problems) {
        this.diagnostics.push({
          code,
          severity,
          path: formatPath(path),
          message,
          position: raw.locate(formatPath(path), at),
          ...(hint === undefined ? {} : { hint }),
        });
      }
      return;
    }
    const { value } = reading;
    const { name, namespace = "", labels = {}, annotations = {}, ...rest } = value.metadata;
    const home = namespace === "" ? this.#namespace : namespace;
    const id = `${value.kind}/${home}/${name}`;
    const source: SourceObject<z.output<Schema>> = {
      id,
      namespace: home,
      name,
      file,
      labels,
      annotations,
      created: rest.creationTimestamp ?? "",
      note: { id, locate: raw.locate },
      body: value,
    };
    if (this.#seen.has(id)) {
      this.diagnostics.push({
        code: "CTR011",
        severity: "error",
        path: "metadata.name",
        message: `${id} is given twice`,
        position: raw.locate("metadata.name"),
      });
      return;
    }
    this.#seen.add(id);
    for (const { path, code } of problems) {
      if (code !== "CTR003") continue;
      this.#notes.add(source.note, formatPath(path), {
        verdict: "unknown",
        subject: `field ${formatPath(path)}: ${shown(valueAt(raw.value, path))}`,
        message: "no version of this kind has such a field; it is left out",
      });
    }
    this.#metadata(source.note, rest);
    add(source);
  }

  /** What a cluster keeps about the object itself does not pass to another one. */
  #metadata(note: NoteSource, rest: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(rest)) {
      if (value === undefined || value === null) continue;
      const means = dropped.get(field);
      this.#notes.add(note, `metadata.${field}`, {
        verdict: means === undefined ? "unknown" : means.verdict,
        subject: `metadata.${field}: ${shown(value)}`,
        message: means?.message ?? "no such field of metadata is known; it is left out",
        place: { within: "metadata" },
      });
    }
  }
}

const own = { verdict: "kept", message: "belongs to the object it was made from" } as const;

const dropped: ReadonlyMap<
  string,
  { readonly verdict: "kept" | "lost"; readonly message: string }
> = new Map([
  ["creationTimestamp", { verdict: "kept", message: "decides which object wins a path" }],
  ["uid", own],
  ["resourceVersion", own],
  ["generation", own],
  ["generateName", own],
  ["selfLink", own],
  ["managedFields", own],
  ["deletionTimestamp", own],
  ["deletionGracePeriodSeconds", own],
  ["finalizers", {
    verdict: "lost",
    message: "who set it waits for the deletion of the old object; nothing waits for the new one",
  }],
  ["ownerReferences", {
    verdict: "lost",
    message:
      "the new objects are not deleted with the owner; set ownerReferences if they should be",
  }],
]);

function inForm(
  source: SourceObject<z.infer<typeof IngressV1> | z.infer<typeof IngressV1Beta1>>,
): SourceIngress {
  return { ...source, body: ingressSpec(source.body) };
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((at: unknown, segment) => Reflect.get(Object(at), segment), value);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
