/** A client that speaks HTTP/2 by the byte, also where it should not. */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { eventually } from "../../../tests/support/wait.ts";

/** A frame as it came. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** A connection. */
export interface RawClient extends Disposable {
  readonly write: (...parts: readonly Uint8Array[]) => void;
  readonly frames: readonly RawFrame[];
  readonly isOver: () => boolean;
  /** Waits for a frame. */
  readonly frame: (what: string, is: (frame: RawFrame) => boolean) => Promise<RawFrame>;
  readonly over: () => Promise<unknown>;
  readonly socket: Socket;
}

/** What a client says first. */
export const hello = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  rawFrame(4, 0, 0),
]);

/** Connects, and says nothing yet. */
export async function rawClient(port: number): Promise<RawClient> {
  const frames: RawFrame[] = [];
  let input = Buffer.alloc(0);
  let isOver = false;
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (bytes) => {
    input = Buffer.concat([input, Buffer.from(bytes)]);
    while (input.length >= 9) {
      const length = input.readUIntBE(0, 3);
      if (input.length < 9 + length) return;
      frames.push({
        type: input.readUInt8(3),
        flags: input.readUInt8(4),
        id: input.readUInt32BE(5),
        payload: input.subarray(9, 9 + length),
      });
      input = input.subarray(9 + length);
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => isOver = true);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    socket,
    frames,
    isOver: () => isOver,
    write: (...parts) => void socket.write(Buffer.concat(parts)),
    async frame(what, is) {
      const found = await eventually(what, () => {
        const frame = frames.find(is);
        return frame ?? (isOver ? "over" : undefined);
      }, { withinMs: 5_000 });
      if (found === "over") throw new Error(`The connection ended before ${what}`);
      return found;
    },
    over: () => eventually("the connection is over", () => isOver, { withinMs: 5_000 }),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** A frame as it is sent. */
export function rawFrame(
  type: number,
  flags: number,
  id: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields, without codes and tables. */
export function rawHeaders(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).map(([name, value]) => {
      const text = (each: string) => {
        const bytes = Buffer.from(each, "latin1");
        if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
        const rest = bytes.length - 127;
        return Buffer.concat([Buffer.from([127, 128 + rest % 128, Math.floor(rest / 128)]), bytes]);
      };
      return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
    }),
  );
}

/** The header fields of a call. */
export const callHeaders = rawHeaders({
  ":method": "POST",
  ":scheme": "http",
  ":path": "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
  ":authority": "limits",
  "content-type": "application/grpc",
  te: "trailers",
});

/** A call as two frames. */
export function rawCall(id: number, message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([
    rawFrame(1, 4, id, callHeaders),
    rawFrame(0, 1, id, Buffer.concat([head, message])),
  ]);
}
