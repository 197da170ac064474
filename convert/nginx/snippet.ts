import type { Annotations } from "../annotations.ts";
import type { Answer, RedirectCode } from "../settings.ts";
import { isHeaderValue, isHostName } from "../valid_values.ts";
import { closedAnswer, keepsOut } from "./access.ts";

/**
 * The directives of a `configuration-snippet` that an HTTPProxy has a field for: headers that are set
 * or cleared, and answers. What else stands in it is noted as lost, word for word.
 */
export function snippet(
  annotations: Annotations,
  { openUnprotected }: { readonly openUnprotected: boolean },
): Snippet {
  const result: MutableSnippet = {
    request: { set: [], remove: [] },
    response: { set: [], remove: [] },
  };
  const text = annotations.text("configuration-snippet");
  if (text === "") return result;
  const found = directives(text);
  const lost = found.filter((directive) => !take(directive, result));
  annotations.note("configuration-snippet", {
    verdict: lost.length === 0 ? "kept" : "lost",
    message: lost.length === 0
      ? ""
      : `nginx configuration that no field stands for: ${lost.join(" ")}` +
        (lost.some(keepsOut) ? "; it refuses requests, so the paths answer 403 until you do" : ""),
    place: { within: "routes" },
  });
  if (lost.some(keepsOut) && !openUnprotected) {
    result.answer = closedAnswer(["configuration-snippet"]);
  }
  return result;
}

/** See {@link snippet}. */
export interface Snippet {
  readonly request: HeaderChanges;
  readonly response: HeaderChanges;
  readonly answer?: Answer;
}

/** Headers to set and to take away. */
export interface HeaderChanges {
  readonly set: { name: string; value: string }[];
  readonly remove: string[];
}

interface MutableSnippet {
  request: HeaderChanges;
  response: HeaderChanges;
  answer?: Answer;
}

/** The directives as they are written, comments left out; one with a block is one. */
function directives(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let current = "";
  for (
    const part of text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*|[{};]|[^"'{};#]+|./gs) ??
      []
  ) {
    if (part.startsWith("#")) continue;
    current += part;
    if (part === "{") depth++;
    if (part === "}") depth--;
    if (depth === 0 && (part === ";" || part === "}")) {
      found.push(current.trim().replace(/\s+/g, " "));
      current = "";
    }
  }
  if (current.trim() !== "") found.push(current.trim().replace(/\s+/g, " "));
  return found;
}

function take(directive: string, result: MutableSnippet): boolean {
  if (directive.includes("{")) return false;
  const words = [...directive.replace(/;$/, "").matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, plain]) => double ?? single ?? plain ?? "");
  const [name = "", first = "", second] = words;
  switch (name) {
    case "more_set_headers":
      return words.length === 2 && setPair(result.response, first);
    case "more_set_input_headers":
      return words.length === 2 && setPair(result.request, first);
    case "add_header":
      return second !== undefined && words.length <= 4 && set(result.response, first, second);
    case "proxy_set_header":
      if (second === undefined || words.length !== 3) return false;
      return second === "" ? remove(result.request, first) : set(result.request, first, second);
    case "more_clear_headers":
    case "proxy_hide_header":
      return words.length === 2 && remove(result.response, first);
    case "more_clear_input_headers":
      return words.length === 2 && remove(result.request, first);
    case "deny":
      if (first !== "all" || words.length !== 2) return false;
      result.answer = { directResponsePolicy: { statusCode: 403 } };
      return true;
    case "return":
      return returned(result, words.slice(1));
  }
  return false;
}

function setPair(changes: HeaderChanges, pair: string): boolean {
  const [, name = "", value = ""] = /^([\w-]+):\s*(.*)$/.exec(pair) ?? [];
  return name !== "" && (value === "" ? remove(changes, name) : set(changes, name, value));
}

function set(changes: HeaderChanges, name: string, text: string): boolean {
  const value = text.replaceAll("%", "%%")
    .replaceAll("$remote_addr", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%")
    .replace(/\$http_(\w+)/g, (_, header: string) => `%REQ(${header.replaceAll("_", "-")})%`);
  if (value.includes("$") || !isHeaderValue(value) || !/^[A-Za-z0-9-]+$/.test(name)) return false;
  changes.set.push({ name, value });
  return true;
}

function remove(changes: HeaderChanges, name: string): boolean {
  if (!/^[A-Za-z0-9-]+$/.test(name) || name.toLowerCase() === "host") return false;
  changes.remove.push(name);
  return true;
}

function returned(result: MutableSnippet, [code = "", text]: readonly string[]): boolean {
  const statusCode = Number(code);
  const redirect = ([301, 302, 303, 307, 308] satisfies RedirectCode[])
    .find((each) => each === statusCode);
  if (redirect !== undefined) {
    if (text === undefined || text.includes("$") || !URL.canParse(text)) return false;
    const { protocol, hostname, port, pathname, search } = new URL(text);
    if ((protocol !== "http:" && protocol !== "https:") || !isHostName(hostname)) return false;
    result.answer = {
      requestRedirectPolicy: {
        scheme: protocol === "http:" ? "http" : "https",
        hostname,
        ...(port === "" ? {} : { port: Number(port) }),
        path: `${pathname}${search}`,
        statusCode: redirect,
      },
    };
    return true;
  }
  if (!(statusCode >= 200 && statusCode <= 599) || text?.includes("$")) return false;
  result.answer = {
    directResponsePolicy: { statusCode, ...(text === undefined ? {} : { body: text }) },
  };
  return true;
}
