import { isKind, type ObjectKey } from "../object_key.ts";

/**
 * Which object a text that cannot be parsed is about, going by its lines alone. Undefined when that
 * is not plain: then whatever the file held before may be what is broken now.
 */
export function guessKey(text: string, namespace: string): ObjectKey | undefined {
  const isJson = /^(?:---)?\s*\{/.test(text);
  const kind = onlyKind(text, isJson ? jsonKind : yamlKind);
  if (kind === undefined || !isKind(kind)) return undefined;
  const metadata = isJson ? jsonMetadata(text) : yamlMetadata(text);
  const name = metadata.get("name");
  if (name === undefined) return undefined;
  return {
    kind,
    name,
    namespace: kind === "Namespace" ? "" : metadata.get("namespace") ?? namespace,
  };
}

const yamlKind = /^(?:---[ \t]+)?["']?kind["']?:[ \t]*["']?(\w+)/gm;
const jsonKind = /"kind"\s*:\s*"(\w+)"/g;

/** How far to look for a name: metadata is short, and what is broken may be long. */
const reach = 10_000;

function onlyKind(text: string, pattern: RegExp): string | undefined {
  const [first, second] = text.matchAll(pattern);
  return second === undefined ? first?.[1] : undefined;
}

function yamlMetadata(text: string): Map<string, string> {
  const start = /^["']?metadata["']?:/m.exec(text);
  if (start === null) return new Map();
  const rest = text.slice(start.index + start[0].length).slice(0, reach);
  if (/^[ \t]*\{/.test(rest)) return pairs(rest.slice(0, rest.search(/[\r\n]/)));
  return indentedFields(rest.split(/\r?\n/).slice(1));
}

/** The fields of a mapping in block style, at its outermost level. */
function indentedFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  let outermost: number | undefined;
  for (const line of lines) {
    if (/^\s*(#|$)/.test(line)) continue;
    const indent = line.search(/[^ \t]/);
    if (indent === 0) break;
    outermost ??= indent;
    const match = /^[ \t]+["']?(\w+)["']?:[ \t]+["']?([^\s"'#]+)/.exec(line);
    const [, name, value] = match ?? [];
    if (indent === outermost && name !== undefined && value !== undefined) fields.set(name, value);
  }
  return fields;
}

function jsonMetadata(text: string): Map<string, string> {
  const start = /"metadata"\s*:\s*\{/.exec(text);
  if (start === null) return new Map();
  const rest = text.slice(start.index + start[0].length).slice(0, reach);
  // Labels and annotations are objects of their own, in which a name is another thing.
  const flat = rest.replace(/\{[^{}]*\}/g, "");
  return pairs(flat.slice(0, flat.search(/[{}]|$/)));
}

/** Names and values in flow style; of a name given twice the first. */
function pairs(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/["']?(\w+)["']?\s*:\s*["']?([^\s"',{}]+)/g)) {
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  return fields;
}
