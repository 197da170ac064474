import type { Verdict } from "./admin/mod.ts";
import type { Diagnostic, KubeObject, ObjectKey, Position } from "./api/mod.ts";
import type { Refusal } from "./delivery.ts";
import type { TranslationDelta } from "./translation/mod.ts";

/** Where objects come from and verdicts go: files, or a cluster. All that the loop knows of either. */
export interface ObjectSource {
  /** The first batch is all there is; each later one is what changed. For one reader. */
  batches(): AsyncIterator<ObjectBatch>;
  /** Where the field of an object is written, if it is in a file. */
  locate(key: ObjectKey, path: string): Position | undefined;
  /** What is wrong with texts and objects before anything is made of them. */
  diagnostics(): readonly Diagnostic[];
  /** Objects in force. */
  readonly objectCount: number;
  /** Absent: there are no files. */
  readonly fileCount?: number;
  /** Takes note of statuses that a settle brought. */
  publish(statuses: TranslationDelta["statuses"]): void;
  /** Takes note of what an Envoy refused. Absent: there is nowhere to say it. */
  refused?(refusal: Refusal): void;
  /** Whether the source can be reached at this moment. */
  health(): Promise<Verdict>;
  /** Resolves when everything the source had begun has ended, after the signal. */
  ended(): Promise<void>;
}

/** A change of objects, as a whole. */
export interface ObjectBatch {
  readonly applied: readonly KubeObject[];
  readonly deleted: readonly ObjectKey[];
  /** Tells of the batch. Called once, before it is in force. */
  readonly tell: (isHeld: (key: ObjectKey) => boolean) => void;
}
