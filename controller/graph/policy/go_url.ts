import { goQuoted } from "../../api/mod.ts";

/**
 * What Go, and so Contour, says of a text that is no URL: `parse ":": missing protocol scheme`.
 * `undefined` where Go reads it, which says little: most texts are a URL to it.
 * See https://pkg.go.dev/net/url#Parse
 */
export function goUrlProblem(text: string): string | undefined {
  const problem = urlProblem(text.split("#", 1)[0] ?? "");
  return problem === undefined ? undefined : `parse ${goQuoted(text)}: ${problem}`;
}

function urlProblem(text: string): string | undefined {
  if ([...text].some((letter) => letter < " " || letter === "\x7f")) {
    return "net/url: invalid control character in URL";
  }
  if (text.startsWith(":")) return "missing protocol scheme";
  const [, scheme, behind] = /^([A-Za-z][A-Za-z0-9+.-]*):([^]*)$/.exec(text) ?? [];
  const rest = (behind ?? text).split("?", 1)[0] ?? "";
  if (!rest.startsWith("/")) {
    if (scheme !== undefined) return undefined;
    const [segment = ""] = rest.split("/", 1);
    return segment.includes(":")
      ? "first path segment in URL cannot contain colon"
      : escapeProblem(rest);
  }
  const [, authority, path = rest] = /^\/\/([^/]*)([^]*)$/.exec(rest) ?? [];
  return (authority === undefined ? undefined : authorityProblem(authority)) ??
    escapeProblem(path);
}

function authorityProblem(authority: string): string | undefined {
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) {
    return "net/url: invalid userinfo";
  }
  const closing = host.lastIndexOf("]");
  if (host.startsWith("[") && closing < 0) return "missing ']' in host";
  const port = host.startsWith("[")
    ? host.slice(closing + 1)
    : host.slice(host.includes(":") ? host.lastIndexOf(":") : host.length);
  if (!/^(:\d*)?$/.test(port)) return `invalid port ${goQuoted(port)} after host`;
  const [odd] = /[ @\\^`{|}]/.exec(host) ?? [];
  if (odd !== undefined) return `invalid character ${goQuoted(odd)} in host name`;
  return escapeProblem(host);
}

function escapeProblem(text: string): string | undefined {
  const odd = /%(?![0-9A-Fa-f]{2})/.exec(text);
  return odd === null
    ? undefined
    : `invalid URL escape ${goQuoted(text.slice(odd.index, odd.index + 3))}`;
}
