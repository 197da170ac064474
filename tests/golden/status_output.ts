import assert from "node:assert/strict";
import {
  codes,
  type Diagnostic,
  keyId,
  type Manifest,
  type ObjectKey,
  type Position,
} from "../../controller/api/mod.ts";
import type { HTTPProxyStatus, ObjectStatus, SubCondition } from "../../controller/status/mod.ts";
import type { Json } from "../../proto/mod.ts";

/**
 * The verdicts by object, then what reading the file refused. An object without a mistake is a word;
 * a mistake says where in `in.yaml` it is, and how it stands in the status. `full` prints the status
 * as the cluster would hold it too.
 */
export function statusOutput(
  statuses: Iterable<ObjectStatus>,
  manifest: Manifest,
  { full }: { readonly full: boolean },
): Json {
  const output: Record<string, Json> = {};
  for (const status of [...statuses].sort((a, b) => keyId(a.key) < keyId(b.key) ? -1 : 1)) {
    output[keyId(status.key)] = verdict(status, manifest, full);
  }
  if (manifest.diagnostics.length > 0) {
    output["refused when read"] = manifest.diagnostics.map((diagnostic) => ({
      at: place(diagnostic.position, diagnostic.path),
      ...(diagnostic.object === undefined ? {} : { object: keyId(diagnostic.object) }),
      [diagnostic.severity]: `${diagnostic.code} ${codes[diagnostic.code].name}`,
      message: diagnostic.message,
      ...(diagnostic.hint === undefined ? {} : { hint: diagnostic.hint }),
    }));
  }
  return output;
}

function verdict({ key, diagnostics, status }: ObjectStatus, manifest: Manifest, full: boolean) {
  if (status !== undefined) checkConditions(diagnostics, status);
  if (diagnostics.length === 0 && !full) return status?.currentStatus ?? "nothing to say";
  return {
    ...(status === undefined ? {} : full ? statusJson(status) : {
      status: status.currentStatus,
      // As in every status with errors, unless it is an orphan's.
      ...(boilerplate.includes(status.description) ? {} : { description: status.description }),
    }),
    ...(diagnostics.length === 0
      ? {}
      : { problems: diagnostics.map((diagnostic) => problem(diagnostic, key, manifest)) }),
  };
}

const boilerplate = ["Valid HTTPProxy", "At least one error present, see Errors for details"];

function statusJson(status: HTTPProxyStatus): Record<string, Json> {
  return JSON.parse(JSON.stringify(status)) as Record<string, Json>;
}

function problem(
  { code, severity, condition, path, message, object }: Diagnostic,
  key: ObjectKey,
  manifest: Manifest,
) {
  assert.equal(keyId(object ?? key), keyId(key), "a status holds what is told of another object");
  const position = manifest.objects.find((parsed) => keyId(parsed.key) === keyId(key))
    ?.locate(path);
  return {
    at: place(position, path),
    [severity]: `${code} ${
      condition === undefined ? codes[code].name : `${condition.type}/${condition.reason}`
    }`,
    message,
  };
}

/** `12:5 spec.routes[0]`; objects that the harness made have no place. */
function place(position: Position | undefined, path: string): string {
  const at = position === undefined ? "nowhere" : `${position.line}:${position.column}`;
  return `${at} ${path === "" ? "(all of it)" : path}`;
}

/** The conditions say what the diagnostics say, in the same order; so goldens need not say it twice. */
function checkConditions(diagnostics: readonly Diagnostic[], { conditions }: HTTPProxyStatus) {
  const [{ errors = [], warnings = [] }] = conditions;
  const lines = (list: readonly SubCondition[]) =>
    list.map(({ type, reason, message }) => `${type}/${reason} ${message}`);
  const told = (severity: Diagnostic["severity"]) =>
    diagnostics.flatMap(({ condition, message, ...diagnostic }) =>
      condition === undefined || diagnostic.severity !== severity
        ? []
        : [`${condition.type}/${condition.reason} ${message}`]
    );
  assert.deepEqual(lines(errors), told("error"));
  assert.deepEqual(lines(warnings), told("warning"));
}
