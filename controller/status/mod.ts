/** The verdict on each object, and the status a cluster holds of it. */
export {
  type ExtensionServiceStatus,
  type HTTPProxyStatus,
  type SubCondition,
  type ValidCondition,
} from "./conditions.ts";
export { hasStatus, type ObjectStatus, objectStatus } from "./object_status.ts";
