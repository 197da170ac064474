import { Buffer } from "node:buffer";

/** Frames by number, see https://www.rfc-editor.org/rfc/rfc9113#section-6. */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags that we look at or set. */
export const flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Why a stream or a connection is ended. */
export const errorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;
export type ErrorCode = (typeof errorCode)[keyof typeof errorCode];

/** Settings by number. */
export const setting = {
  headerTableSize: 1,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** What stands before a frame's payload. */
export const headBytes = 9;

/** What a frame may hold unless asked for more; we never ask. */
export const maxFrameBytes = 16_384;

/** What a client says first. */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The largest window. */
export const maxWindow = 0x7fff_ffff;

/** A frame. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = nothing,
): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  writeHead(bytes, 0, { length: payload.length, type, flags, streamId });
  bytes.set(payload, headBytes);
  return bytes;
}

/** A frame whose payload are 32-bit numbers. */
export function numbersFrame(
  type: number,
  flags: number,
  streamId: number,
  ...numbers: readonly number[]
): Buffer {
  const payload = Buffer.allocUnsafe(numbers.length * 4);
  for (const [index, number] of numbers.entries()) payload.writeUInt32BE(number, index * 4);
  return frame(type, flags, streamId, payload);
}

/** A SETTINGS frame. */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * 6);
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(frameType.settings, 0, 0, payload);
}

/** Writes what stands before a payload. */
export function writeHead(
  bytes: Buffer,
  at: number,
  { length, type, flags, streamId }: {
    readonly length: number;
    readonly type: number;
    readonly flags: number;
    readonly streamId: number;
  },
): void {
  bytes[at] = length >> 16;
  bytes[at + 1] = length >> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes[at + 5] = streamId >> 24;
  bytes[at + 6] = streamId >> 16;
  bytes[at + 7] = streamId >> 8;
  bytes[at + 8] = streamId;
}

const nothing = new Uint8Array(0);

/** The content of a frame of data or header fields, without its padding. */
export function unpadded(flags: number, payload: Buffer): Buffer {
  if ((flags & flag.padded) === 0) return payload;
  const padding = payload[0] ?? 0;
  if (padding + 1 > payload.length) {
    throw new Http2Error(errorCode.protocol, "More padding than there is");
  }
  return payload.subarray(1, payload.length - padding);
}

/** The rules were broken: the connection ends. */
export class Http2Error extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
