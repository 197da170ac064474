/** What is asked of two services, and what is answered, in a form that can be kept. */
import type { DomainConfiguration, RateLimitRequest } from "../../mod.ts";
import type { Message } from "../../../../proto/mod.ts";
import { WireWriter } from "../../server/wire/writer.ts";

/** A configuration of one domain, and requests in their order. */
export interface Scenario {
  readonly config: DomainConfiguration;
  readonly requests: readonly ScenarioRequest[];
}

/** A request; what is left out is as it mostly is. */
export interface ScenarioRequest {
  /** Default: that of the configuration. */
  readonly domain?: string;
  readonly descriptors: readonly ScenarioDescriptor[];
  readonly hits?: number;
  /** It waits for the next second. */
  readonly later?: true;
}

/** One of its descriptors. */
export interface ScenarioDescriptor {
  readonly entries: readonly (readonly [key: string, value: string])[];
  readonly hits?: number;
  /** Requests, and the number of their unit. */
  readonly limit?: readonly [requests: number, unit: number];
}

/** What a service answered, and in which second since 1970. */
export type Asked = readonly [at: number, answer: string];

/** A scenario with what the reference service made of it. */
export interface RecordedScenario extends Scenario {
  readonly answers: readonly Asked[];
  /** Its counters by the rest of their name, but for those at 0. */
  readonly counters: Readonly<Record<string, number>>;
}

/** The request as services take it in. */
export function requestOfScenario(
  { config }: Pick<Scenario, "config">,
  { domain = config.domain, descriptors, hits = 0 }: ScenarioRequest,
): RateLimitRequest {
  return {
    domain,
    hitsAddend: hits,
    descriptors: descriptors.map(({ entries, hits, limit }) => ({
      entries: entries.map(([key, value]) => ({ key, value })),
      ...(hits === undefined ? {} : { hitsAddend: hits }),
      ...(limit === undefined ? {} : { limit: { requestsPerUnit: limit[0], unit: limit[1] } }),
    })),
  };
}

/** The same in bytes: the messages that we generate have not all of its fields. */
export function bytesOf({ domain, hitsAddend, descriptors }: RateLimitRequest): Uint8Array {
  const writer = new WireWriter().text(1, domain);
  for (const { entries, limit, hitsAddend } of descriptors) {
    writer.message(2, () => {
      for (const { key, value } of entries) {
        writer.message(1, () => writer.text(1, key).text(2, value));
      }
      if (limit !== undefined) {
        writer.message(2, () => writer.number(1, limit.requestsPerUnit).number(2, limit.unit));
      }
      if (hitsAddend !== undefined) writer.message(3, () => writer.number(1, hitsAddend));
    });
  }
  return writer.number(3, hitsAddend).finish();
}

/**
 * An answer on a line: for each descriptor its code, what remains of its limit, and the seconds until
 * there is all of it again: `OVER: OK 4/5 day (name) 812s; OVER 0/1 minute 32s; OK | limit=1`.
 */
export function answerLine(response: Message): string {
  const { overallCode, statuses = [], responseHeadersToAdd = [] } = response as unknown as Answer;
  const parts = statuses.map(({ code, currentLimit, limitRemaining = 0, durationUntilReset }) => {
    const limit = currentLimit === undefined || currentLimit === null ? undefined : currentLimit;
    const left = limit === undefined
      ? limitRemaining === 0 ? "" : ` ${limitRemaining}`
      : ` ${limitRemaining}/${limit.requestsPerUnit ?? 0} ${unitText(limit.unit)}` +
        (limit.name ? ` (${limit.name})` : "");
    const reset = durationUntilReset?.seconds;
    return `${codeText(code)}${left}${reset === undefined ? "" : ` ${reset}s`}`;
  });
  const headers = responseHeadersToAdd.map(({ key, value }) =>
    `${key.toLowerCase().replace("ratelimit-", "")}=${value}`
  );
  const told = headers.length === 0 ? "" : ` | ${headers.join(" ")}`;
  return `${codeText(overallCode)}: ${parts.join("; ")}${told}`;
}

interface Answer {
  readonly overallCode?: string | number;
  readonly statuses?: readonly {
    readonly code?: string | number;
    readonly currentLimit?: {
      readonly requestsPerUnit?: number;
      readonly unit?: string | number;
      readonly name?: string;
    } | null;
    readonly limitRemaining?: number;
    readonly durationUntilReset?: { readonly seconds?: number | string } | null;
  }[];
  readonly responseHeadersToAdd?: readonly { readonly key: string; readonly value: string }[];
}

function codeText(code: string | number | undefined): string {
  return code === "OVER_LIMIT" || code === 2 ? "OVER" : code === "OK" || code === 1 ? "OK" : "?";
}

/** Our messages are older than the week, which they know by its number alone. */
function unitText(unit: string | number | undefined): string {
  return unit === 7 ? "week" : String(unit).toLowerCase();
}

/** What is answered in place of a decision. */
export function errorLine(code: number, message: string): string {
  return `error ${code}: ${message}`;
}
