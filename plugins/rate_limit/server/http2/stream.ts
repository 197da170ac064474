import type { Buffer } from "node:buffer";
import type { ErrorCode, frameType } from "./frame.ts";

/** A request and its answer. */
export class Http2Stream {
  readonly id: number;
  readonly waiting: OutgoingFrame[] = [];
  sendWindow: number;
  receiveWindow: number;
  /** Bytes that came and are not read as a whole yet. */
  held = 0;
  beganAt = performance.now();
  /** The client has said all. */
  hasEnded = false;
  /** We have. */
  isDone = false;
  /** It may last: what comes is taken piece by piece. */
  isLong = false;
  /** Somebody works for it, and says so by {@link settle}. */
  isBusy = false;
  isAbandoned = false;
  /** Called with what the client sends; `isLast` with the end. */
  take: (bytes: Buffer, isLast: boolean) => void = () => {};
  /** Called when nobody waits for an answer any more. */
  cancelled: () => void = () => {};
  readonly #own: StreamParts;

  constructor(id: number, sendWindow: number, receiveWindow: number, own: StreamParts) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
    this.#own = own;
  }

  /** Something waits for the client to read. */
  get isStuck(): boolean {
    return this.waiting.length > 0;
  }

  /** Sends frames; `ends` with the last ones. */
  send(frames: readonly OutgoingFrame[], ends: boolean): void {
    if (!this.isDone) this.#own.send(frames, ends);
  }

  /** Ends it without an answer. */
  reset(code: ErrorCode): void {
    this.#own.reset(code);
  }

  /** Nobody works for it any more. */
  settle(): void {
    if (!this.isBusy) return;
    this.isBusy = false;
    this.#own.settled();
  }
}

/** A frame to be sent. */
export interface OutgoingFrame {
  readonly type: typeof frameType.headers | typeof frameType.data;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** What a stream needs of its connection. */
export interface StreamParts {
  readonly send: (frames: readonly OutgoingFrame[], ends: boolean) => void;
  readonly reset: (code: ErrorCode) => void;
  readonly settled: () => void;
}
