import type { Timeout } from "../api/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";

/** A timeout as Envoy takes it: nothing for its default, zero for none at all. */
export function timeoutDuration(timeout: Timeout): Message | undefined {
  switch (timeout.kind) {
    case "default":
      return undefined;
    case "disabled":
      return duration(0);
    case "explicit":
      return duration(timeout.ms);
  }
}
