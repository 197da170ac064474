import { z } from "zod";
import { durationOrZeroWanted, durationWanted } from "../duration.ts";
import {
  durationOrInfinityPattern,
  durationOrZeroPattern,
  durationPattern,
  type Pattern,
} from "./patterns.ts";

/** A 32-bit integer. */
export function int32() {
  return z.int32().meta({ format: "int32" });
}

/** An integer of 64 bits in Kubernetes; ours end at 2^53, which no field comes near. */
export function int64() {
  return z.int().meta({ format: "int64" });
}

/** An unsigned integer of 32 bits: the definitions publish it as `int32` with a lower bound of none. */
export function uint32() {
  return z.int32().meta({ format: "int32" });
}

/** A TCP port, 1 to 65535, published with an exclusive maximum as Contour does. */
export function port() {
  return z.int32().min(1).lt(65_536);
}

/** Policies by the field of their plugin, which says what they hold. */
export function pluginSettings() {
  return z.record(z.string(), z.looseObject({}));
}

/** A string that must not be empty. */
export function nonEmpty() {
  return z.string().min(1);
}

/** A Go duration such as `1m30s`. */
export function duration() {
  return time(durationPattern, "a duration such as 500ms, 30s or 1m30s");
}

/** A Go duration, or `infinity` to disable the timeout. */
export function timeout() {
  return time(durationOrInfinityPattern, "a duration such as 30s or 1m30s, or infinity");
}

/** A Go duration or a bare `0`. */
export function durationOrZero() {
  return time(durationOrZeroPattern, "a duration such as 10m, or 0", durationOrZeroWanted);
}

/** An integer or a string: a port by number or by name. */
export function intOrString() {
  return z.union([z.int32(), z.string()]).meta({ "x-kubernetes-int-or-string": true });
}

/** A map from string to string, such as labels. */
export function stringMap() {
  return z.record(z.string(), z.string());
}

/**
 * Adds a rule over several fields, which the API server checks in CEL and we check with `holds`.
 * See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export function withRule<Schema extends z.ZodType>(
  schema: Schema,
  rule: {
    readonly cel: string;
    readonly message: string;
    readonly holds: (value: z.output<Schema>) => boolean;
  },
) {
  return schema.refine(rule.holds, { error: rule.message }).meta({
    "x-kubernetes-validations": [{ message: rule.message, rule: rule.cel }],
  });
}

/** A string of a pattern; `expected` says in words what to write. */
export function matching(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, { error: `must be ${expected}` });
}

function time({ published, matcher }: Pattern, expected: string, wanted = durationWanted) {
  return z.string({ error: wanted }).regex(matcher, { error: `must be ${expected}` })
    .meta({ pattern: published });
}
