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
  type Page,
  type Pages,
  type PagesOptions,
  type PagesServer,
  servePages,
} from "./server.ts";
export { allWell, healthPages, metricsPages, type Verdict } from "./standard_pages.ts";
