import type { CompiledDomain, Level } from "../../configuration/compiled.ts";
import { RefusedRequest } from "../../decision/decider.ts";
import type { RateLimitRequest } from "../../decision/request.ts";
import type { RateLimitResponse } from "../../decision/response.ts";
import { jsonOfResponse, requestOfJson } from "./json.ts";
import type { HttpPage, HttpPages } from "./server.ts";

/** The pages of the reference service, all at one address. */
export function pagesOf(parts: PagesParts): HttpPages {
  return {
    "/healthcheck": () => {
      const trouble = parts.trouble();
      return trouble === undefined ? { body: "OK" } : { status: 500, body: `${trouble}\n` };
    },
    "/json": (body) => decideJson(body, parts.decide),
    "/rlconfig": () => ({ body: limitLines(parts.domains()).join("") }),
    "/metrics": async () => {
      const { contentType, text } = await parts.metrics();
      return { contentType, body: text };
    },
  };
}

/** What the pages show. */
export interface PagesParts {
  /** Why no requests should be sent here; absent when they should. */
  readonly trouble: () => string | undefined;
  readonly domains: () => ReadonlyMap<string, CompiledDomain>;
  readonly decide: (request: RateLimitRequest) => RateLimitResponse | Promise<RateLimitResponse>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

async function decideJson(body: string, decide: PagesParts["decide"]): Promise<HttpPage> {
  try {
    const response = await decide(requestOfJson(body));
    const status = response.isOver ? 429 : 200;
    return { status, contentType: "application/json", body: jsonOfResponse(response) };
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof RefusedRequest)) throw error;
    return { status: 400, body: `Bad Request: ${error.message}\n` };
  }
}

/** A line for each limit, in words of the reference. */
export function limitLines(domains: ReadonlyMap<string, CompiledDomain>): readonly string[] {
  const lines: string[] = [];
  const walk = (level: Level) => {
    const { limit } = level;
    if (limit !== undefined) {
      const shown = limit.kind === "unlimited"
        ? "unlimited"
        : `unit=${limit.unit.toUpperCase()} requests_per_unit=${limit.requestsPerUnit}` +
          (limit.unitMultiplier === 1 ? "" : ` unit_multiplier=${limit.unitMultiplier}`) +
          ` algorithm=${limit.algorithm}`;
      lines.push(
        `${limit.fullKey}: ${shown}, shadow_mode: ${limit.isShadow}, quota_mode: ${limit.isQuota}\n`,
      );
    }
    for (const child of level.children.values()) walk(child.level);
  };
  for (const domain of domains.values()) walk(domain.root);
  return lines;
}
