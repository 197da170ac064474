import type { Request } from "../controller/graph/mod.ts";

/** A request as it was asked about. */
export interface AskedRequest {
  readonly method: string;
  /** As asked, with the scheme: `https://shop.example.com/cart?x=1`. */
  readonly url: string;
  readonly tls: boolean;
  /** The Host header: the one of the URL unless one was given. */
  readonly authority: string;
  /** Path with query string. */
  readonly path: string;
  /** Lower-case names, in the order given; several values of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A request from a URL and headers in the spelling of curl: `name: value`, and `name;` for one without
 * a value. A URL without a scheme is one of http. Throws a `RangeError` that says what is wrong.
 */
export function parseAsked(
  { method = "GET", url, headers = [] }: {
    readonly method?: string;
    readonly url: string;
    readonly headers?: readonly string[];
  },
): AskedRequest {
  if (!isToken(method)) throw new RangeError(`"${method}" is no method`);
  const [, scheme = "http", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(url) ?? [];
  const tls = /^https$/i.test(scheme);
  if (!tls && !/^http$/i.test(scheme)) {
    throw new RangeError(`"${url}" is no URL of http or https`);
  }
  const [, host = "", target = ""] = /^(?:[^/?#@]*@)?([^/?#]*)([^#]*)/.exec(rest) ?? [];
  if (!isHost(host)) {
    throw new RangeError(`"${url}" names no host: https://shop.example.com/cart is a URL`);
  }
  const path = encodeURI(target.startsWith("/") ? target : `/${target}`).replaceAll("%25", "%");
  const given = headersOf(headers);
  const authority = given.get("host") ?? host;
  given.delete("host");
  return {
    method,
    url: `${tls ? "https" : "http"}://${host}${path}`,
    tls,
    authority,
    path,
    headers: Object.fromEntries(given),
  };
}

/** The request as routes see it: with the headers that Envoy sets before it looks at them. */
export function requestOf({ method, authority, path, headers, tls }: AskedRequest): Request {
  const scheme = tls ? "https" : "http";
  const seen = new Map(Object.entries(headers));
  // Whoever is not a trusted proxy has no say in it.
  seen.set("x-forwarded-proto", scheme);
  seen.set(":scheme", scheme);
  return { method, authority, path, headers: seen, tls };
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", mark, value = ""] = /^([^:;]*)([:;])\s*(.*?)\s*$/.exec(line) ?? [];
    if (!isToken(name) || (mark === ";" && value !== "")) {
      throw new RangeError(`"${line}" is no header: "x-version: 2" is one`);
    }
    // As in curl, a name with nothing behind its colon asks that the header be left out.
    if (mark === ":" && value === "") continue;
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

function isHost(text: string): boolean {
  return text !== "" && !/\s/.test(text) && URL.canParse(`http://${text}/`) &&
    /^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i.test(text);
}
