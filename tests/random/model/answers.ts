/** What a request is answered, by the rules of its host. */
import type { Asked } from "./conditions.ts";
import { othersHold, pathHolds } from "./conditions.ts";
import { type AddressFilter, type Rule, rulesOf, type World } from "./rules.ts";

/** A request as a client sends it. */
export interface ModelRequest {
  readonly method: string;
  /** As it stands in the Host header. */
  readonly host: string;
  /** With query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: boolean;
  readonly address: string;
}

/** What an answer looks like; what is absent is not looked at. */
export interface Answer {
  readonly status: number;
  /** The backend that answers; absent: none does. */
  readonly backend?: string;
  /** The path that the backend sees. */
  readonly path?: string;
  readonly host?: string;
  /** Request headers that the backend sees, "" for those it does not. */
  readonly seen?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly location?: string;
  /** Response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a world says beside its objects. */
export interface Ground {
  readonly world: World;
  /** The backend of each Service, by its name; Services without one have no endpoints. */
  readonly backends: ReadonlyMap<string, string>;
}

/** All answers that a request may get: more than one where weights or ties decide. */
export function answersTo(ground: Ground, request: ModelRequest): readonly Answer[] {
  const asked = askedOf(request);
  const host = request.host.replace(/:\d+$/, "").toLowerCase();
  const found = hostsFor(ground.world, host).find((name) =>
    rulesOf(ground.world, name).length > 0 && (!request.tls || isSecure(ground.world, name))
  );
  if (found === undefined) return [{ status: 404 }];
  const rules = rulesOf(ground.world, found).filter((rule) =>
    (request.tls || rule.plain !== "absent") && pathHolds(rule.path, asked.path) &&
    othersHold(rule.conditions, asked) && (!rule.oneLabel || isOneLabel(request.host, found))
  );
  const best = rules.filter((rule) => !rules.some((other) => order(other, rule) < 0));
  if (best.length === 0) return [{ status: 404 }];
  return best.flatMap((rule) => answersOf(ground, rule, request));
}

function askedOf({ method, path, headers }: ModelRequest): Asked {
  const [before = "", query = ""] = path.split("?");
  return { method, path: normalized(before), query, headers };
}

/** As a browser would: dots resolved, then slashes merged. */
function normalized(path: string): string {
  const parts: string[] = [];
  const list = path.split("/").slice(1);
  for (const [i, part] of list.entries()) {
    const isLast = i === list.length - 1;
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
    if (isLast && (part === "." || part === "..")) parts.push("");
  }
  return `/${parts.join("/")}`.replace(/\/+/g, "/");
}

/** The names that cover a host, the most specific first. */
function hostsFor({ proxies, ingresses }: World, host: string): readonly string[] {
  const claimed = new Set([
    ...proxies.flatMap(({ spec }) => spec.virtualhost?.fqdn ?? []),
    ...ingresses.flatMap(({ spec }) => [
      ...(spec.rules ?? []).map(({ host = "*" }) => host),
      ...(spec.defaultBackend === undefined ? [] : ["*"]),
    ]),
  ]);
  const labels = host.split(".");
  const wildcards = labels.map((_, i) => `*.${labels.slice(i + 1).join(".")}`).slice(0, -1);
  return [host, ...wildcards, "*"].filter((name) => claimed.has(name));
}

/** Over TLS there are only the hosts that have a certificate. */
function isSecure({ proxies }: World, name: string): boolean {
  return proxies.some(({ spec }) =>
    spec.virtualhost?.fqdn === name && spec.virtualhost.tls !== undefined
  );
}

/** Wildcards are for one label, and for hosts in lower case, as in Contour. */
function isOneLabel(host: string, pattern: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return !pattern.startsWith("*.") ||
    (name.split(".").length === pattern.split(".").length && name === name.toLowerCase());
}

const kinds = ["exact", "regex", "prefix"];

/** Below 0 when the first rule goes before the other. */
function order(a: Rule, b: Rule): number {
  const kind = ({ path }: Rule) => kinds.indexOf(path.kind === "segments" ? "prefix" : path.kind);
  const count = (rule: Rule, of: "header" | "queryParameter") =>
    rule.conditions.filter((condition) =>
      condition[of] !== undefined && condition[of].name.toLowerCase() !== ":method"
    ).length;
  const isForMethod = ({ conditions }: Rule) =>
    Number(conditions.some(({ header }) => header?.name.toLowerCase() === ":method"));
  return kind(a) - kind(b) || b.path.text.length - a.path.text.length ||
    (a.path.text < b.path.text ? 1 : a.path.text > b.path.text ? -1 : 0) ||
    Number(b.path.kind === "segments") - Number(a.path.kind === "segments") ||
    isForMethod(b) - isForMethod(a) || count(b, "header") - count(a, "header") ||
    count(b, "queryParameter") - count(a, "queryParameter");
}

function answersOf(ground: Ground, rule: Rule, request: ModelRequest): readonly Answer[] {
  const isToHttps = !request.tls && rule.plain === "to-https";
  const filter = rule.filter ?? rule.filterOfHost;
  if (filter !== undefined && !letsIn(filter, request.address)) return [{ status: 403 }];
  if (isToHttps) {
    return [{ status: 301, location: `https://${request.host}${written(request.path)}` }];
  }
  const { action } = rule;
  switch (action.kind) {
    case "status":
      return [{ status: action.status }];
    case "backend":
      return [backendAnswer(ground, action.service, { path: written(request.path) }, request.host)];
    case "route":
      return routeAnswers(ground, rule, action, request);
  }
}

/** The path with what comes behind it, as it is passed on. */
function written(path: string): string {
  const [before = "", ...query] = path.split("?");
  return [normalized(before), ...query].join("?");
}

function routeAnswers(
  ground: Ground,
  { path, replacement }: Rule,
  { namespace, route }: Extract<Rule["action"], { readonly kind: "route" }>,
  request: ModelRequest,
): readonly Answer[] {
  const asked = written(request.path);
  const { directResponsePolicy, requestRedirectPolicy } = route;
  if (directResponsePolicy !== undefined) {
    return [{ status: directResponsePolicy.statusCode, body: directResponsePolicy.body ?? "" }];
  }
  if (requestRedirectPolicy !== undefined) {
    const { scheme, hostname, port, statusCode, path: whole, prefix } = requestRedirectPolicy;
    const [, ...query] = asked.split("?");
    const target = whole !== undefined
      ? [whole, ...query].join("?")
      : prefix !== undefined
      ? prefix + asked.slice(path.text.length)
      : asked;
    const authority = `${hostname ?? request.host}${port === undefined ? "" : `:${port}`}`;
    const location = `${scheme ?? (request.tls ? "https" : "http")}://${authority}${target}`;
    return [{ status: statusCode, location }];
  }
  const known = (route.services ?? []).filter(({ name }) =>
    ground.world.services.has(`${namespace}/${name}`)
  );
  if (known.length === 0) return [{ status: 503 }];
  const weighted = known.filter(({ weight = 0 }) => weight > 0);
  const seenPath = replacement === undefined ? asked : replacement + asked.slice(path.text.length);
  return (weighted.length === 0 ? known : weighted).map((service) => {
    const policies = [route.requestHeadersPolicy, service.requestHeadersPolicy];
    const set = policies.flatMap((policy) => policy?.set ?? []);
    const host = set.findLast(({ name }) => name === "Host")?.value ?? request.host;
    const seen = Object.fromEntries([
      ...policies.flatMap((policy) => policy?.remove ?? []).map((name) => [name, ""]),
      ...set.filter(({ name }) => name !== "Host").map(({ name, value }) => [name, value]),
    ]);
    const responses = [route.responseHeadersPolicy, service.responseHeadersPolicy];
    const headers = Object.fromEntries([
      ...responses.flatMap((policy) => policy?.remove ?? []).map((name) => [name, ""]),
      ...responses.flatMap((policy) => policy?.set ?? []).map(({ name, value }) => [name, value]),
    ]);
    return backendAnswer(ground, service.name, { path: seenPath, seen, headers }, host);
  });
}

function backendAnswer(
  { backends }: Ground,
  service: string,
  more: Pick<Answer, "path" | "seen" | "headers">,
  host: string,
): Answer {
  const backend = backends.get(service);
  return backend === undefined ? { status: 503 } : { status: 200, backend, host, ...more };
}

/** Ranges of whole bytes alone, which is what worlds have. */
function letsIn({ kind, policy }: AddressFilter, address: string): boolean {
  const isNamed = policy.some(({ cidr }) => {
    const [base = "", bits = "32"] = cidr.split("/");
    const bytes = Number(bits) / 8;
    return base.split(".").slice(0, bytes).join() === address.split(".").slice(0, bytes).join();
  });
  return isNamed === (kind === "allow");
}
