/**
 * What operators read: the log, metrics, health and readiness.
 * @module
 */

export {
  type LogFields,
  type LogFormat,
  logFormats,
  type Logger,
  logger,
  type LoggerOptions,
  writeToStderr,
} from "./log.ts";
export {
  type BuildInfo,
  type ControllerMetrics,
  controllerMetrics,
  type EngineRun,
} from "./metrics.ts";
export type { ProxyState } from "./proxy_gauges.ts";
export {
  type AdminOptions,
  type AdminServer,
  type Health,
  type Readiness,
  serveAdmin,
} from "./server.ts";
