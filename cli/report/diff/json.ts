import { keyId } from "../../../controller/api/mod.ts";
import type { RequestClass, RulePlace, TrafficReport } from "../../../diff/mod.ts";
import type { ShownDiff } from "./report.ts";
import { marks } from "./words.ts";

/** One object; its shape is described in docs/diff.md and only grows while `version` is 1. */
export function jsonReport({ report, resources, traffic }: ShownDiff): string {
  const { hosts, summary, assumed } = report;
  const shown = {
    version: 1,
    hosts: hosts.map(({ fqdn, classes, unchanged, inexact }) => ({
      host: fqdn,
      classes: classes.map((one) => classJson(one, traffic)),
      unchanged,
      ...(inexact === undefined ? {} : { sampled: inexact }),
    })),
    assumed: assumed.map(keyId),
    ...(resources === undefined ? {} : {
      resources: resources.map(({ type, name, before, after }) => ({
        type,
        name,
        before: parsed(before),
        after: parsed(after),
      })),
    }),
    ...(traffic === undefined ? {} : {
      traffic: {
        requests: traffic.requests,
        changed: traffic.changed,
        unlisted: traffic.unlisted,
        unreadable: traffic.unreadable,
        unknownScheme: traffic.unknownScheme,
        unknownHeaders: traffic.unknownHeaders,
      },
    }),
    summary,
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function classJson(one: RequestClass, traffic: TrafficReport | undefined) {
  const { kind, schemes, method, path, conditions, except, before, after, treatment, rules } = one;
  return {
    kind,
    mark: marks[kind],
    schemes,
    method,
    path,
    conditions,
    except,
    before,
    after,
    changes: treatment,
    rules: {
      ...(rules.before === undefined ? {} : { before: placeJson(rules.before) }),
      ...(rules.after === undefined ? {} : { after: placeJson(rules.after) }),
    },
    witness: one.witness,
    ...(traffic === undefined ? {} : { requests: traffic.byClass.get(one) ?? 0 }),
  };
}

function placeJson({ object, path, position }: RulePlace) {
  const place = position === undefined
    ? {}
    : { file: position.file, line: position.line, column: position.column };
  return { object: keyId(object), path, ...place };
}

function parsed(text: string): unknown {
  return text === "" ? null : JSON.parse(text);
}
