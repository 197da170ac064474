import { join } from "node:path";
import { type Diagnostic, keyId, type KubeObject, readManifest } from "../../controller/api/mod.ts";
import { statuses } from "../../controller/translation/mod.ts";
import { certificateSecret } from "../golden/certificates.ts";
import { boxedKinds, boxedPlugins, isOfMissingPlugin } from "../support/boxed_plugins.ts";
import { foldersBelow, testsFolder } from "../golden/golden_case.ts";
import { readHeader } from "../golden/header.ts";

/** Everything that `manifests/examples` shows of one feature each, by path: `cors/cors.yaml`. */
export function examples(): ReadonlyMap<string, string> {
  const folder = join(testsFolder, "../manifests/examples");
  const found = new Map<string, string>();
  for (const below of foldersBelow(folder)) {
    // A place to begin from, with more than one feature; the demo tries it.
    if (below.endsWith("quickstart")) continue;
    for (const { name, isFile } of Deno.readDirSync(below)) {
      if (!isFile) continue;
      const path = join(below, name);
      const text = Deno.readTextFileSync(path);
      if (!isOfMissingPlugin(text)) found.set(path.slice(folder.length + 1), text);
    }
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

/** What is wrong with an example, of reading it and of what follows, in that order. */
export async function problemsOf(text: string): Promise<readonly Problem[]> {
  const { settings, certificates } = readHeader(text);
  const { objects, diagnostics } = readManifest(text, {
    file: "example.yaml",
    policyKinds: boxedKinds,
  });
  const all: KubeObject[] = objects.map(({ object }) => object);
  for (const request of certificates) all.push(await certificateSecret(request));
  return [
    ...diagnostics.map(problem),
    ...statuses(all, settings, boxedPlugins).flatMap(({ diagnostics }) => diagnostics.map(problem)),
  ];
}

/** One thing that is wrong: `HTTPProxy/default/shop spec.routes[0].services: error`. */
export interface Problem {
  readonly object: string;
  readonly path: string;
  readonly severity: Diagnostic["severity"];
  /** Type and reason of a condition, or the code of what no status has. */
  readonly reason: string;
  readonly message: string;
}

function problem(diagnostic: Diagnostic): Problem {
  const { object, path, severity, code, condition, message } = diagnostic;
  return {
    object: object === undefined ? "" : keyId(object),
    path,
    severity,
    reason: condition === undefined ? code : `${condition.type}/${condition.reason}`,
    message,
  };
}
