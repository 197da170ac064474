import type { DescriptorConfiguration, LimitConfiguration } from "../configuration/schema.ts";

/** A message of Envoy. */
export type Message = { readonly [field: string]: unknown };

/**
 * One entry of a descriptor, from both sides: what makes Envoy send it, and what the service expects.
 * The two are made in one place, so that they cannot differ.
 */
export interface Step {
  /** Envoy's `RateLimit.Action`. */
  readonly action: Message;
  readonly key: string;
  /** Absent: any value, each counted by itself. */
  readonly value?: string;
  /** Requests may lack it; the entry is then not sent. */
  readonly isOptional?: boolean;
}

/** The service's side of steps in a row: the limit for every descriptor that they can make. */
export function descriptorOf(
  steps: readonly Step[],
  rate_limit: LimitConfiguration,
  shadow_mode: boolean,
): readonly DescriptorConfiguration[] {
  return descriptorsFrom(steps, { rate_limit, ...(shadow_mode ? { shadow_mode } : {}) });
}

/** The next entry is any of the steps up to the first that is always there. */
function descriptorsFrom(
  steps: readonly Step[],
  leaf: Pick<DescriptorConfiguration, "rate_limit" | "shadow_mode">,
): readonly DescriptorConfiguration[] {
  const found: DescriptorConfiguration[] = [];
  for (const [i, { key, value, isOptional = false }] of steps.entries()) {
    const rest = steps.slice(i + 1);
    const descriptors = descriptorsFrom(rest, leaf);
    const isEnd = rest.every((step) => step.isOptional ?? false);
    found.push({
      key,
      ...(value === undefined ? {} : { value }),
      ...(isEnd ? leaf : {}),
      ...(descriptors.length === 0 ? {} : { descriptors }),
    });
    if (!isOptional) break;
  }
  return found;
}

/** An entry that is always the same. */
export function constantStep(key: string, value: string): Step {
  return { action: constantAction(key, value), key, value };
}

/** What makes Envoy send an entry that is always the same. */
export function constantAction(key: string, value: string): Message {
  return { genericKey: { descriptorKey: key, descriptorValue: value } };
}

/**
 * A name as part of a key. What is left has no `_`, which parts keys from values in the service, and no
 * `*`, which stands for anything there.
 */
export function keyPart(name: string): string {
  return [...name].map((letter) =>
    /[A-Za-z0-9.:-]/.test(letter)
      ? letter
      : `%${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}`
  ).join("");
}
