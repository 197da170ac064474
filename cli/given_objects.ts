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
import { asksForCluster, type ClusterAccessFlags } from "./cluster_flags.ts";
import type { ClusterObjects } from "./cluster_objects.ts";
import type { CommandContext } from "./command_context.ts";
import { type LabelSelector, parseLabelSelector } from "./label_selector.ts";
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
  const isChosen = flags.selector === undefined
    ? () => true
    : chosenBy(parseLabelSelector(flags.selector));
  const [subjects = [], others = []] = [true, false].map((is) =>
    files.objects.filter((object) => isChosen(object) === is)
  );
  // What is wrong with an object that was not understood is told, whatever its labels would be.
  const passedOver = new Set(others.map((object) => keyId(keyOf(object))));
  const diagnostics = files.diagnostics.filter(({ object }) =>
    object === undefined || !passedOver.has(keyId(object))
  );
  if (!isLive) return { files, diagnostics, subjects, background: others, objects: files.objects };
  const { forbiddenLines, readClusterObjects } = await import("./cluster_objects.ts");
  const cluster = await readClusterObjects(
    flags,
    policyKinds === undefined ? {} : { policyKinds },
  );
  terminal.err(forbiddenLines(cluster, flags));
  const given = new Set(files.objects.map((object) => keyId(keyOf(object))));
  const live = cluster.objects.filter((object) => !given.has(keyId(keyOf(object))));
  // Files are looked at as they would stand in the cluster; without any, the cluster itself is.
  const isSubject = (object: KubeObject) => paths.length === 0 && isChosen(object);
  return {
    files,
    cluster,
    diagnostics: paths.length === 0 ? cluster.diagnostics : diagnostics,
    subjects: [...subjects, ...live.filter(isSubject)],
    background: [...others, ...live.filter((object) => !isSubject(object))],
    objects: [...files.objects, ...live],
  };
}

function chosenBy(selector: LabelSelector): (object: KubeObject) => boolean {
  return ({ metadata: { labels } }) => selector(labels ?? {});
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
