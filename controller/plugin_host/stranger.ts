import type {
  Answer,
  CallName,
  Outcome,
  PluginFacts,
  Question,
  RunningPlugin,
} from "../plugin/mod.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";
import { answerPlace, answerWords } from "./shared_answer.ts";

/** A plugin in a process of its own, or why there is none. */
export type Opened =
  | { readonly ok: true; readonly plugin: StrangerPlugin }
  | { readonly ok: false; readonly message: string };

/** How long a plugin may take. */
export interface Budget {
  /** For one answer. Default: 1 s. */
  readonly answerMs?: number;
  /** For its process to start. Default: 20 s. */
  readonly startMs?: number;
}

/**
 * Starts the process of a plugin and asks it what it is. Waits for it without letting anything else
 * go on, as every question to it does.
 */
export function openStranger(path: string, budget: Budget = {}): Opened {
  const relay = new Relay(path, budget);
  const opened = relay.ask(undefined);
  switch (opened.kind) {
    case "opened":
      return { ok: true, plugin: new StrangerPlugin(relay, opened.facts) };
    case "failed":
    case "overrun":
      relay.end();
      return { ok: false, message: opened.message };
    default:
      relay.end();
      return { ok: false, message: "its process answers something else" };
  }
}

/** The plugin of a stranger: whatever it does, asking it comes to an end. */
export class StrangerPlugin implements RunningPlugin {
  readonly facts: PluginFacts;
  readonly #relay: Relay;
  /** When it took too long, in milliseconds of the clock that only goes forward. */
  #overruns: number[] = [];

  constructor(relay: Relay, facts: PluginFacts) {
    this.#relay = relay;
    this.facts = facts;
  }

  readonly call = <Name extends CallName>(
    name: Name,
    question: Question<Name>,
  ): Outcome<Answer<Name>> => {
    const now = performance.now();
    this.#overruns = this.#overruns.filter((at) => now - at < restMs);
    if (this.#overruns.length >= mostOverruns) {
      const message = `it took too long ${mostOverruns} times, and is not asked for ${
        restMs / 1_000
      } s`;
      return { ok: false, message };
    }
    const answer = this.#relay.ask({ kind: "call", name, question });
    switch (answer.kind) {
      case "answer":
        return { ok: true, value: answer.value as Answer<Name> };
      case "overrun":
        this.#overruns.push(performance.now());
        return {
          ok: false,
          message: answer.message,
          ...(answer.source === undefined ? {} : { source: answer.source }),
        };
      case "failed":
        return { ok: false, message: answer.message };
      default:
        return { ok: false, message: "its process answers something else" };
    }
  };

  /** Ends its process. */
  close(): void {
    this.#relay.end();
  }
}

/** A plugin that took too long that often within this time is left alone for the rest of it. */
const mostOverruns = 3;
const restMs = 60_000;

type Told =
  | FromProcess
  | { readonly kind: "overrun"; readonly message: string; readonly source?: number };

/** The worker between us and the process; see relay.ts. */
class Relay {
  readonly #path: string;
  readonly #budgetMs: number;
  readonly #startMs: number;
  #worker: Worker | undefined;
  #place = answerPlace(64 * 1024);

  constructor(path: string, { answerMs = 1_000, startMs = 20_000 }: Budget) {
    this.#path = path;
    this.#budgetMs = answerMs;
    this.#startMs = startMs;
  }

  ask(message: ToProcess | undefined): Told {
    for (;;) {
      new Int32Array(this.#place, 0, 2).fill(0);
      this.#worker ??= new Worker(new URL("./relay.ts", import.meta.url), { type: "module" });
      this.#worker.postMessage({
        kind: "call",
        path: this.#path,
        budgetMs: this.#budgetMs,
        startMs: this.#startMs,
        answer: this.#place,
        ...(message === undefined ? {} : { message }),
      });
      const reading = answerWords(this.#place).read(this.#budgetMs + this.#startMs + graceMs);
      switch (reading.kind) {
        case "text":
          return JSON.parse(reading.text) as Told;
        case "nothing":
          this.end();
          return { kind: "overrun", message: "its process cannot be reached" };
        case "too-long":
          // Asked again, it answers the same; a place that was made larger stays so.
          if (this.#place.byteLength >= longestAnswer) {
            return { kind: "failed", message: "it answers more than can be taken" };
          }
          this.#place = answerPlace(this.#place.byteLength * 8);
      }
    }
  }

  end(): void {
    this.#worker?.postMessage({ kind: "end" });
    this.#worker = undefined;
    this.#place = answerPlace(64 * 1024);
  }
}

const graceMs = 5_000;
const longestAnswer = 64 * 1024 * 1024;
