import { identify } from "./identify.ts";
import { type KnownFields, knownFields, sift } from "./known_fields.ts";
import { type KubeObject, schemas } from "./kube_object.ts";
import { type Kind, kinds, type ObjectKey, type PolicyKind } from "./object_key.ts";
import type { PolicyKindEntry, PolicyKinds } from "./policy_object.ts";
import type { Problem } from "./problem.ts";
import { schemaProblem } from "./schema_problem.ts";

/**
 * Makes a typed object of what came from a file or an API server, as the API server would: nulls
 * are absent, defaults are filled in, `stringData` goes into `data`. The value is taken over and
 * may be changed.
 */
export function parseObject(value: unknown, options: ParseOptions): ParseResult {
  const identity = identify(value, options.policyKinds);
  switch (identity.kind) {
    case "list":
      return {
        kind: "refused",
        problems: [{
          code: "CTR007",
          severity: "error",
          path: [],
          at: "value",
          message: "a list cannot stand inside a list",
        }],
      };
    case "passed over":
      return { kind: "passed over", problem: identity.problem };
    case "refused": {
      const key = identity.of === undefined ? undefined : keyIn(value, identity.of, options);
      return { kind: "refused", problems: [identity.problem], ...(key ? { key } : {}) };
    }
    case "object":
      return parseKind(identity.of, { ...(value as Record<string, unknown>) }, options);
    case "policy":
      return parsePolicy(identity.of, { ...(value as Record<string, unknown>) }, options);
  }
}

/** How to take what is odd. */
export interface ParseOptions {
  /**
   * Files are read strictly: an unknown field is an error, and what only a controller writes (the
   * status of our own kinds) is dropped. From a cluster unknown fields are dropped instead, since a
   * newer schema must not stop traffic.
   */
  readonly strict: boolean;
  /** Namespace of objects that name none; `default` if left out. */
  readonly namespace?: string;
  /** Kinds that plugins add; none if left out. */
  readonly policyKinds?: PolicyKinds | undefined;
}

/** The object, or why there is none. */
export type ParseResult =
  | { readonly kind: "object"; readonly key: ObjectKey; readonly object: KubeObject }
  /** A kind that we need not understand. */
  | { readonly kind: "passed over"; readonly problem: Problem }
  /** The key is known when kind and name could be read. */
  | { readonly kind: "refused"; readonly problems: readonly Problem[]; readonly key?: ObjectKey };

/** More mistakes than these are counted, not listed. */
const maximumProblems = 20;

const known = Object.fromEntries(kinds.map((kind) => [kind, knownFields(schemas[kind])])) as Record<
  Kind,
  KnownFields
>;

/** Kinds whose status is ours to write. */
const withOwnStatus = new Set<Kind>(["HTTPProxy", "TLSCertificateDelegation", "ExtensionService"]);

function parseKind(kind: Kind, value: Record<string, unknown>, options: ParseOptions): ParseResult {
  const key = keyIn(value, kind, options);
  if (isObject(value["metadata"])) {
    value["metadata"] = { ...value["metadata"], namespace: namespaceOf(value, kind, options) };
  }
  if (options.strict && withOwnStatus.has(kind)) delete value["status"];
  const unknown: Problem[] = [];
  sift(value, known[kind], unknown);
  const result = schemas[kind].safeParse(value);
  const problems = options.strict ? unknown : [];
  if (result.success && problems.length === 0 && key !== undefined) {
    return { kind: "object", key, object: result.data };
  }
  const secret = kind === "Secret";
  for (const issue of result.error?.issues ?? []) {
    problems.push(schemaProblem(issue, value, secret));
  }
  return { kind: "refused", problems: capped(problems), ...(key ? { key } : {}) };
}

function parsePolicy(
  entry: PolicyKindEntry,
  value: Record<string, unknown>,
  options: ParseOptions,
): ParseResult {
  const key = keyIn(value, entry.kind, options);
  if (isObject(value["metadata"])) {
    value["metadata"] = {
      ...value["metadata"],
      namespace: namespaceOf(value, entry.kind, options),
    };
  }
  // Its status is ours to write.
  delete value["status"];
  const result = entry.read(value, options);
  if (result.ok && key !== undefined) return { kind: "object", key, object: result.value };
  const problems = result.ok ? [] : capped(result.problems);
  return { kind: "refused", problems, ...(key ? { key } : {}) };
}

function keyIn(
  value: unknown,
  kind: Kind | PolicyKind,
  options: ParseOptions,
): ObjectKey | undefined {
  const name = metadataField(value, "name");
  if (typeof name !== "string" || name === "") return undefined;
  const namespace = namespaceOf(value, kind, options);
  return typeof namespace === "string" ? { kind, namespace, name } : undefined;
}

/** Not text when the object says so; the schema will complain. */
function namespaceOf(value: unknown, kind: Kind | PolicyKind, options: ParseOptions): unknown {
  if (kind === "Namespace") return "";
  const namespace = metadataField(value, "namespace");
  const isNone = namespace === undefined || namespace === null || namespace === "";
  return isNone ? options.namespace ?? "default" : namespace;
}

function metadataField(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  const metadata = value["metadata"];
  return isObject(metadata) && Object.hasOwn(metadata, name) ? metadata[name] : undefined;
}

function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= maximumProblems) return problems;
  const rest = problems.length - maximumProblems;
  return [...problems.slice(0, maximumProblems), {
    code: "CTR016",
    severity: "error",
    path: [],
    at: "value",
    message: `${rest} more problems in this object`,
  }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
