/**
 * Which rule takes a request, why the others do not, and what becomes of it, by objects in files.
 * Answers only to what it is given: no clock, network or file.
 * @module
 */
export { type AskedRequest, parseAsked } from "./asked_request.ts";
export { explain, Explainer, type ExplainOptions } from "./explain.ts";
export type {
  Candidate,
  Explanation,
  HostFound,
  IncludedBy,
  Outcome,
  Place,
  Rule,
  Target,
} from "./explanation.ts";
export { conditionTexts } from "./condition_text.ts";
export type { Treatment } from "./treatment.ts";
