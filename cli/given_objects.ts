import { UsageError } from "../command_line/mod.ts";
import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
  type PolicyKinds,
} from "../controller/api/mod.ts";
import { type FileContents, type FileEvent, readFiles } from "../controller/files/mod.ts";
import {
  asksForCluster,
  type ClusterAccessFlags,
  type ClusterObjects,
  forbiddenLines,
} from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { skippedLine } from "./skipped_line.ts";

/**
 * The objects that a command is about: those of files, or of the cluster that flags name, or of files
 * as they would stand in that cluster. Throws a `UsageError` when neither is named, or the cluster
 * cannot be read.
 */
export async function readGiven(
  paths: readonly string[],
  flags: GivenFlags,
  { terminal }: Pick<CommandContext, "terminal">,
  { onText, policyKinds }: {
    readonly onText?: (file: string, text: string) => void;
    /** Kinds that plugins add. */
    readonly policyKinds?: PolicyKinds | undefined;
  } = {},
): Promise<GivenObjects> {
  const isLive = asksForCluster(flags);
  if (paths.length === 0 && !isLive) {
    throw new UsageError(
      "name at least one file or folder, or - for stdin, or a cluster (--context)",
    );
  }
  const files = await readFiles({
    paths: paths.filter((path) => path !== "-"),
    namespace: flags.namespace ?? "default",
    policyKinds,
    ...(paths.includes("-") ? { stdin: await terminal.readStdin() } : {}),
    notify: (event: FileEvent) => {
      if (flags.verbose && event.kind === "skipped") terminal.err(skippedLine(event));
    },
    ...(onText === undefined ? {} : { onText }),
  });
  if (!isLive) {
    const { objects, diagnostics } = files;
    return { files, diagnostics, subjects: objects, background: [], objects };
  }
  const { readClusterObjects } = await import("./cluster_objects.ts");
  const cluster = await readClusterObjects(
    flags,
    policyKinds === undefined ? {} : { policyKinds },
  );
  terminal.err(forbiddenLines(cluster, flags));
  const given = new Set(files.objects.map((object) => keyId(keyOf(object))));
  const live = cluster.objects.filter((object) => !given.has(keyId(keyOf(object))));
  // Files are looked at as they would stand in the cluster; without any, the cluster itself is.
  const isSubject = (object: KubeObject) => paths.length === 0 && cluster.isChosen(keyOf(object));
  return {
    files,
    cluster,
    diagnostics: paths.length === 0 ? cluster.diagnostics : files.diagnostics,
    subjects: [...files.objects, ...live.filter(isSubject)],
    background: live.filter((object) => !isSubject(object)),
    objects: [...files.objects, ...live],
  };
}

/** Flags that say where objects are. */
export interface GivenFlags extends ClusterAccessFlags {
  readonly verbose: boolean;
}

/** See {@link readGiven}. */
export interface GivenObjects {
  readonly files: FileContents;
  /** Absent when no flag asks for one. */
  readonly cluster?: ClusterObjects;
  /** What could not be read of that which the command is about. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the command is about. */
  readonly subjects: readonly KubeObject[];
  /** What else there is. */
  readonly background: readonly KubeObject[];
  /** Both. */
  readonly objects: readonly KubeObject[];
}

/** Whether an object would be known if it existed: of files nobody can tell. */
export function seenBy({ cluster }: GivenObjects): (key: ObjectKey) => boolean {
  return (key) => cluster?.isSeen(key) ?? false;
}
