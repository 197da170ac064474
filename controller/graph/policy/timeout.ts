import { type ConditionName, parseTimeout, type Timeout } from "../../api/mod.ts";
import { Fault } from "../fault.ts";

/** The three limits of a `timeoutPolicy`. */
export interface Timeouts {
  readonly response: Timeout;
  readonly idle: Timeout;
  readonly idleConnection: Timeout;
}

/** Reads a `timeoutPolicy`; `field` is how the message names it: `route.timeoutPolicy`. */
export function timeoutPolicy(
  policy: TimeoutPolicy | undefined,
  { field, condition }: { readonly field: string; readonly condition: ConditionName },
): Timeouts | Fault {
  const response = parseTimeout(policy?.response);
  const idle = parseTimeout(policy?.idle);
  const idleConnection = parseTimeout(policy?.idleConnection);
  const fault = (name: string, path: string, message: string) =>
    new Fault(condition, `${field} failed to parse: error parsing ${name}: ${message}`, path);
  if (!response.ok) return fault("response timeout", "response", response.message);
  if (!idle.ok) return fault("idle timeout", "idle", idle.message);
  if (!idleConnection.ok) {
    return fault("idle connection timeout", "idleConnection", idleConnection.message);
  }
  return {
    response: response.timeout,
    idle: idle.timeout,
    idleConnection: idleConnection.timeout,
  };
}

interface TimeoutPolicy {
  readonly response?: string | undefined;
  readonly idle?: string | undefined;
  readonly idleConnection?: string | undefined;
}
