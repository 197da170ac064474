import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { FrameFilter } from "./frame_filter.ts";

/**
 * A connection on which a client cannot bring down the process: Deno (2.9 is one) reads memory that
 * is free already when a client says that it goes away, or changes its settings, after one of its
 * streams has ended, see https://github.com/denoland/deno/issues/36788. Neither tells a server
 * anything it needs, so HTTP/2 gets neither to see.
 */
export class CalmConnection extends Duplex {
  readonly #socket: Socket;
  readonly #filter = new FrameFilter();

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (bytes) => {
      const kept = this.#filter.keep(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
      if (kept.length > 0 && !this.push(kept)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** Of the other side, as gRPC looks it up. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** The same. */
  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(
    bytes: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(bytes, done);
  }

  override _writev(
    chunks: { readonly chunk: Uint8Array }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.cork();
    const last = chunks.pop();
    for (const { chunk } of chunks) this.#socket.write(chunk);
    if (last === undefined) done();
    else this.#socket.write(last.chunk, done);
    this.#socket.uncork();
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
