/**
 * Which requests are treated otherwise once some objects take the place of others, thought through for
 * all requests there are. Answers only to what it is given: no clock, network or file.
 * @module
 */
export { Diff, diff, type DiffContents, type DiffFile, type DiffOptions } from "./diff.ts";
export type { TreatmentChange } from "./effect/effect.ts";
export type { ChangeKind } from "./effect/effect_change.ts";
export type { DiffReport, DiffSummary, HostDiff, RequestClass, RulePlace } from "./report.ts";
export { type ResourceChange, resourceChanges } from "./resources.ts";
export { TrafficCount, type TrafficReport } from "./traffic/traffic_count.ts";
export type { WorkLimit } from "./space/regions.ts";
export type { Witness } from "./space/witness.ts";
