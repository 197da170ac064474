/** HTTPProxies and Ingresses, and what they refer to, as a model of hosts, routes and clusters. */
export { caBundleProblem, keyPair, plainPem, revocationListProblem } from "./certificate.ts";
export { cluster } from "./cluster.ts";
export {
  extensionAssignment,
  extensionCluster,
  type ExtensionEvaluation,
  extensionEvaluation,
} from "./extension_service.ts";
export { diagnose, Fault, joinPath } from "./fault.ts";
export { claimants, type RootEvaluation, rootEvaluation } from "./http_proxy/root.ts";
export { type ProxyVerdict, proxyVerdict, rootsAbove } from "./http_proxy/verdict.ts";
export { globalServices } from "./global_services.ts";
export { inClass, isOurClass, proxyInClass } from "./ingress_class.ts";
export { keyServerCluster } from "./key_server.ts";
export { loadAssignment, loadAssignmentRef } from "./load_assignment.ts";
export {
  comparedPath,
  isOnListener,
  isServed,
  matchHost,
  type MatchResult,
  matchRoute,
  type Mismatch,
  mismatchFinder,
  type Request,
} from "./match.ts";
export type * from "./model.ts";
export { quoteRegex, regexProblem, regexSteps } from "./regex.ts";
export { pathText } from "./route_order.ts";
export { certificateFacts, type CertificateResult, servingCertificate } from "./secret.ts";
export { settingsProblems } from "./settings_problems.ts";
export { targetHeaders } from "./policy/target_headers.ts";
export { type IngressVerdict, ingressVerdict } from "./ingress/verdict.ts";
export { hostSteps, virtualHost } from "./virtual_host.ts";
