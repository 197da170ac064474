/**
 * Objects from files: read, followed, and kept in their last good form.
 * @module
 */

export {
  type FileContents,
  type FileEvent,
  type FileSource,
  readFiles,
  type ReadOptions,
  watchFiles,
  type WatchOptions,
} from "./file_source.ts";
export { type FileBatch, type FileReading, FileTable, type ReadObject } from "./file_table.ts";
export type { SkipReason } from "./folder.ts";
export { largestFileBytes, parseManifest, readTextNow } from "./manifest_file.ts";
