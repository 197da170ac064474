/** HTTPProxies, and what they refer to, as a model of hosts, routes and clusters. */
export { cluster } from "./cluster.ts";
export { diagnose, Fault } from "./fault.ts";
export { claimants, type RootEvaluation, rootEvaluation, virtualHost } from "./http_proxy/root.ts";
export { type ProxyVerdict, proxyVerdict, rootsAbove } from "./http_proxy/verdict.ts";
export { inClass, proxyInClass } from "./ingress_class.ts";
export { loadAssignment, loadAssignmentRef } from "./load_assignment.ts";
export { matchHost, type MatchResult, matchRoute, type Request } from "./match.ts";
export type * from "./model.ts";
export { regexProblem } from "./regex.ts";
export { certificateFacts, type CertificateResult, servingCertificate } from "./secret.ts";
