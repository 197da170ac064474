import { dump } from "js-yaml";
import { UsageError } from "../command_line/mod.ts";
import {
  apiVersionOf,
  type Diagnostic,
  keyId,
  type Kind,
  type KubeObject,
  type ObjectKey,
  type PolicyKinds,
  type Position,
  type RawObject,
  readRaw,
} from "../controller/api/mod.ts";
import {
  ApiError,
  type ClusterListing,
  listCluster,
  type NotListed,
  type OtherKind,
  routingKinds,
  UnreachableError,
} from "../controller/kube/mod.ts";
import { connect } from "./cluster.ts";
import type { ClusterAccessFlags } from "./cluster_flags.ts";
import { parseLabelSelector } from "./label_selector.ts";
import { refusedAmong } from "./refused_objects.ts";

/**
 * The objects of the cluster that flags name, as they stand at this moment: all the controller reads,
 * and what else is asked for. Kinds the server does not know have no objects; kinds that may not be
 * listed are told, but for those in `needed`. Throws a `UsageError` with words for the user when the
 * cluster cannot be reached or read.
 */
export async function readClusterObjects(
  flags: ClusterAccessFlags,
  { needed = ["HTTPProxy"], kinds = routingKinds, others = [], policyKinds, signal }: {
    /** Kinds without which there is no use in going on. */
    readonly needed?: readonly string[];
    readonly kinds?: readonly Kind[];
    readonly others?: readonly OtherKind[];
    /** Kinds that plugins add. */
    readonly policyKinds?: PolicyKinds;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ClusterObjects> {
  const { namespace, requestTimeout, selector } = flags;
  let listing: ClusterListing;
  try {
    using client = await connect(await accessFlags(flags));
    listing = await listCluster({
      client,
      kinds,
      others,
      ...(policyKinds === undefined ? {} : { policyKinds }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(requestTimeout === undefined ? {} : { timeoutMs: requestTimeout }),
      signal: signal ?? new AbortController().signal,
    });
  } catch (cause) {
    throw new UsageError(unreadable(cause), { cause });
  }
  const missed = listing.forbidden.find(({ kind }) => needed.includes(kind));
  if (missed !== undefined) throw new UsageError(notListedText(missed, flags));
  return new Live(listing, { namespace, selector, kinds });
}

/** What a cluster holds. */
export interface ClusterObjects {
  /** By kind, namespace and name. */
  readonly objects: readonly KubeObject[];
  /** Objects that the controller cannot understand. */
  readonly diagnostics: readonly Diagnostic[];
  /** Kinds that may not be listed. */
  readonly forbidden: readonly NotListed[];
  /** What an Envoy says of objects that it does not take, by key, as their statuses tell it. */
  readonly refused: ReadonlyMap<string, string>;
  /** Whether an object would be known if it were there. */
  isSeen(key: ObjectKey): boolean;
  /** Whether `-l` chooses an object; all without it. */
  isChosen(key: ObjectKey): boolean;
  /** Where a field stands in {@link ClusterObjects.text}, whose name is that of the object. */
  locate(key: ObjectKey, path: string, at?: "key" | "value"): Position | undefined;
  /**
   * An object, named `Kind/namespace/name`, as YAML, without what the API server notes down, and
   * without values of Secrets.
   */
  text(id: string): string | undefined;
  /**
   * Every object of these kinds as YAML, by its name: what a folder of files would hold. `isChosen`:
   * those alone that `-l` chooses.
   */
  texts(
    kinds: readonly string[],
    options?: { readonly isChosen?: boolean },
  ): readonly { readonly file: string; readonly text: string }[];
}

/** A line for each kind that could not be listed, for standard error. */
export function forbiddenLines(
  { forbidden }: Pick<ClusterObjects, "forbidden">,
  flags: ClusterAccessFlags,
): string {
  return forbidden.map((missed) => `warning: ${notListedText(missed, flags)}\n`).join("");
}

/** Kinds of Contour before 1.0, which `convert` knows. */
export const legacyKinds: readonly OtherKind[] = [
  { kind: "IngressRoute", apiVersion: "contour.heptio.com/v1beta1", plural: "ingressroutes" },
  {
    kind: "TLSCertificateDelegation",
    apiVersion: "contour.heptio.com/v1beta1",
    plural: "tlscertificatedelegations",
  },
];

class Live implements ClusterObjects {
  readonly objects: readonly KubeObject[];
  readonly diagnostics: readonly Diagnostic[];
  readonly forbidden: readonly NotListed[];
  readonly refused: ReadonlyMap<string, string>;
  readonly #items = new Map<string, Item>();
  readonly #places = new Map<string, RawObject | undefined>();
  readonly #kinds: ReadonlySet<string>;
  readonly #namespace: string | undefined;
  readonly #isChosen: (labels: Readonly<Record<string, string>>) => boolean;

  constructor(
    { objects, diagnostics, raw, forbidden }: ClusterListing,
    { namespace, selector, kinds }: {
      readonly namespace: string | undefined;
      readonly selector: string | undefined;
      readonly kinds: readonly string[];
    },
  ) {
    this.objects = [...objects].sort((a, b) => compare(idOf(a), idOf(b)));
    this.diagnostics = diagnostics;
    this.forbidden = forbidden;
    this.refused = refusedAmong(raw);
    this.#namespace = namespace;
    this.#kinds = new Set(kinds);
    this.#isChosen = selector === undefined ? () => true : parseLabelSelector(selector);
    for (const { kind, apiVersion, value } of raw) {
      const { metadata = {}, ...rest } = value as RawValue;
      const { namespace = "", name = "" } = metadata;
      const id = keyId({ kind: kind as Kind, namespace, name });
      // Of two APIs that serve an object the one the controller reads comes first.
      if (this.#items.has(id)) continue;
      this.#items.set(id, {
        kind,
        apiVersion: apiVersion ?? apiVersionOf(kind as Kind),
        metadata,
        rest,
      });
    }
  }

  isSeen({ kind, namespace }: ObjectKey): boolean {
    return this.#kinds.has(kind) && !this.forbidden.some((missed) => missed.kind === kind) &&
      (this.#namespace === undefined || this.#namespace === namespace);
  }

  isChosen(key: ObjectKey): boolean {
    return this.#isChosen(this.#items.get(keyId(key))?.metadata.labels ?? {});
  }

  locate(key: ObjectKey, path: string, at?: "key" | "value"): Position | undefined {
    const id = keyId(key);
    if (!this.#places.has(id)) {
      const text = this.text(id);
      this.#places.set(id, text === undefined ? undefined : readRaw(text, id).objects[0]);
    }
    return this.#places.get(id)?.locate(path, at);
  }

  text(id: string): string | undefined {
    const item = this.#items.get(id);
    return item && written(item);
  }

  texts(kinds: readonly string[], { isChosen = false }: { readonly isChosen?: boolean } = {}) {
    return [...this.#items].filter(([, { kind }]) => kinds.includes(kind))
      .filter(([, { metadata }]) => !isChosen || this.#isChosen(metadata.labels ?? {}))
      .map(([file, item]) => ({ file, text: written(item) }))
      .sort((a, b) => compare(a.file, b.file));
  }
}

interface RawValue {
  readonly metadata?: RawMetadata;
  readonly [field: string]: unknown;
}

interface RawMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
}

interface Item {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: RawMetadata;
  readonly rest: Readonly<Record<string, unknown>>;
}

/** As `kubectl get -o yaml` writes it, but for what nobody wrote. */
function written({ kind, apiVersion, metadata, rest }: Item): string {
  const { name, namespace, labels, annotations = {}, creationTimestamp } = metadata;
  const { [lastApplied]: _, ...notes } = annotations;
  const { status: _status, data, stringData: _text, binaryData: _bytes, ...said } = rest;
  const shown = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
    },
    ...Object.fromEntries(Object.entries(said).filter(([name]) => !isTypeMeta(name))),
    ...(data === undefined ? {} : { data: kind === "Secret" ? hidden(data) : data }),
  };
  return dump(shown, { lineWidth: -1, noRefs: true });
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

function isTypeMeta(name: string): boolean {
  return name === "apiVersion" || name === "kind";
}

function hidden(data: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(data ?? {}).map((name) => [name, "(hidden)"]));
}

/** How to reach the cluster that flags name: those of a Pod are used where there is no kubeconfig at all, as kubectl does. */
export async function accessFlags(
  flags: ClusterAccessFlags,
): Promise<Parameters<typeof connect>[0]> {
  const { kubeconfig, context, cluster, user, as } = flags;
  const choice = {
    ...(context === undefined ? {} : { context }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(user === undefined ? {} : { user }),
    ...(as === undefined ? {} : { as }),
  };
  const isNamed = kubeconfig !== undefined || context !== undefined || cluster !== undefined ||
    user !== undefined || (Deno.env.get("KUBECONFIG") ?? "") !== "";
  const isPod = Deno.env.get("KUBERNETES_SERVICE_HOST") !== undefined;
  const inCluster = !isNamed && isPod &&
    !await exists(`${Deno.env.get("HOME") ?? ""}/.kube/config`);
  return { inCluster, choice, ...(kubeconfig === undefined ? {} : { kubeconfig }) };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

function unreadable(cause: unknown): string {
  if (cause instanceof ApiError) return `Cannot read the cluster: ${cause.message}`;
  if (cause instanceof UnreachableError) return `Cannot reach the cluster: ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}

function notListedText({ kind, message }: NotListed, { namespace }: ClusterAccessFlags): string {
  const where = namespace === undefined
    ? " in all namespaces (-n reads one alone)"
    : ` in namespace "${namespace}"`;
  return `Cannot list ${plural(kind)}${where}: ${message}`;
}

function plural(kind: string): string {
  if (kind === "HTTPProxy") return "HTTPProxies";
  return /s$/.test(kind) ? `${kind}es` : `${kind}s`;
}

function idOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return keyId({ kind, namespace, name });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
