import { basename, join } from "node:path";
import { FileTable, parseManifest } from "../controller/files/mod.ts";
import type { DiffSide, DiffSides, ManifestReading } from "./diff_sides.ts";

/**
 * Whether these are the two folders that `kubectl diff` calls its external program with: what is in
 * the cluster, and what would be there.
 * See https://kubernetes.io/docs/reference/kubectl/generated/kubectl_diff/
 */
export async function isKubectlFolder(paths: readonly string[]): Promise<boolean> {
  const [live = "", merged = ""] = paths.map((path) => basename(path));
  if (!/^LIVE-\d+$/.test(live) || !/^MERGED-\d+$/.test(merged)) return false;
  for (const path of paths) {
    const info = await Deno.stat(path).catch(() => undefined);
    if (!info?.isDirectory) return false;
  }
  return true;
}

/**
 * Reads them: a file an object, named `GROUP.VERSION.KIND.NAMESPACE.NAME`. What kubectl writes of a
 * Secret are asterisks, so Secrets are left to be assumed, and named where they change.
 */
export async function readKubectlFolders(
  paths: readonly string[],
  reading: ManifestReading,
): Promise<DiffSides> {
  const [live = new Map(), merged = new Map()] = await Promise.all(paths.map(textsOf));
  const secrets = [...new Set([...live.keys(), ...merged.keys()])].sort()
    .filter((name) => isSecret(name) && live.get(name) !== merged.get(name));
  return {
    before: side("the cluster", live, reading),
    after: side("the cluster with the changes", merged, reading),
    isSeen: () => false,
    notes: secrets.map((name) =>
      `Secret ${name.split(".").slice(-2).join("/")} changes; kubectl hides its values, so it is ` +
      "taken to serve as well as before"
    ),
  };
}

async function textsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) texts.set(name, await Deno.readTextFile(join(folder, name)));
  }
  return texts;
}

function isSecret(name: string): boolean {
  return /^v1\.Secret\./.test(name);
}

function side(
  name: string,
  texts: ReadonlyMap<string, string>,
  reading: ManifestReading,
): DiffSide {
  const table = new FileTable();
  for (const [file, text] of texts) {
    if (!isSecret(file)) table.put(file, parseManifest(text, { file, ...reading }));
  }
  const { applied } = table.drain();
  return {
    name,
    objects: applied,
    // Other kinds are no matter of ours; kubectl has read all of them before us.
    diagnostics: table.diagnostics().filter(({ severity }) => severity === "error"),
    locate: (key, path) => table.locate(key, path),
  };
}
