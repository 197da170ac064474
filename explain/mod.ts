/**
 * Which rule takes a request, why the others do not, and what becomes of it, by objects in files.
 * Answers only to what it is given: no clock, network or file.
 * @module
 */
export { type AskedRequest, parseAsked } from "./asked_request.ts";
export { objectDb } from "./object_db.ts";
export { type PolicyReach, policyReaches } from "./policy_reach.ts";
export { explain, Explainer, type ExplainOptions } from "./explain.ts";
export type {
  Candidate,
  Explanation,
  HostFound,
  HostRule,
  IncludedBy,
  Outcome,
  Place,
  Rule,
  Target,
} from "./explanation.ts";
export {
  answerOf,
  type EnvoyAnswer,
  type EnvoyCluster,
  type EnvoyOutcome,
  type EnvoyRoute,
} from "./envoy/answer.ts";
export { clusterTarget, compareAnswers, type Disagreement } from "./envoy/compare.ts";
export { type EnvoySnapshot, readConfigDump } from "./envoy/config_dump.ts";
export { conditionTexts, isWildcardGuard } from "./condition_text.ts";
export type { Treatment } from "./treatment.ts";
