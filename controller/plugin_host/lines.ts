import { TextLineStream } from "./line_stream.ts";

/** The JSON values of a stream, a line each. */
export async function* jsonLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<unknown> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) if (line !== "") yield JSON.parse(line);
}

/** Writes values to a stream, a line each, in order. */
export class JsonWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #encoder = new TextEncoder();

  constructor(stream: WritableStream<Uint8Array<ArrayBuffer>>) {
    this.#writer = stream.getWriter();
  }

  /** Resolves when it was taken; rejects when nobody reads any more. */
  write(value: unknown): Promise<void> {
    return this.#writer.write(this.#encoder.encode(`${JSON.stringify(value)}\n`));
  }

  /** Ends the stream. */
  close(): Promise<void> {
    return this.#writer.close();
  }
}
