import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers";
import {
  type ErrorCode,
  errorCode,
  flag,
  frame,
  frameType,
  headBytes,
  Http2Error,
  maxFrameBytes,
  maxWindow,
  numbersFrame,
  preface,
  setting,
  settingsFrame,
  unpadded,
} from "./frame.ts";
import { HpackDecoder } from "./hpack.ts";
import { Http2Stream, type OutgoingFrame } from "./stream.ts";

/**
 * One connection of a client that speaks HTTP/2 (https://www.rfc-editor.org/rfc/rfc9113), as far as a
 * server of gRPC needs it. Frames of one piece of input are answered by one piece of output. What a
 * client may send, and what is kept for it, has bounds; whoever breaks the rules is hung up on.
 *
 * It stands on the socket itself: `node:http2` of Deno costs twice as much a call, and a client can
 * bring the process down with it, see https://github.com/denoland/deno/issues/36788.
 */
export class Http2Connection {
  readonly #socket: Socket;
  readonly #options: Http2Options;
  readonly #decoder: HpackDecoder;
  readonly #streamWindow: number;
  readonly #streams = new Map<number, Http2Stream>();
  #input: Buffer = empty;
  readonly #beganAt = performance.now();
  #hasPreface = false;
  #hasSettings = false;
  #lastStreamId = 0;
  /** A block of header fields that goes on in the next frame. */
  #block: OpenBlock | undefined;
  /** What the client lets us send. */
  #sendWindow = 65_535;
  #initialSendWindow = 65_535;
  /** What we let the client send. */
  #receiveWindow = 65_535;
  /** What was read since we last let it send more. */
  #consumed = 0;
  #output: Uint8Array[] = [];
  #isFlushPlanned = false;
  #isReading = false;
  #isLeaving = false;
  #isGoing = false;
  #isOver = false;
  /** Streams that were ended by the client before their time, and may still be worked for. */
  #abandoned = 0;
  /** Since when the client has not read all we said. */
  #fullSince: number | undefined;
  #usedAt = performance.now();

  constructor(socket: Socket, options: Http2Options) {
    this.#socket = socket;
    this.#options = options;
    this.#decoder = new HpackDecoder(options.maxHeaderListBytes);
    // Clients may send the default before they hear of ours.
    this.#streamWindow = Math.max(65_535, options.maxBodyBytes);
    this.#output.push(
      settingsFrame([
        [setting.maxConcurrentStreams, options.maxStreams],
        [setting.initialWindowSize, this.#streamWindow],
        [setting.maxHeaderListSize, options.maxHeaderListBytes],
      ]),
      numbersFrame(frameType.windowUpdate, 0, 0, connectionWindow - this.#receiveWindow),
    );
    this.#receiveWindow = connectionWindow;
    this.#flush();
    socket.on(
      "data",
      (bytes) => this.#receive(typeof bytes === "string" ? Buffer.from(bytes) : bytes),
    );
    socket.on("drain", () => {
      this.#fullSince = undefined;
      socket.resume();
    });
    socket.on("error", () => this.#close());
    socket.on("close", () => this.#close());
    // Half closed, a connection is of no use: nobody is going to ask anything.
    socket.on("end", () => socket.end());
  }

  /** When it was last asked something; undefined while it is. Milliseconds, never going back. */
  get idleSince(): number | undefined {
    return this.#streams.size === 0 ? this.#usedAt : undefined;
  }

  /** Takes no new streams once the client knows, and hangs up when those there are have been answered. */
  leave(): void {
    if (this.#isLeaving || this.#isOver) return;
    this.#isLeaving = true;
    if (!this.#hasSettings) return this.#go();
    // What is on its way already is answered: see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
    this.#send(numbersFrame(frameType.goaway, 0, 0, lastOfAll, errorCode.none));
    this.#send(frame(frameType.ping, 0, 0, Buffer.alloc(8)));
  }

  /** The client has heard of it: what it sends from now on is not ours. */
  #go(): void {
    if (!this.#isLeaving || this.#isGoing) return;
    this.#isGoing = true;
    this.#send(numbersFrame(frameType.goaway, 0, 0, this.#lastStreamId, errorCode.none));
    this.#hangUpIfIdle();
  }

  /** Hangs up. */
  cut(): void {
    this.#socket.destroy();
    this.#close();
  }

  /**
   * Ends streams on which nothing came for too long, and hangs up when not even a preface did, or when
   * nothing is read.
   */
  expire(nowMs: number): void {
    const isTooLong = (since: number) => nowMs - since > this.#options.requestTimeoutMs;
    if (!this.#hasPreface && isTooLong(this.#beganAt)) return this.cut();
    if (this.#fullSince !== undefined && isTooLong(this.#fullSince)) return this.cut();
    for (const stream of this.#streams.values()) {
      const isLate = isTooLong(stream.beganAt);
      if (isLate && !stream.hasEnded && !stream.isLong) this.#reset(stream.id, errorCode.cancel);
      // Whoever does not read answers does not get to keep them here.
      else if (isLate && stream.isStuck) this.#reset(stream.id, errorCode.flowControl);
    }
  }

  #receive(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    this.#isReading = true;
    try {
      this.#readFrames();
    } catch (error) {
      if (error instanceof Http2Error) this.#fail(error.code, error.message);
      else this.#fail(errorCode.compression, error instanceof Error ? error.message : "");
    }
    this.#isReading = false;
    this.#flush();
  }

  #readFrames(): void {
    let at = 0;
    const input = this.#input;
    if (!this.#hasPreface) {
      const given = input.subarray(0, preface.length);
      if (!given.equals(preface.subarray(0, given.length))) {
        throw new Http2Error(errorCode.protocol, "This is not HTTP/2");
      }
      if (given.length < preface.length) return;
      this.#hasPreface = true;
      at = preface.length;
    }
    while (input.length - at >= headBytes && !this.#isOver) {
      const length = input.readUIntBE(at, 3);
      if (length > maxFrameBytes) throw new Http2Error(errorCode.frameSize, "A frame is too long");
      const end = at + headBytes + length;
      if (input.length < end) break;
      const type = input[at + 3] ?? 0;
      const flags = input[at + 4] ?? 0;
      const streamId = input.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.#readFrame(type, flags, streamId, input.subarray(at + headBytes, end));
      at = end;
    }
    this.#input = at === input.length ? empty : at === 0 ? input : input.subarray(at);
  }

  #readFrame(type: number, flags: number, id: number, payload: Buffer): void {
    if (!this.#hasSettings && type !== frameType.settings) {
      throw new Http2Error(errorCode.protocol, "Settings have to come first");
    }
    if (this.#block !== undefined && type !== frameType.continuation) {
      throw new Http2Error(errorCode.protocol, "Header fields are interrupted");
    }
    switch (type) {
      case frameType.data:
        return this.#readData(flags, id, payload);
      case frameType.headers:
        return this.#readHeaders(flags, id, payload);
      case frameType.continuation:
        return this.#continue(flags, id, payload);
      case frameType.rstStream:
        return this.#readReset(id, payload);
      case frameType.settings:
        return this.#readSettings(flags, id, payload);
      case frameType.ping:
        return this.#readPing(flags, id, payload);
      case frameType.windowUpdate:
        return this.#readWindowUpdate(id, payload);
      case frameType.pushPromise:
        throw new Http2Error(errorCode.protocol, "A client cannot push");
    }
    // Priorities, farewells, and whatever is to come: nothing that a server has to act on.
  }

  #readData(flags: number, id: number, payload: Buffer): void {
    if (id === 0 || id > this.#lastStreamId) {
      throw new Http2Error(errorCode.protocol, "Data of no stream");
    }
    this.#receiveWindow -= payload.length;
    if (this.#receiveWindow < 0) throw new Http2Error(errorCode.flowControl, "Too much data");
    const stream = this.#streams.get(id);
    // It is over, and the client does not know yet.
    if (stream === undefined) return this.#consume(payload.length);
    if (stream.hasEnded) return this.#reset(id, errorCode.streamClosed);
    const data = unpadded(flags, payload);
    stream.receiveWindow -= payload.length;
    stream.held += payload.length;
    if (stream.receiveWindow < 0) return this.#reset(id, errorCode.flowControl);
    const isLast = (flags & flag.endStream) !== 0;
    if (isLast || stream.isLong) this.#release(stream);
    if (stream.isLong && !isLast && payload.length > 0) {
      this.#send(numbersFrame(frameType.windowUpdate, 0, id, payload.length));
      stream.receiveWindow += payload.length;
    }
    if (isLast) stream.hasEnded = true;
    stream.beganAt = stream.isLong ? performance.now() : stream.beganAt;
    stream.take(data, isLast);
  }

  /** What a stream held is read: the client may send as much again. */
  #release(stream: Http2Stream): void {
    this.#consume(stream.held);
    stream.held = 0;
  }

  #consume(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed < connectionWindow / 2) return;
    this.#send(numbersFrame(frameType.windowUpdate, 0, 0, this.#consumed));
    this.#receiveWindow += this.#consumed;
    this.#consumed = 0;
  }

  #readHeaders(flags: number, id: number, payload: Buffer): void {
    if (id === 0 || id % 2 === 0) throw new Http2Error(errorCode.protocol, "No stream of a client");
    const hasPriority = (flags & flag.priority) !== 0;
    const bytes = unpadded(flags, payload).subarray(hasPriority ? 5 : 0);
    this.#block = {
      id,
      parts: [bytes],
      bytes: bytes.length,
      endsStream: (flags & flag.endStream) !== 0,
    };
    if ((flags & flag.endHeaders) !== 0) this.#endBlock();
  }

  #continue(flags: number, id: number, payload: Buffer): void {
    const block = this.#block;
    if (block === undefined || block.id !== id) {
      throw new Http2Error(errorCode.protocol, "Nothing to continue");
    }
    block.parts.push(payload);
    block.bytes += payload.length;
    if (block.parts.length > 8 || block.bytes > 2 * this.#options.maxHeaderListBytes) {
      throw new Http2Error(errorCode.enhanceYourCalm, "Too many header fields");
    }
    if ((flags & flag.endHeaders) !== 0) this.#endBlock();
  }

  #endBlock(): void {
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    const { id, parts, endsStream } = block;
    const headers = new Map<string, string>();
    const bytes = parts.length === 1 ? parts[0] ?? empty : Buffer.concat(parts);
    this.#decoder.decode(bytes, (name, value) => {
      if (!headers.has(name)) headers.set(name, value);
    });
    const known = this.#streams.get(id);
    if (known !== undefined) {
      // Trailers: nothing that we look at, but they end a request.
      if (!endsStream || known.hasEnded) return this.#reset(id, errorCode.protocol);
      known.hasEnded = true;
      return known.take(empty, true);
    }
    if (id <= this.#lastStreamId) return; // it is over, and the client does not know yet
    this.#lastStreamId = id;
    this.#usedAt = performance.now();
    const isFull = this.#streams.size + this.#abandoned >= this.#options.maxStreams;
    if (isFull || this.#isGoing) return this.#reset(id, errorCode.refusedStream);
    const stream = new Http2Stream(id, this.#initialSendWindow, this.#streamWindow, {
      send: (frames, ends) => this.#sendOn(stream, frames, ends),
      reset: (code) => this.#reset(id, code),
      settled: () => {
        if (stream.isAbandoned) this.#abandoned--;
      },
    });
    this.#streams.set(id, stream);
    stream.hasEnded = endsStream;
    this.#options.accept(stream, headers);
    if (endsStream && !stream.isDone) stream.take(empty, true);
  }

  #readReset(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw new Http2Error(errorCode.frameSize, "A reset of another size");
    if (id === 0 || id > this.#lastStreamId) {
      throw new Http2Error(errorCode.protocol, "A reset of no stream");
    }
    this.#forget(id);
  }

  #readSettings(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw new Http2Error(errorCode.protocol, "Settings of a stream");
    if ((flags & flag.ack) !== 0) return;
    if (payload.length % 6 !== 0) {
      throw new Http2Error(errorCode.frameSize, "Settings of another size");
    }
    this.#hasSettings = true;
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== setting.initialWindowSize) continue;
      const window = payload.readUInt32BE(at + 2);
      if (window > maxWindow) throw new Http2Error(errorCode.flowControl, "A window too large");
      const change = window - this.#initialSendWindow;
      this.#initialSendWindow = window;
      for (const stream of this.#streams.values()) stream.sendWindow += change;
    }
    this.#send(frame(frameType.settings, flag.ack, 0));
    this.#unblock();
  }

  #readPing(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw new Http2Error(errorCode.protocol, "A ping of a stream");
    if (payload.length !== 8) throw new Http2Error(errorCode.frameSize, "A ping of another size");
    if ((flags & flag.ack) !== 0) return this.#go();
    this.#send(frame(frameType.ping, flag.ack, 0, payload));
  }

  #readWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw new Http2Error(errorCode.frameSize, "A window of another size");
    const more = payload.readUInt32BE(0) & maxWindow;
    if (id > this.#lastStreamId) throw new Http2Error(errorCode.protocol, "A window of no stream");
    if (id === 0) {
      this.#sendWindow += more;
      if (more === 0 || this.#sendWindow > maxWindow) {
        throw new Http2Error(errorCode.flowControl, "A window that is none");
      }
      return this.#unblock();
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.sendWindow += more;
    if (more === 0 || stream.sendWindow > maxWindow) return this.#reset(id, errorCode.flowControl);
    if (stream.isStuck) this.#sendOn(stream, [], false);
  }

  /** Sends what was held back for want of a window. */
  #unblock(): void {
    for (const stream of this.#streams.values()) {
      if (this.#sendWindow <= 0) return;
      if (stream.isStuck) this.#sendOn(stream, [], false);
    }
  }

  /** Sends frames of a stream in their order, as far as the windows let data through. */
  #sendOn(stream: Http2Stream, frames: readonly OutgoingFrame[], ends: boolean): void {
    if (!this.#streams.has(stream.id)) return;
    const { waiting } = stream;
    waiting.push(...frames);
    if (ends) stream.isDone = true;
    while (waiting.length > 0) {
      const [next] = waiting;
      if (next === undefined) break;
      if (next.type === frameType.data) {
        const room = Math.min(stream.sendWindow, this.#sendWindow, maxFrameBytes);
        if (room <= 0 && next.payload.length > 0) return;
        const part = next.payload.subarray(0, room);
        stream.sendWindow -= part.length;
        this.#sendWindow -= part.length;
        this.#send(frame(frameType.data, 0, stream.id, part));
        if (part.length < next.payload.length) {
          waiting[0] = { ...next, payload: next.payload.subarray(part.length) };
          continue;
        }
      } else this.#send(frame(next.type, next.flags, stream.id, next.payload));
      waiting.shift();
    }
    if (!stream.isDone) return;
    // A client that goes on talking is told that nobody listens any more.
    if (!stream.hasEnded) {
      this.#send(numbersFrame(frameType.rstStream, 0, stream.id, errorCode.none));
    }
    this.#streams.delete(stream.id);
    this.#release(stream);
    this.#hangUpIfIdle();
  }

  #reset(id: number, code: ErrorCode): void {
    this.#send(numbersFrame(frameType.rstStream, 0, id, code));
    this.#forget(id);
  }

  #forget(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    this.#release(stream);
    if (stream.isBusy) {
      stream.isAbandoned = true;
      this.#abandoned++;
    }
    stream.isDone = true;
    stream.cancelled();
    this.#hangUpIfIdle();
  }

  #send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#output.push(bytes);
    if (this.#isReading || this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    // After the other answers that are ready at this moment.
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#output.length === 0 || this.#isOver) return;
    const [only] = this.#output;
    const bytes = this.#output.length === 1 && only !== undefined
      ? only
      : Buffer.concat(this.#output);
    this.#output = [];
    if (this.#socket.write(bytes)) return;
    // Whoever does not read what it made us say is not listened to until it does.
    this.#fullSince ??= performance.now();
    this.#socket.pause();
    if (this.#socket.writableLength > maxUnreadBytes) this.cut();
  }

  #fail(code: ErrorCode, reason: string): void {
    if (this.#isOver) return;
    const words = Buffer.from(reason.slice(0, 100));
    const payload = Buffer.alloc(8 + words.length);
    payload.writeUInt32BE(this.#lastStreamId, 0);
    payload.writeUInt32BE(code, 4);
    payload.set(words, 8);
    this.#output.push(frame(frameType.goaway, 0, 0, payload));
    this.#flush();
    this.#socket.end();
    // Whoever does not take its leave keeps nothing of ours.
    Deno.unrefTimer(setTimeout(() => this.#socket.destroy(), 1_000));
    this.#close();
  }

  #hangUpIfIdle(): void {
    if (!this.#isGoing || this.#streams.size > 0 || this.#isOver) return;
    setImmediate(() => {
      this.#flush();
      this.#socket.end();
    });
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input = empty;
    for (const stream of this.#streams.values()) {
      stream.isDone = true;
      stream.cancelled();
    }
    this.#streams.clear();
    this.#options.closed(this);
  }
}

/** What a connection may cost, and who answers. */
export interface Http2Options {
  /** Calls at once, those included that a client left and that are still worked for. */
  readonly maxStreams: number;
  readonly maxHeaderListBytes: number;
  /** What a client may send on a stream before it has to be read. */
  readonly maxBodyBytes: number;
  /** How long a request may take to come in. */
  readonly requestTimeoutMs: number;
  /** Called with a new stream: it says how what comes is taken, by `stream.take`. */
  readonly accept: (stream: Http2Stream, headers: ReadonlyMap<string, string>) => void;
  readonly closed: (connection: Http2Connection) => void;
}

interface OpenBlock {
  readonly id: number;
  readonly parts: Buffer[];
  bytes: number;
  readonly endsStream: boolean;
}

const empty = Buffer.alloc(0);

/** No stream has a larger number. */
const lastOfAll = 0x7fffffff;

/** What a client may send on all streams together before we have looked at it. */
const connectionWindow = 4 << 20;

/** What is kept for a client that does not read. */
const maxUnreadBytes = 4 << 20;
