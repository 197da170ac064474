import type { NameMatch } from "../program/name_match.ts";
import type { Mutation, Program, Reading } from "../program/program.ts";
import { metadataNamespace, pathKey } from "../program/condition_expression.ts";
import type { Message } from "./message.ts";

/**
 * What the composite filter is told: to run header mutations whatever the message is like. It is there
 * since, of its settings at host and route, those of the route stand in place of the others, while the
 * header mutation filter by itself would take both.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/composite_filter
 */
export function mutationSetting(
  direction: "request" | "response",
  mutations: readonly Mutation[],
): Message {
  return {
    "@type": "envoy.extensions.filters.http.composite.v3.CompositePerRoute",
    matcher: {
      onNoMatch: {
        action: {
          name: "mutate",
          typedConfig: {
            "@type": "envoy.extensions.filters.http.composite.v3.ExecuteFilterAction",
            filterChain: {
              typedConfig: [{
                name: "mutate",
                typedConfig: {
                  "@type": "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                  mutations: { [`${direction}Mutations`]: mutations.map(mutationMessage) },
                },
              }],
            },
          },
        },
      },
    },
  };
}

/**
 * What the header-to-metadata filter is told, `undefined`: nothing. Values of 8 KiB and more it leaves
 * out, and so they are not rewritten.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_to_metadata_filter
 */
export function readingSetting(
  direction: "request" | "response",
  { readings, asksForPath }: Program,
): Message | undefined {
  if (readings.length === 0 && !asksForPath) return undefined;
  return {
    "@type": "envoy.extensions.filters.http.header_to_metadata.v3.Config",
    ...(asksForPath ? { requestRules: [rule(pathReading)] } : {}),
    ...(readings.length === 0 ? {} : { [`${direction}Rules`]: readings.map(rule) }),
  };
}

/** The path without its query. */
const pathReading: Reading = {
  header: ":path",
  key: pathKey,
  pattern: "[?].*",
  substitution: "",
};

function rule({ header, key, pattern, substitution }: Reading): Message {
  return {
    header,
    onHeaderPresent: {
      metadataNamespace,
      key,
      regexValueRewrite: { pattern: { regex: pattern }, substitution },
    },
  };
}

function mutationMessage(mutation: Mutation): Message {
  switch (mutation.kind) {
    case "remove":
      return { remove: mutation.name };
    case "remove-matching":
      return { removeOnMatch: { keyMatcher: nameMatcher(mutation.match) } };
    case "put": {
      const { name, format, onto, keepsEmpty = false } = mutation;
      return {
        append: {
          header: { key: name, ...(format === "" ? {} : { value: format }) },
          ...(onto === "APPEND_IF_EXISTS_OR_ADD" ? {} : { appendAction: onto }),
          ...(keepsEmpty ? { keepEmptyValue: true } : {}),
        },
      };
    }
  }
}

function nameMatcher({ kind, text }: NameMatch): Message {
  return kind === "pattern" ? { safeRegex: { regex: text } } : { [kind]: text };
}
