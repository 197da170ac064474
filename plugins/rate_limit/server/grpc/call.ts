import { Buffer } from "node:buffer";
import { errorCode, flag, frameType } from "../http2/frame.ts";
import type { Http2Stream, OutgoingFrame } from "../http2/stream.ts";
import { encodeHeaders } from "../http2/hpack.ts";
import { GrpcError, type GrpcStatus, grpcStatus } from "./status.ts";

/** What answers to calls of a method. Errors that are no {@link GrpcError} are answered as internal. */
export type GrpcMethod =
  /** One message each way. */
  | {
    readonly kind: "unary";
    readonly call: (request: Buffer, context: CallContext) => Uint8Array | Promise<Uint8Array>;
  }
  /** Any number of messages each way. */
  | {
    readonly kind: "stream";
    readonly open: (call: StreamCall) => StreamHandler;
  };

/** What a call is told. */
export interface CallContext {
  /** Milliseconds that the client waits, from now; absent: for ever. */
  readonly timeoutMs?: number;
}

/** Our side of a call that lasts. */
export interface StreamCall {
  readonly send: (message: Uint8Array) => void;
  readonly end: (status?: GrpcStatus, message?: string) => void;
}

/** What the client does. */
export interface StreamHandler {
  readonly message: (message: Buffer) => void;
  /** The client has said all. */
  readonly ended: () => void;
  /** Nobody listens any more. */
  readonly closed: () => void;
}

/** Takes a call that came as a stream of HTTP/2. */
export function takeCall(
  stream: Http2Stream,
  headers: ReadonlyMap<string, string>,
  { methods, maxMessageBytes, onCall }: CallOptions,
): void {
  const refusal = refusalOf(headers);
  if (refusal !== undefined) {
    // Not gRPC at all, and answered in words that it knows.
    const block = encodeHeaders([[":status", refusal], ["content-length", "0"]]);
    return stream.send([headersFrame(block, true)], true);
  }
  const path = headers.get(":path") ?? "";
  const method = methods.get(path);
  if (method === undefined) {
    return endWith(stream, grpcStatus.unimplemented, `There is no method ${path.slice(0, 200)}`);
  }
  const timeoutMs = timeoutOf(headers.get("grpc-timeout"));
  const context = timeoutMs === undefined ? {} : { timeoutMs };
  const messages = new Messages(maxMessageBytes);
  if (method.kind === "stream") return takeStream(stream, method, messages);
  stream.take = (bytes, isLast) => {
    let request: Buffer | undefined;
    try {
      messages.add(bytes, isLast);
      request = messages.next();
      if (!isLast) return;
      if (request === undefined || messages.next() !== undefined) {
        throw new GrpcError(grpcStatus.internal, "One message is needed, and no other");
      }
    } catch (error) {
      return fail(stream, error);
    }
    onCall(path);
    run(stream, () => method.call(request, context), timeoutMs);
  };
}

/** What calls are taken with. */
export interface CallOptions {
  /** By path: `/grpc.health.v1.Health/Check`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  /** Larger ones are refused. */
  readonly maxMessageBytes: number;
  /** Told of each unary call that came in whole. */
  readonly onCall: (path: string) => void;
}

function run(
  stream: Http2Stream,
  call: () => Uint8Array | Promise<Uint8Array>,
  timeoutMs: number | undefined,
): void {
  let answered: Uint8Array | Promise<Uint8Array>;
  try {
    answered = call();
  } catch (error) {
    return fail(stream, error);
  }
  if (!(answered instanceof Promise)) return answer(stream, answered);
  stream.isBusy = true;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    endWith(stream, grpcStatus.deadlineExceeded, "There was no answer in time");
  }, timeoutMs);
  answered.then((message) => answer(stream, message), (error) => fail(stream, error))
    .finally(() => {
      clearTimeout(timer);
      stream.settle();
    });
}

function takeStream(
  stream: Http2Stream,
  method: Extract<GrpcMethod, { readonly kind: "stream" }>,
  messages: Messages,
): void {
  stream.isLong = true;
  let hasBegun = false;
  const begin = (): OutgoingFrame[] => {
    if (hasBegun) return [];
    hasBegun = true;
    return [headersFrame(begun, false)];
  };
  const handler = method.open({
    send(message) {
      // A client that does not read does not get everything kept for it.
      if (stream.waiting.length > 64) return stream.reset(errorCode.enhanceYourCalm);
      stream.send([...begin(), dataFrame(message)], false);
    },
    end(status = grpcStatus.ok, message = "") {
      const trailers = encodeHeaders(statusFields(status, message));
      stream.send([...begin(), headersFrame(trailers, true)], true);
    },
  });
  stream.cancelled = () => handler.closed();
  stream.take = (bytes, isLast) => {
    try {
      messages.add(bytes, isLast);
      for (let next = messages.next(); next !== undefined; next = messages.next()) {
        if (!stream.isDone) handler.message(next);
      }
      if (isLast && !stream.isDone) handler.ended();
    } catch (error) {
      const { status, message } = told(error);
      stream.send([
        ...begin(),
        headersFrame(encodeHeaders(statusFields(status, message)), true),
      ], true);
      handler.closed();
    }
  };
}

function answer(stream: Http2Stream, message: Uint8Array): void {
  stream.send([headersFrame(begun, false), dataFrame(message), headersFrame(done, true)], true);
}

function fail(stream: Http2Stream, error: unknown): void {
  const { status, message } = told(error);
  endWith(stream, status, message);
}

function told(error: unknown): { readonly status: GrpcStatus; readonly message: string } {
  if (error instanceof GrpcError) return error;
  return { status: grpcStatus.internal, message: "Something went wrong that should not" };
}

/** An answer without a message. */
function endWith(stream: Http2Stream, status: GrpcStatus, message: string): void {
  const block = encodeHeaders([
    [":status", "200"],
    ["content-type", "application/grpc"],
    ...statusFields(status, message),
  ]);
  stream.send([headersFrame(block, true)], true);
}

function statusFields(status: GrpcStatus, message: string): (readonly [string, string])[] {
  const fields: (readonly [string, string])[] = [["grpc-status", String(status)]];
  if (message !== "") fields.push(["grpc-message", percentEncoded(message.slice(0, 1_000))]);
  return fields;
}

function percentEncoded(text: string): string {
  return text.replace(
    /[^\x20-\x24\x26-\x7e]/gu,
    (character) =>
      [...new TextEncoder().encode(character)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

function headersFrame(payload: Uint8Array, ends: boolean): OutgoingFrame {
  const flags = flag.endHeaders | (ends ? flag.endStream : 0);
  return { type: frameType.headers, flags, payload };
}

function dataFrame(message: Uint8Array): OutgoingFrame {
  const payload = Buffer.allocUnsafe(message.length + 5);
  payload[0] = 0;
  payload.writeUInt32BE(message.length, 1);
  payload.set(message, 5);
  return { type: frameType.data, flags: 0, payload };
}

const begun = encodeHeaders([[":status", "200"], ["content-type", "application/grpc"]]);
const done = encodeHeaders([["grpc-status", "0"]]);

/** The status of HTTP for what is not gRPC. */
function refusalOf(headers: ReadonlyMap<string, string>): string | undefined {
  if (headers.get(":method") !== "POST") return "405";
  return headers.get("content-type")?.startsWith("application/grpc") === true ? undefined : "415";
}

const timeoutUnits: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

function timeoutOf(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text ?? "") ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  // What timers cannot hold is for ever.
  const ms = Number(digits) * (timeoutUnits[unit] ?? 1);
  return ms < 2 ** 31 ? ms : undefined;
}

/** Messages out of bytes: each has five bytes before it. */
class Messages {
  readonly #maxBytes: number;
  #held: Buffer = empty;
  #length = 0;
  #read = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Buffer, isLast: boolean): void {
    if (this.#length === this.#read) {
      this.#read = 0;
      this.#length = bytes.length;
      // What is read at once need not be kept.
      this.#held = isLast ? bytes : Buffer.from(bytes);
    } else this.#append(bytes);
    if (this.#length - this.#read >= headBytes) this.#head();
  }

  /** The next message, if it is there as a whole. Throws for one that cannot be taken. */
  next(): Buffer | undefined {
    if (this.#length - this.#read < headBytes) return undefined;
    const length = this.#head();
    const start = this.#read + headBytes;
    if (this.#length < start + length) return undefined;
    this.#read = start + length;
    return this.#held.subarray(start, start + length);
  }

  #head(): number {
    if (this.#held[this.#read] !== 0) {
      throw new GrpcError(grpcStatus.unimplemented, "Compressed messages are not read");
    }
    const length = this.#held.readUInt32BE(this.#read + 1);
    if (length > this.#maxBytes) {
      const message = `A message of ${length} bytes is too large: ${this.#maxBytes} are allowed`;
      throw new GrpcError(grpcStatus.resourceExhausted, message);
    }
    return length;
  }

  #append(bytes: Buffer): void {
    const kept = this.#length - this.#read;
    if (this.#read > 0 || this.#held.length < kept + bytes.length) {
      const room = Math.max(256, 2 * (kept + bytes.length));
      const larger = Buffer.allocUnsafeSlow(room);
      this.#held.copy(larger, 0, this.#read, this.#length);
      this.#held = larger;
      this.#read = 0;
    }
    bytes.copy(this.#held, kept);
    this.#length = kept + bytes.length;
  }
}

const empty = Buffer.alloc(0);
const headBytes = 5;
