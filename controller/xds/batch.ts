import type { NodeState } from "./node_state.ts";
import type { Resource, ResourceRef } from "./resource.ts";
import type { Subscription, Tracked } from "./subscription.ts";
import type { Judge } from "./verdict.ts";

/** What goes into one response. */
export interface Batch {
  /** What to send of each name; undefined: that there is none. */
  readonly entries: Map<Tracked, Resource | undefined>;
  /** Those which go out though something they wait for has not happened. */
  readonly forced: { readonly tracked: Tracked; readonly despite: readonly ResourceRef[] }[];
}

/** How a batch is chosen, and what becomes of the names that are not in it. */
export interface Choice {
  readonly judge: Judge;
  readonly node: NodeState;
  /** A batch is closed when its bodies and names come to so many bytes. */
  readonly maxBytes: number;
  /** It needs nothing. */
  settled(tracked: Tracked): void;
  /** It is held; what happens to a blocker has it looked at again. */
  held(tracked: Tracked, blockers: readonly Tracked[]): void;
}

/**
 * Takes the next batch off the lists of a subscription. Resources that were in a refused response
 * go in ever smaller ones until it is known which are to blame, and in between the others go on.
 */
export function nextBatch(subscription: Subscription, choice: Choice): Batch {
  // Each may find that what it looks at belongs to the other, hence twice.
  const turns = subscription.suspectsNext
    ? [suspectBatch, openBatch, suspectBatch]
    : [openBatch, suspectBatch, openBatch];
  for (const turn of turns) {
    const batch = turn(subscription, choice);
    if (batch.entries.size === 0) continue;
    subscription.suspectsNext = turn === openBatch;
    return batch;
  }
  return { entries: new Map(), forced: [] };
}

/** Of those nobody suspects, as many as fit. */
function openBatch(subscription: Subscription, choice: Choice): Batch {
  const builder = new BatchBuilder(choice);
  for (const queue of [subscription.leaving, subscription.coming]) {
    for (const tracked of queue) {
      if (builder.isFull) return builder.batch;
      queue.delete(tracked);
      const limit = builder.consider(tracked);
      if (limit === undefined) continue;
      // The verdict is asked for again when its turn comes.
      if (limit === "open") builder.add(tracked);
      else subscription.suspects.add(tracked);
    }
  }
  return builder.batch;
}

/** Of the suspects, no more than each of them may be sent with. */
function suspectBatch(subscription: Subscription, choice: Choice): Batch {
  const builder = new BatchBuilder(choice);
  let mostAllowed = Number.POSITIVE_INFINITY;
  for (const tracked of subscription.suspects) {
    if (builder.isFull) break;
    const limit = builder.consider(tracked);
    if (limit === undefined || limit === "open") {
      subscription.suspects.delete(tracked);
      // A version nobody has refused yet is no suspect.
      if (limit === "open") subscription.coming.add(tracked);
      continue;
    }
    mostAllowed = Math.min(mostAllowed, limit);
    if (builder.batch.entries.size + 1 > mostAllowed) break;
    subscription.suspects.delete(tracked);
    builder.add(tracked);
  }
  return builder.batch;
}

class BatchBuilder {
  readonly batch: Batch = { entries: new Map(), forced: [] };
  readonly #choice: Choice;
  #bytes = 0;
  #considered: Considered | undefined;

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#choice.maxBytes;
  }

  /** With how many others it may be sent now; undefined when it is not to be sent. */
  consider(tracked: Tracked): number | "open" | undefined {
    const { judge, node, settled, held } = this.#choice;
    this.#considered = undefined;
    const verdict = judge.judge(tracked);
    switch (verdict.kind) {
      case "settled":
        settled(tracked);
        return undefined;
      case "wait":
        held(tracked, verdict.blockers);
        return undefined;
      case "send":
        this.#considered = verdict;
        return node.suspicion(tracked, verdict.resource?.version ?? "") ?? "open";
    }
  }

  /** Adds what was considered last. */
  add(tracked: Tracked): void {
    if (this.#considered === undefined) throw new Error(`Cannot add "${tracked.name}": not judged`);
    const { resource, despite } = this.#considered;
    this.batch.entries.set(tracked, resource);
    if (despite.length > 0) this.batch.forced.push({ tracked, despite });
    this.#bytes += tracked.name.length + (resource?.body.length ?? 0);
  }
}

interface Considered {
  readonly resource: Resource | undefined;
  readonly despite: readonly ResourceRef[];
}
