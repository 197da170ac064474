import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
  type Position,
} from "../controller/api/mod.ts";
import { FileTable, parseManifest } from "../controller/files/mod.ts";
import { ingressVerdict, proxyVerdict, type Request } from "../controller/graph/mod.ts";
import type { PluginSet } from "../controller/plugin/mod.ts";
import { defaultSettings, type Settings } from "../controller/store/mod.ts";
import { type AssumedObject, assumedObjects, assumedSettings } from "../lint/mod.ts";
import { type Change, Comparison } from "./comparison.ts";
import type { DiffReport, HostDiff, RequestClass } from "./report.ts";
import { hostDiff, type NamedClass, type PlaceFinder } from "./request_class.ts";
import { Side } from "./side.ts";
import type { WorkLimit } from "./space/regions.ts";

/**
 * Says which requests are treated otherwise once the objects of some files take the place of those of
 * others: which are lost, which go elsewhere, which are answered only now.
 *
 * @example
 * ```ts
 * import { diff } from "../mod.ts";
 *
 * const shop = (prefix: string) => `
 * apiVersion: projectcontour.io/v1
 * kind: HTTPProxy
 * metadata: { name: shop }
 * spec:
 *   virtualhost: { fqdn: shop.example.com }
 *   routes:
 *     - conditions: [{ prefix: ${prefix} }]
 *       services: [{ name: cart, port: 80 }]
 * `;
 * const { hosts, summary } = diff(
 *   [{ file: "shop.yaml", text: shop("/cart") }],
 *   [{ file: "shop.yaml", text: shop("/cart/v2") }],
 * );
 * if (summary.lost !== 1 || summary.gained !== 0) throw new Error("Other counts");
 * if (hosts[0]?.classes[0]?.witness.url !== "http://shop.example.com/cart") {
 *   throw new Error("Another example");
 * }
 * ```
 */
export function diff(
  before: Iterable<DiffFile>,
  after: Iterable<DiffFile>,
  options: DiffOptions = {},
): DiffReport {
  const namespace = options.namespace ?? "default";
  const [a, b] = [read(before, namespace), read(after, namespace)];
  return new Diff(a, b, options).report;
}

/** A file by its name in messages. */
export interface DiffFile {
  readonly file: string;
  readonly text: string;
}

/** How to read objects and what the operator configured. */
export interface DiffOptions {
  /** Where objects are that name no namespace; `default` if left out. */
  readonly namespace?: string;
  /** Whether Services, Secrets and ExtensionServices have to be there, on the side that names them. */
  readonly strictRefs?: boolean;
  /** Whether an object would be among those given if it existed; of a cluster it would. */
  readonly isSeen?: (key: ObjectKey) => boolean;
  /** What differs from the defaults. */
  readonly settings?: Partial<Settings>;
  /** The plugins in use; none if left out. */
  readonly plugins?: PluginSet | undefined;
  /** How much is thought about one host, before examples have to do. */
  readonly limit?: WorkLimit;
}

/** What was read of one side. */
export interface DiffContents {
  readonly objects: readonly KubeObject[];
  /** Where a field is written. */
  readonly locate?: (key: ObjectKey, path: string) => Position | undefined;
}

/** {@link diff} for objects that are read already, with what else can be asked. */
export class Diff {
  readonly report: DiffReport;
  /** What the comparison is about, with what was assumed. */
  readonly sides: { readonly before: Side; readonly after: Side };
  /** Those that hold on both sides. */
  readonly settings: Settings;
  readonly #comparison: Comparison;
  readonly #contents: { readonly before: DiffContents; readonly after: DiffContents };
  readonly #classOf = new Map<Change, RequestClass>();

  constructor(before: DiffContents, after: DiffContents, options: DiffOptions = {}) {
    const told: Settings = { ...defaultSettings, ...options.settings };
    const all = [...before.objects, ...after.objects];
    const settings = options.strictRefs ? told : assumedSettings(all, told);
    const { isSeen = () => false, plugins } = options;
    const assumed = options.strictRefs
      ? []
      : distinct(assumedObjects(all, settings)).filter(({ key }) => !isSeen(key));
    const standIns = assumed.map(({ object }) => object);
    this.#contents = { before, after };
    this.settings = settings;
    this.sides = {
      before: new Side(before.objects, standIns, { settings, plugins }),
      after: new Side(after.objects, standIns, { settings, plugins }),
    };
    this.#comparison = new Comparison(this.sides.before, this.sides.after, options.limit);
    const hosts = this.#comparison.hosts.map((host) => hostDiff(host, this.#placeOf));
    for (const { classes } of hosts) classes.forEach((one) => this.#note(one));
    const changed = hosts.map(({ host }) => host)
      .filter(({ classes, inexact }) => classes.length > 0 || inexact !== undefined)
      .sort((a, b) => worst(a) - worst(b));
    const classes = changed.flatMap(({ classes }) => classes);
    const count = (kind: RequestClass["kind"]) => classes.filter((one) => one.kind === kind).length;
    this.report = {
      hosts: changed,
      summary: {
        lost: count("lost"),
        moved: count("moved"),
        gained: count("gained"),
        changed: count("changed"),
        hosts: hosts.length,
        unchangedHosts: hosts.filter(({ host }) => host.classes.length === 0).length,
        inexactHosts: changed.filter(({ inexact }) => inexact !== undefined).length,
      },
      assumed: worthTelling(assumed),
    };
  }

  /** The classes of the report that a request belongs to: at most one of its connection, and one more. */
  classesOf(request: Request): readonly RequestClass[] {
    return this.#comparison.changesFor(request).flatMap((change) =>
      this.#classOf.get(change) ?? []
    );
  }

  /** What is wrong with the objects of a side, and keeps them from being served. */
  problems(side: "before" | "after"): readonly Diagnostic[] {
    const { db } = this.sides[side];
    const { objects, locate } = this.#contents[side];
    return objects.flatMap((object): readonly Diagnostic[] => {
      const key = keyOf(object);
      const verdict = key.kind === "HTTPProxy"
        ? proxyVerdict(db, key)
        : key.kind === "Ingress"
        ? ingressVerdict(db, key)
        : undefined;
      return (verdict?.diagnostics ?? []).filter(({ severity }) => severity === "error")
        .map((diagnostic) => {
          const position = locate?.(diagnostic.object ?? key, diagnostic.path);
          return {
            ...diagnostic,
            object: diagnostic.object ?? key,
            ...(position === undefined ? {} : { position }),
          };
        });
    });
  }

  #note({ shown, changes }: NamedClass): void {
    for (const change of changes) this.#classOf.set(change, shown);
  }

  readonly #placeOf: PlaceFinder = (side, { origin: { object, path } }) => {
    const position = this.#contents[side].locate?.(object, path);
    return { object, path, ...(position === undefined ? {} : { position }) };
  };
}

function read(files: Iterable<DiffFile>, namespace: string): DiffContents {
  const table = new FileTable();
  for (const { file, text } of files) table.put(file, parseManifest(text, { file, namespace }));
  return { objects: table.drain().applied, locate: (key, path) => table.locate(key, path) };
}

/** Hosts that lose requests come first; the others stay in the order of their names. */
function worst({ classes: [first] }: HostDiff): number {
  const kinds = ["lost", "moved", "gained", "changed"];
  return first === undefined ? kinds.length : kinds.indexOf(first.kind);
}

/** Both sides name the same things; each is assumed once. */
function distinct(assumed: readonly AssumedObject[]): readonly AssumedObject[] {
  const byId = new Map<string, AssumedObject>();
  for (const one of assumed) if (!byId.has(keyId(one.key))) byId.set(keyId(one.key), one);
  return [...byId.values()];
}

/** What stands in for others only to make them complete is not worth a word. */
function worthTelling(assumed: readonly AssumedObject[]): ObjectKey[] {
  return assumed.map(({ key }) => key)
    .filter(({ kind, name }) => !name.startsWith("assumed") || kind === "HTTPProxy")
    .map((key) =>
      key.kind === "HTTPProxy" ? { ...key, name: key.name.replace("assumed.root-of.", "") } : key
    )
    .sort((a, b) => keyId(a) < keyId(b) ? -1 : 1);
}
