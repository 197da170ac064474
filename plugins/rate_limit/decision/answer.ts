import type { Outcome } from "../decision/counting.ts";
import type { HeaderOptions } from "./headers.ts";
import { headersFor } from "./headers.ts";
import { metadataFor } from "./metadata.ts";
import type { Step } from "./plan.ts";
import type { RateLimitRequest } from "./request.ts";
import type { DescriptorStatus, RateLimitResponse } from "./response.ts";

/**
 * The answer to a request, of what came of its steps. `outcomes` has one for each step that is
 * counted, in their order.
 */
export function answer(
  request: RateLimitRequest,
  steps: readonly Step[],
  outcomes: readonly Outcome[],
  options: AnswerOptions,
): Answer {
  const statuses: DescriptorStatus[] = [];
  let isOver = false;
  let hasQuota = false;
  let allQuotaOver = true;
  let counted = 0;
  for (const step of steps) {
    const outcome = step.kind === "counted" ? outcomes[counted++] : undefined;
    const status = statusOf(step, outcome);
    statuses.push(status);
    if (step.kind === "unlimited") continue;
    if (options.quotaMode || (step.kind === "counted" && step.limit.isQuota)) {
      hasQuota = true;
      if (!status.isOver) allQuotaOver = false;
    } else if (status.isOver) isOver = true;
  }
  if (hasQuota && allQuotaOver) isOver = true;
  const isShadowed = isOver && options.shadowMode;
  const result = { isOver: isOver && !isShadowed, statuses };
  const headers = headersFor(result, steps, options);
  const metadata = options.dynamicMetadata ? metadataFor(request, steps, statuses) : undefined;
  return {
    isShadowed,
    response: {
      ...result,
      responseHeadersToAdd: headers,
      ...(metadata === undefined ? {} : { dynamicMetadata: metadata }),
    },
  };
}

/** How answers are made. */
export interface AnswerOptions extends HeaderOptions {
  /** No request is refused, whatever its descriptors say. */
  readonly shadowMode: boolean;
  /** A request is refused only when all its descriptors are over. */
  readonly quotaMode: boolean;
  /** Whether Envoy is told what was decided as metadata of the request. */
  readonly dynamicMetadata: boolean;
}

/** See {@link answer}. */
export interface Answer {
  readonly response: RateLimitResponse;
  /** It would have been over, but for the shadow mode of the service. */
  readonly isShadowed: boolean;
}

function statusOf(step: Step, outcome: Outcome | undefined): DescriptorStatus {
  switch (step.kind) {
    case "none":
      return passed;
    case "unlimited":
      return endless;
    case "counted": {
      const { limit } = step;
      if (outcome === undefined) return passed;
      return {
        isOver: outcome.isOver && !limit.isShadow,
        currentLimit: limit,
        limitRemaining: Math.min(outcome.remaining, maxUint32),
        secondsUntilReset: Math.ceil(outcome.resetMs / 1_000),
      };
    }
  }
}

const maxUint32 = 4_294_967_295;
const passed: DescriptorStatus = { isOver: false, limitRemaining: 0 };
const endless: DescriptorStatus = { isOver: false, limitRemaining: maxUint32 };
