import { isDeepStrictEqual } from "node:util";
import {
  codeNamed,
  type Diagnostic,
  formatPath,
  keyId,
  type KubeObject,
  type ObjectKey,
  parseObject,
  type PolicyKinds,
  type Problem,
} from "../api/mod.ts";
import { type RawObject, rawObject, relevant, relevantAnnotations } from "./relevant.ts";
import type { Resource } from "./resources.ts";

/**
 * What the API server last said of every object, and what of that is news: a state machine without
 * I/O. An object that cannot be understood keeps its last good form.
 */
export class ObjectTable {
  readonly #records = new Map<string, ObjectRecord>();
  /** What the last drain left the reader with. */
  readonly #served = new Map<string, KubeObject>();
  readonly #touched = new Map<string, ObjectKey>();
  readonly #restated = new Map<string, ObjectKey>();
  /** By object, what was wrong with it at the last drain, where that may have changed. */
  readonly #problemsBefore = new Map<string, readonly Diagnostic[]>();
  /** Problems of values that are no objects, since the last drain. */
  #anonymous: Diagnostic[] = [];
  readonly #operations = new Map<string, Operation>();

  readonly #policyKinds: PolicyKinds | undefined;

  /** `policyKinds` are those that plugins add. */
  constructor(policyKinds?: PolicyKinds) {
    this.#policyKinds = policyKinds;
  }

  /** The object is there in this form. Returns its key, unless it is no object at all. */
  put(scope: Scope, value: unknown): ObjectKey | undefined {
    const { resource } = scope;
    const raw = rawObject(value);
    if (raw === undefined) {
      this.#anonymous.push({
        code: codeNamed("NotAnObject"),
        severity: "error",
        path: "metadata.name",
        message: `the API server sent a ${resource.kind} without a name, which is passed over`,
      });
      return undefined;
    }
    const key = keyIn(resource, raw);
    const id = keyId(key);
    const { resourceVersion } = raw.metadata;
    const before = this.#records.get(id);
    if (before !== undefined && resourceVersion !== "") {
      if (before.resourceVersion === resourceVersion) return key;
    }
    this.#count(resource.kind, before === undefined ? "add" : "update");
    const record = this.#next(scope, key, raw, before);
    this.#records.set(id, record);
    if (record.object !== before?.object) this.#touched.set(id, key);
    if (!isDeepStrictEqual(record.status, before?.status)) this.#restated.set(id, key);
    this.#report(id, before?.problems ?? [], record.problems);
    return key;
  }

  /** The object is gone. */
  remove({ resource }: Scope, value: unknown): void {
    const raw = rawObject(value);
    if (raw !== undefined) this.#drop(keyIn(resource, raw));
  }

  /** The scope was listed as a whole: what was not among that is gone. */
  retain(scope: Scope, ids: ReadonlySet<string>): void {
    for (const [id, record] of this.#records) {
      if (record.scope === scope && !ids.has(id)) this.#drop(record.key);
    }
  }

  /** What changed since the last call; nothing twice, nothing that came out the same. */
  drain(): KubeBatch {
    const applied: KubeObject[] = [];
    const deleted: ObjectKey[] = [];
    for (const [id, key] of this.#touched) {
      const record = this.#records.get(id);
      const served = this.#served.get(id);
      const object = record?.scope.aside === true ? undefined : record?.object;
      if (object === served) continue;
      if (object === undefined) {
        this.#served.delete(id);
        deleted.push(key);
      } else {
        this.#served.set(id, object);
        applied.push(object);
      }
    }
    const diagnostics = this.#anonymous;
    const mended: ObjectKey[] = [];
    for (const [id, before] of this.#problemsBefore) {
      const after = this.#records.get(id)?.problems ?? [];
      const known = new Set(before.map((problem) => JSON.stringify(problem)));
      diagnostics.push(...after.filter((problem) => !known.has(JSON.stringify(problem))));
      const [was] = before;
      if (was?.object !== undefined && after.length === 0) mended.push(was.object);
    }
    const statuses = [...this.#restated.values()];
    this.#touched.clear();
    this.#restated.clear();
    this.#problemsBefore.clear();
    this.#anonymous = [];
    return { applied, deleted, diagnostics, mended, statuses };
  }

  /** Whether {@link drain} would have anything to say. */
  get isQuiet(): boolean {
    return this.#touched.size === 0 && this.#restated.size === 0 &&
      this.#problemsBefore.size === 0 && this.#anonymous.length === 0;
  }

  /** The status of an object as the API server has it, and the version that stands in. */
  statusOf(key: ObjectKey): ObservedStatus | undefined {
    const record = this.#records.get(keyId(key));
    if (record === undefined) return undefined;
    const { resourceVersion, status, uid } = record;
    return { resourceVersion, status, ...(uid === undefined ? {} : { uid }) };
  }

  /** What is known of an object that cannot be read in its present form; `undefined`: it can be. */
  unread(key: ObjectKey): UnreadObject | undefined {
    const record = this.#records.get(keyId(key));
    if (record === undefined || record.problems.length === 0) return undefined;
    const { problems, annotations, ingressClassName, generation } = record;
    return {
      problems,
      annotations: textsIn(annotations),
      ...(typeof ingressClassName === "string" ? { ingressClassName } : {}),
      ...(typeof generation === "number" ? { generation } : {}),
    };
  }

  /** Everything wrong at present. */
  diagnostics(): readonly Diagnostic[] {
    return this.#records.values().flatMap(({ problems }) => problems).toArray();
  }

  /** Events by kind and operation since the start. */
  operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** Different objects known. */
  get size(): number {
    return this.#records.size;
  }

  #next(
    scope: Scope,
    key: ObjectKey,
    raw: RawObject,
    before: ObjectRecord | undefined,
  ): ObjectRecord {
    const { resource } = scope;
    const { resourceVersion, generation, labels } = raw.metadata;
    const uid = resource.kind in eventful ? raw.metadata.uid : undefined;
    const annotations = relevantAnnotations(raw.metadata.annotations);
    const status = resource.ownStatus || resource.kind === "Service" ? raw.status : undefined;
    const own = {
      key,
      scope,
      resourceVersion,
      status,
      generation,
      labels,
      annotations,
      ...(typeof uid === "string" ? { uid } : {}),
    };
    // The echo of a status we wrote: nothing to understand.
    const isEcho = resource.ownStatus && before !== undefined && generation !== undefined &&
      generation === before.generation && isDeepStrictEqual(labels, before.labels) &&
      isDeepStrictEqual(annotations, before.annotations);
    if (isEcho) return { ...own, object: before.object, problems: before.problems };
    const result = parseObject(relevant(resource, raw), {
      strict: false,
      policyKinds: this.#policyKinds,
    });
    switch (result.kind) {
      case "object": {
        const isSame = before !== undefined && isDeepStrictEqual(result.object, before.object);
        return { ...own, object: isSame ? before.object : result.object, problems: [] };
      }
      case "passed over":
        return { ...own, object: undefined, problems: [diagnosed(key, result.problem)] };
      case "refused": {
        const problems = result.problems.map((problem) => diagnosed(key, problem));
        const { ingressClassName } = Object(raw["spec"]);
        return { ...own, ingressClassName, object: before?.object, problems };
      }
    }
  }

  #drop(key: ObjectKey): void {
    const id = keyId(key);
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#count(key.kind, "delete");
    this.#records.delete(id);
    this.#restated.delete(id);
    this.#touched.set(id, key);
    this.#report(id, record.problems, []);
  }

  #report(id: string, before: readonly Diagnostic[], after: readonly Diagnostic[]): void {
    if (before === after || (before.length === 0 && after.length === 0)) return;
    if (!this.#problemsBefore.has(id)) this.#problemsBefore.set(id, before);
  }

  #count(kind: ObjectKey["kind"], op: Operation["op"]): void {
    const id = `${kind}/${op}`;
    this.#operations.set(id, { kind, op, count: (this.#operations.get(id)?.count ?? 0) + 1 });
  }
}

/** Kinds of which Events are written, for which the identity of the object is needed. */
const eventful: Readonly<Record<string, true>> = { Ingress: true, Secret: true, Service: true };

/** A part of the cluster that is listed and watched as one. */
export interface Scope {
  readonly resource: Resource;
  /** All when not given. */
  readonly namespace?: string;
  /** One object alone. */
  readonly name?: string;
  /** Only the status is of interest: the objects are in no batch. */
  readonly aside?: boolean;
}

/** A change of what the cluster says, as a whole. */
export interface KubeBatch {
  /** New objects and new forms of old ones. */
  readonly applied: readonly KubeObject[];
  readonly deleted: readonly ObjectKey[];
  /** Problems that were not there before. */
  readonly diagnostics: readonly Diagnostic[];
  /** Objects that had problems and have none any more, or are gone. */
  readonly mended: readonly ObjectKey[];
  /** Objects whose status in the cluster is another one now. */
  readonly statuses: readonly ObjectKey[];
}

/** A status that stands in the cluster. */
export interface ObservedStatus {
  readonly resourceVersion: string;
  /** As it came; `undefined` when there is none. */
  readonly status: unknown;
  /** Of kinds without a status of ours. */
  readonly uid?: string;
}

/** An object that cannot be read, as far as that goes. */
export interface UnreadObject {
  /** At least one. */
  readonly problems: readonly Diagnostic[];
  readonly annotations: Readonly<Record<string, string>>;
  /** `spec.ingressClassName`, where it is a text. */
  readonly ingressClassName?: string;
  readonly generation?: number;
}

/** How many events of a kind there were; see `contour_eventhandler_operation_total`. */
export interface Operation {
  readonly kind: ObjectKey["kind"];
  readonly op: "add" | "update" | "delete";
  readonly count: number;
}

interface ObjectRecord extends ObservedStatus {
  readonly key: ObjectKey;
  readonly scope: Scope;
  readonly generation: unknown;
  readonly labels: unknown;
  readonly annotations: unknown;
  /** Of one that cannot be read. */
  readonly ingressClassName?: unknown;
  /** Its last good form. */
  readonly object: KubeObject | undefined;
  readonly problems: readonly Diagnostic[];
}

function keyIn({ kind, namespaced }: Resource, { metadata }: RawObject): ObjectKey {
  return { kind, namespace: namespaced ? metadata.namespace : "", name: metadata.name };
}

function diagnosed(object: ObjectKey, problem: Problem): Diagnostic {
  const { code, severity, path, message, hint } = problem;
  const common = { code, severity, object, path: formatPath(path), message };
  return hint === undefined ? common : { ...common, hint };
}

function textsIn(map: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(Object(map)).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}
