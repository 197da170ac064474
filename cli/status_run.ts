import { paintFor, UsageError } from "../command_line/mod.ts";
import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
} from "../controller/api/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import { asksForCluster } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { type GivenObjects, readGiven } from "./given_objects.ts";
import { readJudging } from "./judging.ts";
import { policyRows } from "./policy_statuses.ts";
import { byPlace, diagnosticLines, summaryLine } from "./report/diagnostics.ts";
import { policyTable } from "./report/policy_statuses.ts";
import { statusJson, type StatusRow, statusTable, statusYaml } from "./report/statuses.ts";
import { readServing, type ServedStatus } from "./serving_statuses.ts";
import type { StatusFlags } from "./status.ts";

/** Prints the status of the objects that are given. */
export async function runStatus(
  paths: readonly string[],
  flags: StatusFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, parts, color, exit } = context;
  const { output, verbose } = flags;
  const { settings, plugins } = await readJudging(flags, context);
  const { serving } = flags;
  if (serving !== undefined && asksForCluster(flags)) {
    throw new UsageError("--serving asks a controller; flags of a cluster have no part in that");
  }
  const isAll = serving !== undefined && paths.length === 0;
  const given = isAll
    ? noObjects
    : await readGiven(paths, flags, context, { policyKinds: plugins?.policyKinds });
  const subjects = new Set(given.subjects.map((object) => keyId(keyOf(object))));
  const known = serving === undefined
    ? await parts.statuses(given.objects, settings, plugins, refusedOf(given))
    : await readServing(serving);
  const statuses = known.filter(({ key }) => isAll || subjects.has(keyId(key)));
  const diagnostics = placed(given, statuses)
    .filter(({ severity }) => verbose || severity !== "info");
  const rows = statusRows(given, statuses);
  const policies = policyRows(
    statuses.filter((each): each is ObjectStatus => !("fqdn" in each)),
    { objects: given.objects, settings, plugins: plugins?.set },
  );
  terminal.out(render(rows));

  const paint = paintFor("err", terminal, color());
  for (const diagnostic of diagnostics) terminal.err(diagnosticLines(diagnostic, paint));
  if (diagnostics.length > 0) {
    const objects = isAll ? statuses.length : given.subjects.length;
    const read = { files: given.files.fileCount, objects };
    terminal.err(summaryLine(diagnostics, read));
  } else if (rows.length + policies.length === 0) {
    terminal.err("No HTTPProxy found\n");
  }
  exit(diagnostics.some(({ severity }) => severity === "error") ? 1 : 0);

  function tables(paint: ReturnType<typeof paintFor>): string {
    const both = [statusTable(rows, paint), policyTable(policies, paint)];
    return both.filter((table) => table !== "").join("\n");
  }

  function render(rows: readonly StatusRow[]): string {
    switch (output) {
      case "table":
        return tables(paintFor("out", terminal, color()));
      case "yaml":
        return statusYaml(rows, policies);
      case "json":
        return statusJson(rows, policies);
    }
  }
}

/** Of a controller that is asked for all it has. */
const noObjects: GivenObjects = {
  files: { objects: [], diagnostics: [], fileCount: 0, locate: () => undefined },
  diagnostics: [],
  subjects: [],
  background: [],
  objects: [],
};

/** What Envoys refuse of a cluster, but for what files put in its place. */
function refusedOf({ cluster, objects }: GivenObjects): ReadonlyMap<string, string> {
  const ofCluster = new Set(cluster?.objects);
  const ids = new Set(
    objects.filter((object) => ofCluster.has(object)).map((object) => keyId(keyOf(object))),
  );
  return new Map([...cluster?.refused ?? []].filter(([id]) => ids.has(id)));
}

/** The problems of files and of objects; those of objects get their places. */
function placed(
  { files, diagnostics }: GivenObjects,
  statuses: readonly Pick<ObjectStatus, "key" | "diagnostics">[],
): readonly Diagnostic[] {
  const ofObjects = statuses.flatMap(({ key, diagnostics }) =>
    diagnostics.map((diagnostic): Diagnostic => {
      const position = files.locate(diagnostic.object ?? key, diagnostic.path) ??
        diagnostic.position;
      return position === undefined ? diagnostic : { ...diagnostic, position };
    })
  );
  return [...diagnostics, ...ofObjects].sort(byPlace);
}

/** A row for every HTTPProxy: those that are judged, and those that did not come so far. */
function statusRows(
  { diagnostics, subjects }: GivenObjects,
  statuses: readonly (ObjectStatus | ServedStatus)[],
): readonly StatusRow[] {
  const objects = new Map(subjects.map((object) => [keyId(keyOf(object)), object]));
  const rows = new Map<string, StatusRow>();
  for (const { key, status, ...shown } of statuses) {
    if (status === undefined) continue;
    const columns = "fqdn" in shown ? shown : columnsOf(objects.get(keyId(key)));
    const { fqdn, tlsSecret } = columns;
    rows.set(keyId(key), { key, fqdn, tlsSecret, verdict: { kind: "judged", status } });
  }
  for (const { object: key, severity, message } of diagnostics) {
    if (key?.kind !== "HTTPProxy" || severity !== "error" || objects.has(keyId(key))) continue;
    if (rows.has(keyId(key))) continue;
    rows.set(keyId(key), {
      key,
      fqdn: "",
      tlsSecret: "",
      verdict: { kind: "rejected", reason: message },
    });
  }
  return [...rows.values()].sort((a, b) => compareKeys(a.key, b.key));
}

function columnsOf(object: KubeObject | undefined): { fqdn: string; tlsSecret: string } {
  const host = object?.kind === "HTTPProxy" ? object.spec.virtualhost : undefined;
  return { fqdn: host?.fqdn ?? "", tlsSecret: host?.tls?.secretName ?? "" };
}

function compareKeys(a: ObjectKey, b: ObjectKey): number {
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
