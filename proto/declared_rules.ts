import type protobuf from "protobufjs";
import type { MessageRules } from "./checker.ts";
import type { FieldRules } from "./rulebook.ts";

/** The rules of messages, by their full names. */
export type DeclaredRules = { readonly [message: string]: MessageRules };

type Options = Readonly<Record<string, unknown>>;

/**
 * The rules by message. They come from the parsed options: the flattened ones of protobufjs keep
 * only the last value of a rule that is written twice (`not_in: 2 not_in: 3`).
 */
export function declaredRules(types: readonly protobuf.Type[]): DeclaredRules {
  const all: Record<string, MessageRules> = {};
  for (const type of types) {
    const isDisabled = ["disabled", "ignored"].some((name) =>
      parsedOption(type, `(validate.${name})`).at(-1) === true
    );
    const fields: Record<string, FieldRules> = {};
    for (const field of type.fieldsArray) {
      const rules = parsedOption(field, "(validate.rules)");
      if (rules.length > 0) fields[field.name] = merge(rules) as FieldRules;
    }
    const oneofs = type.oneofsArray
      .filter((oneof) => parsedOption(oneof, "(validate.required)").at(-1) === true)
      .map(({ name }) => name);
    if (!isDisabled && (Object.keys(fields).length > 0 || oneofs.length > 0)) {
      all[type.fullName.slice(1)] = { fields, required: oneofs };
    }
  }
  return all;
}

function parsedOption({ parsedOptions }: protobuf.ReflectionObject, name: string): unknown[] {
  // Declared as an object by protobufjs, yet a list of the options as they were written.
  const list: readonly Options[] = Array.isArray(parsedOptions) ? parsedOptions : [];
  return list.filter((options) => name in options).map((options) => options[name]);
}

/** One tree of rules from an option that is given in several parts. */
function merge(parts: readonly unknown[]): unknown {
  return parts.reduce((all, part) => {
    if (!isOptions(all) || !isOptions(part)) return part;
    const both: Record<string, unknown> = { ...all };
    for (const [name, value] of Object.entries(part)) {
      both[name] = name in both ? merge([both[name], value]) : value;
    }
    return both;
  });
}

function isOptions(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
