import type { CompiledDomain } from "../configuration/compiled.ts";
import type { AlgorithmName } from "../configuration/schema.ts";
import type { Hit, Store } from "../stores/store.ts";
import { StoreFailure } from "../stores/store.ts";
import { answer, type AnswerOptions } from "./answer.ts";
import type { Outcome } from "./counting.ts";
import { plan, type Step } from "./plan.ts";
import type { RateLimitRequest } from "./request.ts";
import type { RateLimitResponse } from "./response.ts";
import { type Tally, tell } from "./tally.ts";

/**
 * Decides requests by the limits there are at the moment, on the counters of a store: at once where the
 * store answers at once. Throws, or rejects with, a {@link RefusedRequest} for what cannot be decided.
 */
export class Decider {
  readonly #options: DeciderOptions;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  decide(request: RateLimitRequest): RateLimitResponse | Promise<RateLimitResponse> {
    const { domains, store, observer } = this.#options;
    const refusal = refusalOf(request, domains());
    if (refusal !== undefined) {
      observer.failed("service");
      throw refusal;
    }
    const domain = domains().get(request.domain);
    if (domain === undefined) observer.unknownDomain(request.domain);
    const steps = this.#plan(request, domain);
    const hits: Hit[] = [];
    for (const step of steps) if (step.kind === "counted") hits.push(step.hit);
    if (hits.length === 0) return this.#answer(request, steps, []);
    const outcomes = store.count(hits);
    if (!(outcomes instanceof Promise)) return this.#answer(request, steps, outcomes);
    return outcomes.then(
      (outcomes) => this.#answer(request, steps, outcomes),
      (error) => this.#withoutStore(error, request, steps, hits),
    );
  }

  #plan(request: RateLimitRequest, domain: CompiledDomain | undefined): readonly Step[] {
    try {
      return plan(request, domain, this.#options);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#options.observer.failed("service");
      throw new RefusedRequest("invalid", error.message, { cause: error });
    }
  }

  #answer(
    request: RateLimitRequest,
    steps: readonly Step[],
    outcomes: readonly Outcome[],
  ): RateLimitResponse {
    const { observer, answers } = this.#options;
    let counted = 0;
    for (const step of steps) {
      if (step.kind !== "counted") continue;
      const outcome = outcomes[counted++];
      if (outcome === undefined) continue;
      const tally = observer.tallyOf(request.domain, step.metricKey ?? step.limit.levels);
      tell(tally, step.limit, outcome, step.hit.hits, outcome.isCached);
    }
    const { response, isShadowed } = answer(request, steps, outcomes, answers());
    if (isShadowed) observer.shadowed();
    return response;
  }

  #withoutStore(
    error: unknown,
    request: RateLimitRequest,
    steps: readonly Step[],
    hits: readonly Hit[],
  ): RateLimitResponse {
    if (!(error instanceof StoreFailure)) throw error;
    const { observer, onStoreFailure, fallback } = this.#options;
    observer.failed("store", onStoreFailure);
    switch (onStoreFailure) {
      case "open":
        return this.#answer(request, steps, []);
      case "closed": {
        const statuses = steps.map(({ kind }) => ({
          isOver: kind === "counted",
          limitRemaining: 0,
        }));
        return { isOver: true, statuses, responseHeadersToAdd: [] };
      }
      case "memory":
        return this.#answer(request, steps, fallback.count(hits));
      case "error":
        throw new RefusedRequest("unavailable", error.message, { cause: error });
    }
  }
}

/** What to do while the counters cannot be reached. */
export const storeFailureChoices = ["error", "open", "closed", "memory"] as const;
export type StoreFailureChoice = (typeof storeFailureChoices)[number];

/** What a {@link Decider} works with. */
export interface DeciderOptions {
  /** The limits at this moment; empty when nothing was ever loaded. */
  readonly domains: () => ReadonlyMap<string, CompiledDomain>;
  readonly store: Store;
  /** Counters to fall back on, that answer at once. */
  readonly fallback: { readonly count: (hits: readonly Hit[]) => readonly Outcome[] };
  readonly onStoreFailure: StoreFailureChoice;
  /** Of limits that a request brings along. */
  readonly algorithm: AlgorithmName;
  readonly answers: () => AnswerOptions;
  readonly observer: DecisionObserver;
}

/** Hears what is decided. */
export interface DecisionObserver {
  /** Where the hits on a limit are added up. */
  readonly tallyOf: (domain: string, levels: readonly string[]) => Tally;
  readonly unknownDomain: (domain: string) => void;
  readonly shadowed: () => void;
  /** A request could not be decided; or was, without the store, in the way that was chosen. */
  readonly failed: (by: "service" | "store", answered?: StoreFailureChoice) => void;
}

/** A request that is not decided. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
  readonly reason: "unknown" | "invalid" | "unavailable";

  constructor(
    reason: "unknown" | "invalid" | "unavailable",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = reason;
  }
}

function refusalOf(
  { domain, descriptors }: RateLimitRequest,
  domains: ReadonlyMap<string, CompiledDomain>,
): RefusedRequest | undefined {
  if (domain === "") {
    return new RefusedRequest("unknown", "rate limit domain must not be empty");
  }
  if (descriptors.length === 0) {
    return new RefusedRequest("unknown", "rate limit descriptor list must not be empty");
  }
  return domains.size === 0
    ? new RefusedRequest("unknown", "no rate limit configuration loaded")
    : undefined;
}
