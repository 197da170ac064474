import { z } from "zod";
import type { Immutable } from "./kinds/immutable.ts";
import { Metadata } from "./kinds/mod.ts";
import { nonEmpty } from "./kinds/values.ts";
import type { PolicyKind } from "./object_key.ts";
import type { Problem } from "./problem.ts";

/** An object of a kind that a plugin adds. */
export interface PolicyObject {
  readonly apiVersion: string;
  /** Kind and group: `RateLimit.policy.projectcontour.io`. In manifests it is the first part alone. */
  readonly kind: PolicyKind;
  readonly metadata: Metadata;
  readonly spec: {
    /** At least one. */
    readonly targets: readonly TargetRef[];
    /** What its plugin makes something of: what its schema gave. */
    readonly settings: unknown;
  };
}

/** What a policy is for. */
export const TargetRef = z.object({
  group: z.string().optional().describe("Group of the kind; follows from it if left out."),
  kind: z.enum(["HTTPProxy", "Ingress", "Namespace"]).describe("Kind of the target."),
  name: nonEmpty().describe(
    "Name of the target, which is in the namespace of the policy, or is that namespace.",
  ),
  sectionName: nonEmpty().optional().describe(
    "A part of the target: routes[2] of an HTTPProxy, or the path prefix of its routes; a host of an Ingress.",
  ),
});
/** See {@link TargetRef}. */
export type TargetRef = Immutable<z.infer<typeof TargetRef>>;

/** A kind that a plugin adds. */
export interface PolicyKindEntry {
  readonly kind: PolicyKind;
  /** As manifests have it: `RateLimit`. */
  readonly name: string;
  readonly apiVersion: string;
  /** As the API server has it in paths: `ratelimits`. */
  readonly plural: string;
  /**
   * Makes a policy of a document of the kind, which may be changed; as strict as {@link readValue}.
   * The namespace is filled in already.
   */
  readonly read: (value: unknown, options: { readonly strict: boolean }) => PolicyReading;
}

/** The policy, or why there is none. */
export type PolicyReading =
  | { readonly ok: true; readonly value: PolicyObject }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The kinds that plugins add, by `apiVersion kind` as manifests have them. */
export type PolicyKinds = ReadonlyMap<string, PolicyKindEntry>;

/** Where no plugin adds any. */
export const noPolicyKinds: PolicyKinds = new Map();

/** Whether the object is of a kind that a plugin adds. */
export function isPolicy(object: { readonly kind: string }): object is PolicyObject {
  return object.kind.includes(".");
}
