/**
 * The JSON values of a stream that has one a line, all those of a chunk together. Throws a
 * `SyntaxError` for a line that is none, after the values before it.
 */
export async function* jsonLines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<readonly unknown[]> {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(newline);
    if (end === -1) {
      kept.push(chunk);
      keptBytes += chunk.length;
      if (keptBytes > longestLineBytes) throw new SyntaxError("The line does not end");
      continue;
    }
    const text = decode([...kept, chunk.subarray(0, end)]);
    kept = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    keptBytes = kept[0]?.length ?? 0;
    yield* parsed(text);
  }
  if (keptBytes > 0) yield* parsed(decode(kept));
}

const newline = 10;

/** Far more than an API server stores of one object. */
const longestLineBytes = 64 * 1024 * 1024;

function* parsed(text: string): Generator<readonly unknown[]> {
  const values: unknown[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    try {
      values.push(JSON.parse(line));
    } catch (error) {
      if (values.length > 0) yield values;
      throw error;
    }
  }
  if (values.length > 0) yield values;
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
