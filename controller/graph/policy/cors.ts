import { type CORSPolicy, goQuoted, parseDuration } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { CorsPolicy, OriginMatch } from "../model.ts";
import { regexProblem } from "../regex.ts";
import { regexSyntaxError } from "../regex_syntax.ts";

/** The CORS policy of a host, or what is wrong with it. */
export function corsPolicy(policy: CORSPolicy): CorsPolicy | Fault {
  const origins: OriginMatch[] = [];
  for (const [i, text] of policy.allowOrigin.entries()) {
    const origin = originMatch(text);
    if ("message" in origin) {
      const { message, hint } = origin;
      return new Fault(
        "CORSError/PolicyDidNotParse",
        `Spec.VirtualHost.CORSPolicy: invalid allowed origin ${goQuoted(text)}: ${message}`,
        `allowOrigin[${i}]`,
        hint,
      );
    }
    origins.push(origin);
  }
  if (origins.length === 0) {
    return fault("invalid allowed origin configuration with length 0", "allowOrigin");
  }
  if (policy.allowMethods.length === 0) {
    return fault("invalid allowed methods configuration with length 0", "allowMethods");
  }
  const maxAge = maxAgeSeconds(policy.maxAge ?? "");
  if (typeof maxAge === "string") return fault(maxAge, "maxAge");
  return {
    origins,
    methods: policy.allowMethods,
    allowHeaders: policy.allowHeaders ?? [],
    exposeHeaders: policy.exposeHeaders ?? [],
    allowCredentials: policy.allowCredentials ?? false,
    allowPrivateNetwork: policy.allowPrivateNetwork ?? false,
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
  };
}

function fault(message: string, path: string): Fault {
  return new Fault("CORSError/PolicyDidNotParse", `Spec.VirtualHost.CORSPolicy: ${message}`, path);
}

/** A text is an origin if it is just a scheme and a host, and a regular expression otherwise. */
function originMatch(text: string): OriginMatch | Pick<Fault, "message" | "hint"> {
  if (text === "*") return { kind: "any" };
  if (exactOrigin.test(text)) return { kind: "exact", text };
  const problem = regexProblem(text);
  if (problem === undefined) return { kind: "regex", text };
  const hint = regexSyntaxError(text);
  if (hint === undefined) return { message: problem };
  return { message: "allowed origin is invalid exact match and invalid regex match", hint };
}

// The characters that a host may hold by RFC 3986; others would not survive reading it as a URL. One
// that begins with a bracket is an address in brackets, and with more behind it no URL.
const exactOrigin =
  /^[a-z][a-z0-9+.-]*:\/\/(\[[A-Za-z0-9\-._~!$&'()*+,;=[\]:]*\]|(?!\[)[A-Za-z0-9\-._~!$&'()*+,;=[\]]+)(:\d*)?$/;

/** Whole seconds, rounded to even as Go prints them; a string says what is wrong. */
function maxAgeSeconds(text: string): number | string | undefined {
  if (text === "") return undefined;
  const parsed = parseDuration(text);
  if (!parsed.ok) return `unable to parse timeout string ${goQuoted(text)}: ${parsed.message}`;
  if (parsed.ms < 0) return `invalid max age value ${goQuoted(text)}`;
  const seconds = parsed.ms / 1_000;
  const floor = Math.floor(seconds);
  return seconds - floor === 0.5 ? floor + (floor % 2) : Math.round(seconds);
}
