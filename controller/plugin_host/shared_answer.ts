import type { ToProcess } from "./protocol.ts";

/** What a relay is told. */
export type RelayOrder =
  | {
    readonly kind: "call";
    /** The module of the plugin. */
    readonly path: string;
    /** Absent: the process is only to be started. */
    readonly message?: ToProcess;
    /** For the answer, and before that for a process to start. */
    readonly budgetMs: number;
    readonly startMs: number;
    /** Where the answer goes. */
    readonly answer: SharedArrayBuffer;
  }
  | { readonly kind: "end" };

/** A place for an answer of so many bytes. */
export function answerPlace(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + bytes);
}

const headerBytes = 8;

/**
 * Text in memory that two threads share. The first word tells whether there is any: the length in
 * bytes, or how many there would have to be.
 */
export function answerWords(place: SharedArrayBuffer): SharedAnswer {
  const words = new Int32Array(place, 0, 2);
  const bytes = new Uint8Array(place, headerBytes);
  return {
    write(text) {
      const encoded = new TextEncoder().encode(text);
      if (encoded.length <= bytes.length) bytes.set(encoded);
      Atomics.store(words, 1, encoded.length);
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    },
    read(waitMs) {
      if (Atomics.wait(words, 0, 0, waitMs) === "timed-out") return { kind: "nothing" };
      const length = Atomics.load(words, 1);
      if (length > bytes.length) return { kind: "too-long" };
      return { kind: "text", text: new TextDecoder().decode(bytes.slice(0, length)) };
    },
  };
}

/** See {@link answerWords}. */
export interface SharedAnswer {
  readonly write: (text: string) => void;
  /** Waits for it, and lets nothing else go on meanwhile. */
  readonly read: (waitMs: number) => SharedReading;
}

/** What came of waiting. */
export type SharedReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "nothing" };
