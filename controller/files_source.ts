import { allWell } from "./admin/mod.ts";
import type { PolicyKinds } from "./api/mod.ts";
import { watchFiles } from "./files/mod.ts";
import type { ObjectBatch, ObjectSource } from "./object_source.ts";
import type { Observer } from "./observer.ts";
import type { FilesOptions } from "./serve_options.ts";

/** Objects from files. What becomes of them is told in the log alone. */
export function filesSource(
  { paths, namespace }: FilesOptions,
  { observer, policyKinds, signal }: {
    readonly observer: () => Observer;
    /** Kinds that plugins add. */
    readonly policyKinds: PolicyKinds;
    readonly signal: AbortSignal;
  },
): ObjectSource {
  const source = watchFiles({
    paths,
    namespace,
    policyKinds,
    signal,
    notify: (event) => observer().noticed(event),
  });
  return {
    async *batches(): AsyncGenerator<ObjectBatch> {
      for await (const batch of source) {
        const { applied, deleted } = batch;
        yield { applied, deleted, tell: (isHeld) => observer().files(batch, source, isHeld) };
      }
    },
    locate: (key, path) => source.locate(key, path),
    diagnostics: () => source.diagnostics(),
    get objectCount() {
      return source.objectCount;
    },
    get fileCount() {
      return source.fileCount;
    },
    publish: () => {},
    health: () => Promise.resolve(allWell),
    ended: () => Promise.resolve(),
  };
}
