/**
 * Envoy's own rules on its messages, checked before we send them.
 *
 * The .proto files carry them as [`validate.rules`](https://github.com/bufbuild/protoc-gen-validate)
 * and Envoy refuses a resource that breaks one, with everything that shares the resource. So every
 * fragment is checked where it is made, and what is wrong with it becomes a diagnostic.
 */
import { Checkers, type FurtherRule, type MessageRules, type Violation } from "./checker.ts";
import { isMessageType, messageType } from "./descriptors.ts";
import declared from "./gen/rules.json" with { type: "json" };
import type { Message } from "./message.ts";
import type { DeclaredRules } from "./declared_rules.ts";

/**
 * The rules that the message breaks; none if Envoy's validation would let it pass. A field is
 * blamed for one rule at a time. Messages inside an `Any` are checked too, unless they are given as
 * bytes, which were checked where they were made.
 *
 * Beyond the rules of the .proto files this asks three things of every message: that texts are
 * well-formed Unicode (rule `utf8`), that durations are none below zero (rule `duration`), as no
 * part of Envoy takes those, and that integers of 32 bits are in their range (rule `range`).
 */
export const check: Check = (fullName, message) => plain(fullName, message);

/** See {@link check}. */
export type Check = (fullName: string, message: Message) => readonly Violation[];

/** A check that asks more of some messages, by their full names, wherever they stand in another. */
export function checkWith(further: { readonly [fullName: string]: FurtherRule }): Check {
  const checkers = new Checkers({
    type: (name) => isMessageType(name) ? messageType(name) : undefined,
    rules: (name) => rules[name],
    further: (name) => Object.hasOwn(further, name) ? further[name] : undefined,
  });
  return (fullName, message) => {
    const found: Violation[] = [];
    checkers.of(messageType(fullName))(message, found);
    return found;
  };
}

const rules: DeclaredRules = withoutLifted(declared);
const plain = checkWith({});

/**
 * Our copy of the .proto files has rules that later Envoys do without, so that what breaks them is
 * none to be refused.
 */
function withoutLifted(all: DeclaredRules): DeclaredRules {
  const lifted: readonly (readonly [message: string, field: string])[] = [
    // Its enum has more values by now.
    ["envoy.config.accesslog.v3.ComparisonFilter", "op"],
    ["envoy.config.core.v3.RuntimeDouble", "runtimeKey"],
    ["envoy.config.core.v3.RuntimeUInt32", "runtimeKey"],
    ["envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", "disabled"],
    ["envoy.type.v3.TokenBucket", "maxTokens"],
  ];
  const kept: Record<string, MessageRules> = { ...all };
  for (const [message, field] of lifted) {
    const { fields, required } = kept[message] ?? { fields: {}, required: [] };
    const { [field]: _, ...rest } = fields;
    kept[message] = { fields: rest, required };
  }
  return kept;
}
