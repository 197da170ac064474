import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Endpoint } from "../../controller/serve_options.ts";
import type { Seen } from "./backends.ts";

/** Asks a gateway at an address for a host that no DNS needs to know. Rejects when nobody answers. */
export function ask(gateway: Endpoint, question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = {
    host: gateway.address,
    port: gateway.port,
    path: question.path,
    headers: { ...question.headers, host: question.host },
    agent: false,
    signal: AbortSignal.any([question.signal, AbortSignal.timeout(10_000)]),
  };
  const asked = question.trust === undefined
    ? requestHttp(options)
    : requestHttps({ ...options, servername: question.host, ca: question.trust });
  asked.on("error", reject);
  asked.on("response", (response) => {
    const parts: Uint8Array[] = [];
    response.on("data", (part: Uint8Array) => parts.push(part));
    response.on("error", reject);
    response.on("end", () => {
      const headers = Object.entries(response.headers).map(([name, value]) =>
        [name, String(value)] as const
      );
      resolve({
        status: response.statusCode ?? 0,
        headers: new Map(headers),
        seen: parseSeen(new TextDecoder().decode(joined(parts))),
      });
    });
  });
  asked.end();
  return promise;
}

/** What to ask. */
export interface Question {
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Asks over TLS, and believes certificates that this one signed (PEM). */
  readonly trust?: string;
  readonly signal: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the backend saw; absent when none was asked. */
  readonly seen: Seen | undefined;
}

function parseSeen(body: string): Seen | undefined {
  try {
    return JSON.parse(body) as Seen;
  } catch {
    return undefined;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
