import { keyId } from "../../../controller/api/mod.ts";
import type { Explanation, Place } from "../../../explain/mod.ts";

/** An explanation for programs: one object, with each place flattened. */
export function explanationJson(explanation: Explanation): string {
  const { request, host, outcome, rule, treatment, policies, candidates, problems } = explanation;
  const report = {
    version: 1,
    request,
    ...(host === undefined ? {} : { host: { fqdn: host.fqdn, ...flat(host.owner) } }),
    outcome,
    ...(rule === undefined ? {} : {
      rule: {
        ...flat(rule),
        conditions: rule.conditions,
        includedBy: rule.includedBy.map((include) => ({
          ...flat(include),
          prefix: include.prefix,
        })),
      },
    }),
    ...(treatment === undefined ? {} : { treatment }),
    ...(policies === undefined
      ? {}
      : { policies: policies.map(({ kind, ...place }) => ({ kind, ...flat(place) })) }),
    candidates: candidates.map(({ conditions, mismatches, reason, ...place }) => ({
      ...flat(place),
      conditions,
      reason,
      mismatches,
    })),
    problems: problems.map(({ code, severity, message, object, path, position }) => ({
      code,
      severity,
      message,
      ...(object === undefined ? {} : flat({
        object,
        path,
        ...(position === undefined ? {} : { position }),
      })),
    })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function flat({ object, path, position }: Place): object {
  const place = position === undefined
    ? {}
    : { file: position.file, line: position.line, column: position.column };
  return { object: keyId(object), path, ...place };
}
