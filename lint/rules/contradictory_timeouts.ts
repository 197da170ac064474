import { goDurationText, keyOf, parseTimeout, type Timeout } from "../../controller/api/mod.ts";
import type { Advice, Rule } from "../rule.ts";

/** Timeouts of which one never comes to pass. */
export const contradictoryTimeouts: Rule = {
  code: "CTR414",
  row: {
    name: "ContradictoryTimeouts",
    title: "Timeouts that contradict each other",
    severity: "warning",
    explanation:
      "timeoutPolicy.response is for all tries together, 15s if left out. A perTryTimeout that is not shorter never ends a try, so a slow first try is not retried: the response timeout ends the request first. And an idle timeout shorter than the response timeout ends requests whose answer is slow to begin.",
  },
  *check({ ofKind }) {
    for (const proxy of ofKind("HTTPProxy")) {
      for (const [i, { timeoutPolicy, retryPolicy }] of (proxy.spec.routes ?? []).entries()) {
        const path = `spec.routes[${i}]`;
        const object = keyOf(proxy);
        const response = read(timeoutPolicy?.response);
        const responseMs = response?.kind === "default" ? defaultMs : explicitMs(response);
        const told = response?.kind === "explicit"
          ? "response timeout"
          : "default response timeout";
        const perTryMs = explicitMs(read(retryPolicy?.perTryTimeout));
        if (responseMs === undefined) continue;
        const related = response?.kind === "explicit"
          ? [{ object, path: `${path}.timeoutPolicy.response`, message: "the response timeout" }]
          : [];
        if (perTryMs !== undefined && perTryMs >= responseMs) {
          yield {
            object,
            path: `${path}.retryPolicy.perTryTimeout`,
            message: `perTryTimeout ${text(perTryMs)} is not shorter than the ${told} ${
              text(responseMs)
            }, so no slow try is ever retried`,
            related,
            change: {
              title: "Remove perTryTimeout, which has no effect",
              safety: "safe",
              steps: [{ kind: "remove", path: `${path}.retryPolicy.perTryTimeout` }],
            },
          } satisfies Advice;
        }
        const idleMs = explicitMs(read(timeoutPolicy?.idle));
        if (idleMs !== undefined && response?.kind === "explicit" && idleMs < responseMs) {
          yield {
            object,
            path: `${path}.timeoutPolicy.idle`,
            severity: "info",
            message: `idle timeout ${text(idleMs)} is shorter than the response timeout ${
              text(responseMs)
            }: an answer that takes longer to begin is cut off`,
            related,
          };
        }
      }
    }
  },
};

/** Envoy's default for the whole response. */
const defaultMs = 15_000;

function read(text: string | undefined): Timeout | undefined {
  const result = parseTimeout(text);
  return result.ok ? result.timeout : undefined;
}

function explicitMs(timeout: Timeout | undefined): number | undefined {
  return timeout?.kind === "explicit" ? timeout.ms : undefined;
}

function text(ms: number): string {
  return goDurationText(ms);
}
