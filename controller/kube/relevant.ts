import type { Resource } from "./resources.ts";

/**
 * The part of an object that we keep: no bookkeeping of the API server, no status that we write
 * ourselves, no bytes of Secrets and ConfigMaps that nobody may refer to. A new value; what stays is
 * shared with the old one.
 */
export function relevant(resource: Resource, raw: RawObject): Record<string, unknown> {
  const { metadata, status, ...rest } = raw;
  const kept: Record<string, unknown> = {
    ...rest,
    // The items of a list do not say what they are.
    apiVersion: resource.apiVersion,
    kind: resource.name,
    metadata: relevantMetadata(metadata),
  };
  if (status !== undefined && !resource.ownStatus) kept["status"] = status;
  if (resource.kind === "Secret" && !servedTypes.has(rest["type"])) delete kept["data"];
  if (resource.kind === "ConfigMap") {
    delete kept["binaryData"];
    kept["data"] = authorityOnly(rest["data"]);
  }
  return kept;
}

/** An object as it came, of which little is known. */
export interface RawObject {
  readonly metadata: RawMetadata;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** What every object has. */
export interface RawMetadata {
  readonly name: string;
  /** Empty when it is in none. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly uid?: unknown;
  readonly generation?: unknown;
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly creationTimestamp?: unknown;
}

/** The object, if it is one at all: it has to have a name. */
export function rawObject(value: unknown): RawObject | undefined {
  if (!isRecord(value) || !isRecord(value["metadata"])) return undefined;
  const { name, namespace, resourceVersion } = value["metadata"];
  if (typeof name !== "string" || name === "") return undefined;
  const text = (field: unknown) => typeof field === "string" ? field : "";
  const metadata = {
    ...value["metadata"],
    name,
    namespace: text(namespace),
    resourceVersion: text(resourceVersion),
  };
  return { ...value, metadata };
}

/** Types of Secret that HTTPProxy and Ingress may refer to. */
const servedTypes = new Set<unknown>([undefined, "", "Opaque", "kubernetes.io/tls"]);

/** Holds the whole object once more, Secret bytes included, and means nothing to us. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

function relevantMetadata(metadata: RawMetadata): Record<string, unknown> {
  const { name, namespace, generation, labels, creationTimestamp } = metadata;
  const annotations = relevantAnnotations(metadata.annotations);
  const kept = { name, namespace, generation, labels, annotations, creationTimestamp };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

/** The annotations but for what tools note down. */
export function relevantAnnotations(annotations: unknown): unknown {
  if (!isRecord(annotations) || !Object.hasOwn(annotations, lastApplied)) return annotations;
  const { [lastApplied]: _, ...rest } = annotations;
  return rest;
}

function authorityOnly(data: unknown): Record<string, unknown> {
  return isRecord(data) && data["ca.crt"] !== undefined ? { "ca.crt": data["ca.crt"] } : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
