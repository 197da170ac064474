import { z } from "zod";
import { Metadata, type PolicyKind, type Severity, TargetRef } from "../api/mod.ts";
import { contractVersion, defaultGroup, type Place, type Plugin, type Policy } from "./contract.ts";
import type { TargetKind } from "./contract.ts";

/** What there is to know of a plugin without calling it: plain data. */
export interface PluginFacts {
  readonly name: string;
  readonly summary: string;
  readonly version?: string;
  readonly policies: readonly PolicyFacts[];
  readonly filters: readonly FilterFacts[];
  /** Names. */
  readonly clusters: readonly string[];
  readonly services: readonly string[];
  readonly lintRules: readonly {
    readonly name: string;
    readonly severity: Severity;
    readonly explanation: string;
  }[];
  readonly conversions: readonly {
    readonly annotations: readonly string[];
    readonly kind: string;
  }[];
}

/** The same of a kind of policy, with the defaults of the contract filled in. */
export interface PolicyFacts {
  /** As manifests have it: `RateLimit`. */
  readonly name: string;
  /** With its group. */
  readonly kind: PolicyKind;
  readonly apiVersion: string;
  readonly plural: string;
  readonly summary: string;
  /** Under `plugins` of an HTTPProxy; absent: it is not attached so. */
  readonly field?: string;
  /** Those it is attached by. */
  readonly annotations: readonly string[];
  readonly targets: readonly TargetKind[];
  readonly several: "oldest" | "all";
  readonly failure: "open" | "closed";
  /** Whether it says anything beyond its schema; see {@link Policy.diagnose}. */
  readonly diagnoses: boolean;
  /** Settings that are valid. */
  readonly examples: readonly unknown[];
}

/** The same of a filter. */
export interface FilterFacts {
  readonly name: string;
  /** What Envoy calls it. */
  readonly envoyName: string;
  readonly type: string;
  readonly after: readonly Place[];
  readonly before: readonly Place[];
  readonly always: boolean;
  readonly failure: "open" | "closed";
}

/** What Envoy calls a filter of a plugin. */
export function filterName(plugin: string, filter: string): string {
  return `plugin.${plugin}.${filter}`;
}

/** What Envoy calls a cluster of a plugin. */
export function clusterName(plugin: string, cluster: string): string {
  return `plugin/${plugin}/${cluster}`;
}

/** The facts of a plugin, of whose shape {@link pluginProblem} finds nothing wrong. */
export function pluginFacts(plugin: Plugin): PluginFacts {
  const { name, summary, version } = plugin;
  return {
    name,
    summary,
    ...(version === undefined ? {} : { version }),
    policies: (plugin.policies ?? []).map((policy, i) => policyFacts(policy, i === 0 && name)),
    filters: (plugin.filters ?? []).map((filter) => ({
      name: filter.name,
      envoyName: filterName(name, filter.name),
      type: filter.type,
      after: places(filter.after),
      before: places(filter.before),
      always: filter.always ?? false,
      failure: filter.failure ?? "open",
    })),
    clusters: (plugin.clusters ?? []).map(({ name }) => name),
    services: (plugin.services ?? []).map(({ name }) => name),
    lintRules: (plugin.lintRules ?? []).map(({ name, severity, explanation }) => ({
      name,
      severity,
      explanation,
    })),
    conversions: (plugin.conversions ?? []).map(({ annotations, kind }) => ({
      annotations: [...annotations],
      kind,
    })),
  };
}

function places(given: Place | readonly Place[] | undefined): readonly Place[] {
  return given === undefined ? [] : typeof given === "string" ? [given] : [...given];
}

function policyFacts(policy: Policy, defaultField: string | false): PolicyFacts {
  const { kind, group = defaultGroup, version = "v1alpha1", field = defaultField } = policy;
  return {
    name: kind,
    kind: `${kind}.${group}`,
    apiVersion: `${group}/${version}`,
    plural: policy.plural ?? pluralOf(kind.toLowerCase()),
    summary: policy.summary,
    ...(field === false ? {} : { field }),
    annotations: [...policy.annotations?.names ?? []],
    targets: [...policy.targets ?? targetKinds],
    several: policy.several ?? "oldest",
    failure: policy.failure ?? "open",
    diagnoses: policy.diagnose !== undefined,
    examples: [...policy.examples ?? []],
  };
}

const targetKinds: readonly TargetKind[] = ["HTTPProxy", "Ingress", "Namespace"];

function pluralOf(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The schema of a policy as an object of its kind. */
export function policySchema(policy: Policy): z.ZodObject {
  const { name, apiVersion, targets } = policyFacts(policy, false);
  const target = TargetRef.extend({
    kind: z.enum(targets).describe("Kind of the target."),
  });
  return z.object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(name),
    metadata: Metadata,
    spec: policy.schema.safeExtend({
      targetRef: target.optional().describe("What the policy is for."),
      targetRefs: z.array(target).min(1).max(64).optional().describe(
        "What the policy is for, where that is more than one.",
      ),
    }).describe("The policy, and what it is for."),
    status: z.looseObject({}).optional().describe("What became of it; written by the controller."),
  }).describe(policy.summary);
}

/** Why a value is no plugin of this contract, in a sentence without subject; `undefined`: it is one. */
export function pluginProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("contract" in value)) {
    return "its default export is no plugin: it has to be what definePlugin gives back, or a function that gives that back";
  }
  if (value.contract !== contractVersion) {
    return `it is written for version ${
      String(value.contract)
    } of the plugin contract, and this is version ${contractVersion}`;
  }
  const shape = pluginShape.safeParse(value);
  if (!shape.success) {
    const [issue] = shape.error.issues;
    return `its "${issue?.path.join(".") ?? ""}" is not as the contract has it: ${issue?.message}`;
  }
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const { policies = [], filters = [], clusters = [], services = [], lintRules = [] } = shape.data;
  const twice = repeated(policies.map(({ kind }) => kind)) ?? repeated(names(filters)) ??
    repeated(names(clusters)) ?? repeated(names(services)) ?? repeated(names(lintRules));
  return twice === undefined ? undefined : `it has two of the name "${twice}"`;
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i);
}

const label = z.string().regex(/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/, {
  error: "lower-case letters, digits and '-', a letter first, at most 42",
});
const fn = z.custom((value) => typeof value === "function", { error: "a function is needed" });
const schema = z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, {
  error: "an object schema of zod is needed",
});
const kind = z.string().regex(/^[A-Z][A-Za-z0-9]{0,62}$/, { error: "a word such as RateLimit" });

const pluginShape = z.object({
  name: label,
  summary: z.string().min(1),
  version: z.string().optional(),
  settings: schema.optional(),
  policies: z.array(z.object({
    kind,
    group: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/).optional(),
    version: z.string().regex(/^v\d+((alpha|beta)\d+)?$/).optional(),
    plural: z.string().regex(/^[a-z]+$/).optional(),
    summary: z.string().min(1),
    schema,
    examples: z.array(z.record(z.string(), z.unknown())).optional(),
    field: z.union([label, z.literal(false)]).optional(),
    annotations: z.object({ names: z.array(z.string().min(1)).min(1), read: fn }).optional(),
    targets: z.array(z.enum(["HTTPProxy", "Ingress", "Namespace"])).min(1).optional(),
    several: z.enum(["oldest", "all"]).optional(),
    failure: z.enum(["open", "closed"]).optional(),
    host: fn.optional(),
    route: fn.optional(),
    diagnose: fn.optional(),
  })).optional(),
  filters: z.array(z.object({
    name: label,
    type: z.string().min(1),
    config: fn.optional(),
    always: z.boolean().optional(),
    failure: z.enum(["open", "closed"]).optional(),
    after: z.union([z.string(), z.array(z.string())]).optional(),
    before: z.union([z.string(), z.array(z.string())]).optional(),
  })).optional(),
  clusters: z.array(z.object({ name: label, config: fn })).optional(),
  services: z.array(z.object({ name: label, start: fn, isWanted: fn.optional() })).optional(),
  lintRules: z.array(z.object({
    name: label,
    severity: z.enum(["error", "warning", "info"]),
    explanation: z.string().min(1),
    check: fn,
  })).optional(),
  conversions: z.array(z.object({
    annotations: z.array(z.string().min(1)).min(1),
    kind,
    convert: fn,
  })).optional(),
});
