import type { Request } from "../../controller/graph/mod.ts";
import type { Sample } from "./regions.ts";

/** A request that shows a difference, as a client would send it. */
export interface Witness {
  readonly method: string;
  /** With the scheme: `https://shop.example.com/cart?x=1`. */
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The request of a sample, for a host that goes by this name where the sample says nothing else. */
export function requestOf(
  { path, values }: Sample,
  { name, tls }: { readonly name: string; readonly tls: boolean },
): Request {
  const parts = [...values].flatMap(([part, value]): [string, string][] =>
    value === undefined ? [] : [[part, value]]
  );
  const query = parts.flatMap(([part, value]) =>
    part.startsWith("query ") ? [`${part.slice("query ".length)}=${value}`] : []
  ).join("&");
  const headers = parts.flatMap(([part, value]): [string, string][] =>
    part.startsWith("header ") && !part.startsWith("header :")
      ? [[part.slice("header ".length), value]]
      : []
  );
  const scheme = tls ? "https" : "http";
  return {
    method: values.get("header :method") ?? "GET",
    authority: values.get("header :authority") ?? name,
    path: query === "" ? path : `${path}?${query}`,
    headers: new Map([...headers, ["x-forwarded-proto", scheme], [":scheme", scheme]]),
    tls,
  };
}

/** The request as a client would send it: without what Envoy sets itself. */
export function witnessOf({ method, authority, path, headers, tls }: Request): Witness {
  const sent = [...headers].filter(([name]) => name !== "x-forwarded-proto" && name !== ":scheme");
  return {
    method,
    url: `${tls ? "https" : "http"}://${authority}${path}`,
    headers: Object.fromEntries(sent),
  };
}
