/** Every configuration, by what it is about. */
import { accessLogs } from "./access_logs.ts";
import type { ConfigurationCase } from "./configuration_case.ts";
import { listeners } from "./listeners.ts";
import { services } from "./services.ts";
import { timeouts } from "./timeouts.ts";
import { tls } from "./tls.ts";

export type {
  ConfigurationCase,
  ConfigurationScene,
  ConfigurationStage,
} from "./configuration_case.ts";

/** All of them. Each is a gateway of its own. */
export const configurations: Readonly<Record<string, readonly ConfigurationCase[]>> = {
  listeners,
  tls,
  timeouts,
  services,
  "access logs": accessLogs,
};
