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
  /** It takes back what the Envoy remembers of a refused response, and brings nothing new. */
  readonly isRepair: boolean;
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
 * Where Envoy remembers what it refused, that is first taken back, for as many at once as there are.
 */
export function nextBatch(subscription: Subscription, choice: Choice): Batch {
  const turns = subscription.suspectsNext
    ? [suspectBatch, repairBatch, openBatch]
    : [openBatch, suspectBatch, repairBatch];
  // Each may find that what it looks at belongs to another, hence twice.
  for (const turn of [...turns, ...turns]) {
    const batch = turn(subscription, choice);
    if (batch.entries.size === 0) continue;
    subscription.suspectsNext = turn === openBatch;
    return batch;
  }
  return { entries: new Map(), forced: [], isRepair: false };
}

/** Of those nobody suspects, as many as fit. */
function openBatch(subscription: Subscription, choice: Choice): Batch {
  const builder = new BatchBuilder(choice, "news");
  for (const queue of [subscription.leaving, subscription.coming]) {
    for (const tracked of queue) {
      if (builder.isFull) return builder.batch;
      queue.delete(tracked);
      const place = builder.consider(tracked);
      if (place === undefined) continue;
      // The verdict is asked for again when its turn comes.
      if (place === "repair") subscription.repairs.add(tracked);
      else if (place === "open") builder.add(tracked);
      else subscription.suspects.add(tracked);
    }
  }
  return builder.batch;
}

/** Of the suspects, no more than each of them may be sent with. */
function suspectBatch(subscription: Subscription, choice: Choice): Batch {
  const builder = new BatchBuilder(choice, "news");
  let mostAllowed = Number.POSITIVE_INFINITY;
  for (const tracked of subscription.suspects) {
    if (builder.isFull) break;
    const place = builder.consider(tracked);
    if (typeof place !== "number") {
      subscription.suspects.delete(tracked);
      // A version nobody has refused yet is no suspect.
      if (place === "open") subscription.coming.add(tracked);
      else if (place === "repair") subscription.repairs.add(tracked);
      continue;
    }
    mostAllowed = Math.min(mostAllowed, place);
    if (builder.batch.entries.size + 1 > mostAllowed) break;
    subscription.suspects.delete(tracked);
    builder.add(tracked);
  }
  return builder.batch;
}

/** What takes back forms that were remembered, as many as fit: all of it was accepted before. */
function repairBatch(subscription: Subscription, choice: Choice): Batch {
  const builder = new BatchBuilder(choice, "repair");
  let mostAllowed = Number.POSITIVE_INFINITY;
  for (const tracked of subscription.repairs) {
    if (builder.isFull) break;
    const place = builder.consider(tracked);
    if (place !== "repair") {
      subscription.repairs.delete(tracked);
      if (place === "open") subscription.coming.add(tracked);
      else if (place !== undefined) subscription.suspects.add(tracked);
      continue;
    }
    mostAllowed = Math.min(mostAllowed, choice.node.repairLimit(tracked) ?? mostAllowed);
    if (builder.batch.entries.size + 1 > mostAllowed) break;
    subscription.repairs.delete(tracked);
    builder.add(tracked);
  }
  return builder.batch;
}

class BatchBuilder {
  readonly batch: Batch;
  readonly #choice: Choice;
  #bytes = 0;
  #considered: Considered | undefined;

  constructor(choice: Choice, content: "news" | "repair") {
    this.#choice = choice;
    this.batch = { entries: new Map(), forced: [], isRepair: content === "repair" };
  }

  get isFull(): boolean {
    return this.#bytes >= this.#choice.maxBytes;
  }

  /** With how many others it may be sent now; undefined when it is not to be sent. */
  consider(tracked: Tracked): number | "open" | "repair" | undefined {
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
      case "send": {
        const repair = judge.repair(tracked, verdict.resource);
        this.#considered = repair === undefined ? verdict : { ...repair, despite: [] };
        if (repair !== undefined) return "repair";
        return node.suspicion(tracked, verdict.resource?.version ?? "") ?? "open";
      }
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
