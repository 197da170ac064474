import { createHash } from "node:crypto";
import type { Kind, ObjectKey } from "../api/mod.ts";
import { ApiError } from "./api_error.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, Linked } from "./clock.ts";
import { resources } from "./resources.ts";

/**
 * Tells of objects that have no status of ours to say it in what is wrong with them: as Events,
 * which `kubectl describe` shows. While we lead only; the same is said once an hour at most, and of
 * one object little at a time, however often it changes: what was left out is said later if it was
 * the last word. An Event that cannot be written is lost: the log has it too. Ends with the signal.
 * See https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export class EventWriter {
  readonly #options: EventWriterOptions;
  /** When each was said, by object and words. */
  readonly #said = new Map<string, number>();
  /** What may still be said of an object. */
  readonly #credits = new Map<string, { left: number; at: number }>();
  /** The last word about an object, where it was too much at the time. */
  readonly #late = new Map<string, Warning>();
  #cancelLate: (() => void) | undefined;
  #queue: Warning[] = [];
  #isRunning = false;
  #leading: Linked | undefined;
  /** The right was missing: not before then again. */
  #barredUntil = 0;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** This is wrong with an object. */
  warn(warning: Warning): void {
    const now = this.#options.clock.monotonic();
    if (this.#leading === undefined || now < this.#barredUntil) return;
    const id = `${idOf(warning.key)} ${warning.reason} ${warning.note}`;
    const before = this.#said.get(id);
    if (before !== undefined && now - before < sameAgainMs) return;
    if (this.#queue.length >= longestQueue || !this.#afford(idOf(warning.key), now)) {
      remember(this.#late, idOf(warning.key), warning);
      return this.#sayLate();
    }
    this.#late.delete(idOf(warning.key));
    remember(this.#said, id, now);
    this.#queue.push(warning);
    if (!this.#isRunning) void this.#run(this.#leading.signal);
  }

  /** Nothing is wrong with an object, or it is gone: what was not said yet is of no interest. */
  rest(key: ObjectKey): void {
    this.#late.delete(idOf(key));
  }

  /** Says what was left out as soon as it can be said. */
  #sayLate(): void {
    if (this.#cancelLate !== undefined || this.#late.size === 0) return;
    this.#cancelLate = this.#options.clock.after(oneMoreMs / 4, () => {
      this.#cancelLate = undefined;
      const late = [...this.#late.values()];
      this.#late.clear();
      for (const warning of late) this.warn(warning);
      this.#sayLate();
    });
  }

  #forgetLate(): void {
    this.#cancelLate?.();
    this.#cancelLate = undefined;
    this.#late.clear();
  }

  /** From now on Events are ours to write. */
  lead(): void {
    if (this.#leading !== undefined || this.#options.signal.aborted) return;
    this.#leading = new Linked(this.#options.signal);
    this.#leading.signal.addEventListener("abort", () => this.#forgetLate(), { once: true });
  }

  /** From now on they are not. */
  follow(): void {
    this.#leading?.abort(new DOMException("Somebody else leads", "AbortError"));
    this.#leading?.[Symbol.dispose]();
    this.#leading = undefined;
    this.#queue = [];
    this.#said.clear();
  }

  #afford(id: string, now: number): boolean {
    const credit = this.#credits.get(id) ?? { left: burst, at: now };
    credit.left = Math.min(burst, credit.left + (now - credit.at) / oneMoreMs);
    credit.at = now;
    remember(this.#credits, id, credit);
    if (credit.left < 1) return false;
    credit.left--;
    return true;
  }

  /** One after the other; never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    for (let warning = this.#queue.shift(); warning; warning = this.#queue.shift()) {
      await this.#write(warning, signal);
    }
    this.#isRunning = false;
  }

  async #write(warning: Warning, signal: AbortSignal): Promise<void> {
    const { client, clock, notify } = this.#options;
    const { namespace } = warning.key;
    try {
      await client.request({
        method: "POST",
        path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
        body: this.#event(warning),
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      // The replica that led before has said it.
      if (error instanceof ApiError && error.status === 409) return;
      if (error instanceof ApiError && error.status === 403) {
        this.#barredUntil = clock.monotonic() + barredMs;
        this.#queue = [];
      }
      notify?.({
        key: warning.key,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #event({ key, reason, note }: Warning): unknown {
    const { clock, instance, uidOf } = this.#options;
    const { kind, namespace, name } = key;
    const now = new Date(clock.now());
    const uid = uidOf(key);
    const hour = Math.floor(clock.now() / sameAgainMs);
    const hash = createHash("sha256").update(JSON.stringify([uid, reason, note, hour]))
      .digest("hex").slice(0, 16);
    return {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      // The same name for the same news, whoever tells it.
      metadata: { namespace, name: `${name.slice(0, 200)}.${hash}` },
      eventTime: now.toISOString().replace("Z", "000Z"),
      reportingController: "projectcontour.io/contour",
      reportingInstance: instance.slice(0, 128),
      action: "Translate",
      reason,
      type: "Warning",
      note: note.length <= longestNote ? note : `${note.slice(0, longestNote - 1)}…`,
      regarding: {
        apiVersion: resources[kind].apiVersion,
        kind,
        namespace,
        name,
        ...(uid === undefined ? {} : { uid }),
      },
    };
  }
}

/** Something wrong with an object. */
export interface Warning {
  readonly key: ObjectKey & { readonly kind: Kind };
  /** One word in CamelCase: `EnvoyRule`. */
  readonly reason: string;
  /** A sentence for people. */
  readonly note: string;
}

/** See {@link EventWriter}. */
export interface EventWriterOptions {
  readonly client: Pick<KubeClient, "request">;
  readonly clock: Clock;
  /** Who we are among the replicas. */
  readonly instance: string;
  /** The `metadata.uid` of an object, by which `kubectl describe` finds its Events. */
  readonly uidOf: (key: ObjectKey) => string | undefined;
  readonly signal: AbortSignal;
  /** Told when one could not be written. */
  readonly notify?: (failure: { readonly key: ObjectKey; readonly message: string }) => void;
}

/** An Event is kept for an hour unless an API server is told otherwise. */
const sameAgainMs = 3_600_000;

/** Events of one object that may come together, and after how long there may be one more. */
const burst = 4;
const oneMoreMs = 60_000;

/** More would be news of nothing but the trouble. */
const longestQueue = 1_000;

/** How long nothing is tried after we were told that we may not. */
const barredMs = 600_000;

/** Of characters; an API server takes 1,024 bytes. */
const longestNote = 300;

/** Objects, and words about them, that are remembered. */
const longestMemory = 10_000;

function idOf({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > longestMemory && oldest !== undefined) map.delete(oldest);
}
