/**
 * Requests and what has to become of them, tried on the model: no Envoy, no cluster. Answers only to
 * what it is given: no clock, network or file.
 * @module
 */
export {
  type ExpectedAnswer,
  readRequestCases,
  RequestCase,
  RequestCaseFile,
  type RequestCaseReading,
} from "./case_file.ts";
export { type Coverage, coverageOf, type CoveredRoute } from "./coverage.ts";
export type { Difference } from "./differences.ts";
export { type CaseResult, runRequestCases } from "./run.ts";
export { type RequestTestOptions, type RequestTestReport, testRequests } from "./request_tests.ts";
