/** Requests that are meant for one route of a world, by its conditions and those of its include. */
import type { Random } from "../../../support/world/random.ts";

/** What a request has to have for a route. */
export interface Aim {
  readonly path: string;
  /** Without `?`; "" for none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** A request for some route of the host; `undefined` where it has none. */
export function aimAt(
  random: Random,
  objects: readonly object[],
  pattern: string,
): Aim | undefined {
  const proxies = objects.map((object) => Object(object));
  const root = random.pick(
    proxies.filter(({ kind, spec }) => kind === "HTTPProxy" && spec.virtualhost?.fqdn === pattern),
  );
  const rule = random.pick(
    proxies.flatMap(({ kind, spec }) =>
      kind === "Ingress" ? spec.rules.filter(({ host }: { host?: string }) => host === pattern) : []
    ),
  );
  if (rule !== undefined && (root === undefined || random.chance(0.5))) {
    const { path } = Object(random.of(rule.http.paths));
    return { path: text(random, path, true), query: "", headers: {} };
  }
  if (root === undefined) return undefined;
  const conditions: Condition[] = [];
  let proxy: Proxy = root.spec;
  while (random.chance(0.5)) {
    const include = random.pick(proxy.includes ?? []);
    const included = include &&
      proxies.find(({ kind, metadata }) =>
        kind === "HTTPProxy" && metadata.name === include.name &&
        metadata.namespace === (include.namespace ?? "default")
      );
    if (include === undefined || included === undefined) break;
    conditions.push(...(include.conditions ?? []));
    proxy = included.spec;
  }
  const route = random.pick(proxy.routes ?? []);
  if (route === undefined) return undefined;
  return fulfilled(random, [...conditions, ...(route.conditions ?? [])]);
}

type Condition = Readonly<Record<string, unknown>>;

interface Proxy {
  readonly routes?: readonly Conditional[];
  readonly includes?: readonly Include[];
}

interface Conditional {
  readonly conditions?: readonly Condition[];
}

interface Include extends Conditional {
  readonly name: string;
  readonly namespace?: string;
}

function fulfilled(random: Random, conditions: readonly Condition[]): Aim {
  let path = "";
  const query: string[] = [];
  const headers: Record<string, string> = {};
  let method: string | undefined;
  for (const { prefix, exact, regex, header, queryParameter } of conditions) {
    if (prefix !== undefined) path += String(prefix);
    if (exact !== undefined) path += String(exact);
    if (regex !== undefined) path += text(random, String(regex), false);
    if (random.chance(0.15)) continue;
    const { name, ...rest } = Object(header);
    if (name === ":method") method = rest.exact;
    else if (name !== undefined && !name.startsWith(":")) {
      const value = fitting(random, rest);
      if (value !== undefined) headers[name] = value;
    }
    if (queryParameter !== undefined) {
      const { name: parameter, ...wanted } = Object(queryParameter);
      const value = fitting(random, wanted);
      if (value !== undefined) query.push(`${parameter}=${encodeURI(value)}`);
    }
  }
  const isOpen = !conditions.some(({ exact, regex }) => exact ?? regex);
  const tail = isOpen && random.chance(0.5) ? random.of(["x", "/x", "/", "/a/b", "//x"]) : "";
  return {
    path: (path.replaceAll(/\/{2,}/g, "/") || "/") + tail,
    query: query.join("&"),
    headers,
    ...(method === undefined ? {} : { method }),
  };
}

/** A value for a condition; `undefined` for none. */
function fitting(
  random: Random,
  condition: Readonly<Record<string, unknown>>,
): string | undefined {
  const { present, notpresent, contains, notcontains, exact, notexact } = condition;
  const { regex, prefix, suffix, ignoreCase } = condition;
  const spelled = (value: unknown) =>
    ignoreCase === true && random.chance(0.6) ? String(value).toUpperCase() : String(value);
  if (notpresent) return undefined;
  if (present) return random.of(["", "1"]);
  if (contains) return `x${spelled(contains)}y`;
  if (prefix) return `${spelled(prefix)}y`;
  if (suffix) return `x${spelled(suffix)}`;
  if (exact) return spelled(exact);
  if (notcontains || notexact) return random.of([undefined, "z", spelled(notcontains ?? notexact)]);
  if (regex) return random.of(["a", "ab", "B", "12"]);
  return undefined;
}

const samples: Readonly<Record<string, readonly string[]>> = {
  "/[ab]": ["/a", "/b"],
  "/a/.*": ["/a/x", "/a/"],
  "/[a-z]+/b": ["/abc/b"],
  "/.*": ["/anything"],
  "/a.b": ["/a.b", "/a-b"],
  "/(a|b)/?": ["/a/", "/b"],
  "/c/(d|e)/.*": ["/c/d/e"],
  "/a/\\d+": ["/a/12"],
  "/a|/b": ["/a", "/b"],
  "/c/.*|/ab": ["/c/x", "/ab"],
  "/b.*": ["/b/x", "/bx"],
  "/x/(1|2)": ["/x/1", "/x/(1|2)"],
};

function text(random: Random, path: string, isPrefix: boolean): string {
  const [first, ...more] = samples[path] ?? [path];
  if (first !== path) return random.of([first ?? path, ...more]);
  return isPrefix && random.chance(0.4) ? path + random.of(["x", "/x", "/"]) : path;
}
