import { keyId } from "../controller/api/mod.ts";
import type { Explanation, Outcome, Target } from "../explain/mod.ts";
import type { ExpectedAnswer } from "./case_file.ts";

/** In what an answer is not the one expected; empty when it is. */
export function differences(expected: ExpectedAnswer, actual: Explanation): readonly Difference[] {
  const seen = seenOf(actual);
  const found: Difference[] = [];
  const tell = (field: string, wanted: string, got: string) =>
    found.push({ field, expected: wanted, got });

  const { services, shares } = expected;
  if (services !== undefined && !isSubset(seen.targets, services)) {
    tell("services", services.join(" or "), seen.text);
  }
  if (shares !== undefined && !isShared(seen.targets, shares)) {
    tell("shares", sharesText(Object.entries(shares)), seen.text);
  }
  for (const field of ["status", "location", "body", "connection"] as const) {
    const wanted = expected[field];
    if (wanted === undefined || wanted === seen[field]) continue;
    const got = seen[field];
    tell(field, String(wanted), got === undefined ? seen.text : String(got));
  }
  for (const field of ["path", "host"] as const) {
    const wanted = expected[field];
    if (wanted === undefined || wanted === seen[field]) continue;
    tell(field, wanted, seen[field] ?? seen.text);
  }
  tellHeaders("requestHeaders", expected.requestHeaders, seen.requestHeaders);
  tellHeaders("responseHeaders", expected.responseHeaders, seen.responseHeaders);
  for (const name of expected.withoutRequestHeaders ?? []) {
    const got = seen.requestHeaders?.get(name.toLowerCase());
    if (got !== undefined) tell("withoutRequestHeaders", `no ${name}`, `${name}: ${got}`);
  }
  for (const name of expected.withoutResponseHeaders ?? []) {
    if (seen.removedFromResponse.has(name.toLowerCase())) continue;
    tell("withoutResponseHeaders", `${name} taken away`, "it is let through");
  }
  if (expected.object !== undefined && expected.object !== seen.object) {
    tell("object", expected.object, seen.object ?? seen.text);
  }
  return found;

  function tellHeaders(
    field: "requestHeaders" | "responseHeaders",
    wanted: Readonly<Record<string, string>> | undefined,
    headers: ReadonlyMap<string, string> | undefined,
  ): void {
    for (const [name, value] of Object.entries(wanted ?? {})) {
      const got = headers?.get(name.toLowerCase());
      if (got === value) continue;
      const how = headers === undefined
        ? seen.text
        : got === undefined
        ? `no ${name}`
        : `${name}: ${got}`;
      tell(`${field}.${name}`, `${name}: ${value}`, how);
    }
  }
}

/** One thing that is not as expected. */
export interface Difference {
  /** The field of `expect`: `status`, `requestHeaders.x-team`. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** What client and Service see. */
interface Seen {
  /** In a few words: `web/shop:80`, `301 to https://…`. */
  readonly text: string;
  readonly targets: readonly Share[];
  readonly path?: string;
  readonly host?: string;
  /** By lower-case name; absent when no Service sees the request. */
  readonly requestHeaders?: ReadonlyMap<string, string>;
  readonly responseHeaders: ReadonlyMap<string, string>;
  readonly removedFromResponse: ReadonlySet<string>;
  readonly status?: number;
  readonly location?: string;
  readonly body?: string;
  readonly connection?: "closed";
  readonly object?: string;
}

interface Share {
  readonly name: string;
  readonly percent: number;
}

function seenOf(explanation: Explanation): Seen {
  const { outcome, rule, treatment } = explanation;
  const set = treatment?.forwarding?.responseHeaders;
  const common = {
    text: outcomeText(outcome, explanation.request.tls),
    targets: [],
    responseHeaders: new Map(set?.set.map(({ name, value }) => [name.toLowerCase(), value])),
    removedFromResponse: new Set(set?.remove.map((name) => name.toLowerCase())),
    ...(rule === undefined ? {} : { object: keyId(rule.object) }),
  };
  switch (outcome.kind) {
    case "forward":
      return { ...common, targets: outcome.targets.flatMap(share), ...forwarded(explanation) };
    case "tcp-proxy":
      return { ...common, targets: outcome.targets.flatMap(share) };
    case "redirect":
      return { ...common, status: outcome.statusCode, location: outcome.location };
    case "direct-response":
      return { ...common, status: outcome.statusCode, body: outcome.body };
    case "none":
      return isClosed(outcome, explanation.request.tls)
        ? { ...common, connection: "closed" }
        : { ...common, status: 404 };
  }
}

function forwarded({ request, treatment }: Explanation): Partial<Seen> {
  const { path, host, requestHeaders } = treatment?.forwarding ?? {};
  const headers = new Map(Object.entries(request.headers));
  for (const name of requestHeaders?.remove ?? []) headers.delete(name.toLowerCase());
  for (const { name, value } of requestHeaders?.set ?? []) headers.set(name.toLowerCase(), value);
  const own = host?.kind === "literal"
    ? host.host
    : host === undefined
    ? undefined
    : request.headers[host.name.toLowerCase()];
  return {
    path: path?.to ?? request.path,
    host: own ?? request.authority,
    requestHeaders: headers,
  };
}

function share({ namespace, service, port, percent }: Target): readonly Share[] {
  return percent === 0 ? [] : [{ name: `${namespace}/${service}:${port}`, percent }];
}

function isSubset(targets: readonly Share[], names: readonly string[]): boolean {
  return targets.length > 0 && targets.every(({ name }) => names.includes(name));
}

function isShared(targets: readonly Share[], shares: Readonly<Record<string, number>>): boolean {
  const got = new Map<string, number>();
  for (const { name, percent } of targets) got.set(name, (got.get(name) ?? 0) + percent);
  const wanted = Object.entries(shares).filter(([, percent]) => percent > 0);
  return got.size === wanted.length &&
    wanted.every(([name, percent]) => Math.abs((got.get(name) ?? -1) - percent) <= tolerated);
}

/** Weights seldom make whole percents. */
const tolerated = 0.5;

function sharesText(shares: readonly (readonly [name: string, percent: number])[]): string {
  return shares.map(([name, percent]) => `${name} ${percent}%`).join(", ");
}

function isClosed({ why }: Extract<Outcome, { kind: "none" }>, tls: boolean): boolean {
  return why === "no-tls" || (why === "unknown-host" && tls);
}

function outcomeText(outcome: Outcome, tls: boolean): string {
  switch (outcome.kind) {
    case "forward":
    case "tcp-proxy": {
      const shares = outcome.targets.flatMap(share);
      const [only, second] = shares;
      if (second === undefined) return only?.name ?? "no Service";
      return sharesText(shares.map(({ name, percent }) => [name, percent]));
    }
    case "redirect":
      return `${outcome.statusCode} to ${outcome.location}`;
    case "direct-response":
      return `${outcome.statusCode} from Envoy itself`;
    case "none":
      return isClosed(outcome, tls) ? "a closed connection" : "404: no rule takes it";
  }
}
