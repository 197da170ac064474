/** The verdict on each object, and the status a cluster holds of it. */
export {
  type ExtensionServiceStatus,
  extensionServiceStatus,
  type HTTPProxyStatus,
  httpProxyStatus,
  policyConditions,
  type PolicyStatus,
  type SubCondition,
  type ValidCondition,
} from "./conditions.ts";
export { policyStatus } from "./policy_status.ts";
export { hasStatus, type ObjectStatus, objectStatus } from "./object_status.ts";
