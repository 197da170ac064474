/**
 * Cuts a text before each document marker (`---` at the beginning of a line), so that a change to
 * one document leaves the others as they are. Joined, the chunks are the text again. Documents that
 * only `...` parts stay in one chunk, and directives stay with the document they are for.
 */
export function splitChunks(text: string): string[] {
  const hasDirectives = text.startsWith("%") || text.includes("\n%");
  const chunks: string[] = [];
  let start = 0;
  let from = 0;
  while (true) {
    const lineBreak = text.indexOf("\n---", from);
    if (lineBreak < 0) break;
    const marker = lineBreak + 1;
    from = marker + 3;
    if (!endsMarker(text.charCodeAt(marker + 3))) continue;
    const end = hasDirectives ? beforeDirectives(text, start, marker) : marker;
    // A document can be directives alone up to here: then its marker belongs to it.
    if (end > start) {
      chunks.push(text.slice(start, end));
      start = end;
    }
  }
  if (start < text.length) chunks.push(text.slice(start));
  return chunks;
}

/** After the three dashes: a space, a tab, a line break, or the end of the text. */
function endsMarker(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || Number.isNaN(code);
}

/** Where the lines of directives (`%YAML`, `%TAG`) begin that stand right before a marker. */
function beforeDirectives(text: string, start: number, marker: number): number {
  let position = marker;
  let lineStart = marker;
  while (lineStart > start) {
    const line = lastLine(text.slice(start, lineStart));
    lineStart -= line.length;
    if (line.startsWith("%")) position = lineStart;
    else if (!/^\s*(#.*)?\s*$/.test(line)) break;
  }
  return position;
}

/** The last line of a text, with the line break that ends it. */
function lastLine(text: string): string {
  return text.length < 2 ? text : text.slice(text.lastIndexOf("\n", text.length - 2) + 1);
}
