/** The incremental engine: memoized queries, and the oracle that has no memory. No word of Kubernetes. */
export { coldDb, type Facts } from "./cold.ts";
export { type Db, type Input, input, type Query, query } from "./db.ts";
export { equal } from "./equal.ts";
export { type Key, keyText } from "./key.ts";
export { LiveDb, Memo, type Statistics } from "./live.ts";
export {
  type AnyFamily,
  coldOutputs,
  type Demand,
  type Family,
  family,
  type FamilyDelta,
  type OnFailure,
  type OutputDelta,
  Outputs,
} from "./outputs.ts";
