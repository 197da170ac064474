/** The rules of a host: what its HTTPProxies and Ingresses come to. */
import type { HTTPProxy, Ingress, KubeObject } from "../../../controller/api/mod.ts";
import { type Condition, contradict, type PathTest, pathTest } from "./conditions.ts";

type Route = NonNullable<HTTPProxy["spec"]["routes"]>[number];

/** What is done with the requests that meet the conditions. */
export interface Rule {
  readonly path: PathTest;
  /** All of them; those on the path are in `path`. */
  readonly conditions: readonly Condition[];
  readonly action: Action;
  /** On the listener without TLS. */
  readonly plain: "serve" | "to-https" | "absent";
  /** What stands in place of the matched prefix. */
  readonly replacement?: string;
  /** Only hosts with as many labels as the wildcard allows. */
  readonly oneLabel: boolean;
  /** In place of that of the host. */
  readonly filter?: AddressFilter;
  readonly filterOfHost?: AddressFilter;
}

/** See {@link Rule}. */
export type Action =
  | { readonly kind: "route"; readonly namespace: string; readonly route: Route }
  | { readonly kind: "backend"; readonly service: string }
  | { readonly kind: "status"; readonly status: number };

/** Addresses that are let in, or kept out. */
export type AddressFilter = {
  readonly kind: "allow" | "deny";
  readonly policy: NonNullable<Route["ipAllowPolicy"]>;
};

/** What the world holds, by what rules look for. */
export interface World {
  readonly proxies: readonly HTTPProxy[];
  readonly ingresses: readonly Ingress[];
  /** `namespace/name` of Services; all have port 80 and none other. */
  readonly services: ReadonlySet<string>;
}

/** The objects, sorted by kind. */
export function worldOf(objects: readonly KubeObject[]): World {
  return {
    proxies: objects.filter((object) => object.kind === "HTTPProxy"),
    ingresses: objects.filter((object) => object.kind === "Ingress"),
    services: new Set(
      objects.filter(({ kind }) => kind === "Service").map(({ metadata }) =>
        `${metadata.namespace}/${metadata.name}`
      ),
    ),
  };
}

/** The rules of a host name, wildcards included; those that come later win over equal ones. */
export function rulesOf(world: World, host: string): readonly Rule[] {
  const oneLabel = host.startsWith("*.");
  const [root, rival] = world.proxies.filter(({ spec }) => spec.virtualhost?.fqdn === host);
  const served = rival === undefined ? root : undefined;
  const rules = [
    ...rulesOfIngresses(world, host),
    ...(served === undefined ? [] : rulesOfRoot(world, served)),
  ];
  // What a root says of its host holds for Ingresses too.
  const { ipAllowPolicy, ipDenyPolicy } = served?.spec.virtualhost ?? {};
  const filter = filterOf({ ipAllowPolicy, ipDenyPolicy });
  const byKey = new Map(rules.map((rule): [string, Rule] => [keyOf(rule), {
    ...rule,
    ...(filter === undefined ? {} : { filterOfHost: filter }),
    oneLabel: rule.oneLabel && oneLabel,
  }]));
  return [...byKey.values()];
}

/** Rules with the same key ask the same of a request. */
function keyOf({ path, conditions }: Rule): string {
  const of = (name: "header" | "queryParameter") =>
    conditions.flatMap((condition) => condition[name] === undefined ? [] : [condition[name]]);
  return JSON.stringify([path, of("header"), of("queryParameter")]);
}

function rulesOfRoot(world: World, root: HTTPProxy): readonly Rule[] {
  const isSecure = root.spec.virtualhost?.tls !== undefined;
  return rulesOfProxy(world, root, [], []).map((rule) => ({
    ...rule,
    plain: isSecure ? rule.plain : "serve",
  }));
}

function filterOf(
  { ipAllowPolicy, ipDenyPolicy }: Pick<Route, "ipAllowPolicy" | "ipDenyPolicy">,
): AddressFilter | undefined {
  if (ipAllowPolicy !== undefined) return { kind: "allow", policy: ipAllowPolicy };
  return ipDenyPolicy === undefined ? undefined : { kind: "deny", policy: ipDenyPolicy };
}

function rulesOfProxy(
  world: World,
  proxy: HTTPProxy,
  inherited: readonly Condition[],
  above: readonly HTTPProxy[],
): readonly Rule[] {
  if (above.includes(proxy)) return [];
  const rules: Rule[] = [];
  const seen = new Set<string>();
  for (const { name, namespace, conditions = [] } of proxy.spec.includes ?? []) {
    if (conditions.some(({ exact, regex }) => exact !== undefined || regex !== undefined)) continue;
    if (paths(conditions).length > 1) continue;
    const key = includeKey(conditions);
    if (key !== undefined && seen.has(key)) continue;
    if (key !== undefined) seen.add(key);
    const target = world.proxies.find(({ metadata }) =>
      metadata.name === name && metadata.namespace === (namespace || proxy.metadata.namespace)
    );
    if (target !== undefined && target.spec.virtualhost === undefined) {
      rules.push(...rulesOfProxy(world, target, [...inherited, ...conditions], [...above, proxy]));
    } else if (conditions.length > 0) {
      // Contour looks at the include's own conditions alone, which is more than anybody asked for.
      const all = [...inherited, ...conditions];
      const action = { kind: "status", status: 502 } as const;
      rules.push({ path: pathTest(all), conditions: all, action, plain: "serve", oneLabel: true });
    }
  }
  for (const route of proxy.spec.routes ?? []) {
    const { conditions = [] } = route;
    // A mistake in one route costs all of them, and what is included.
    const all = [...inherited, ...conditions];
    if (paths(conditions).length > 1 || contradict(all)) return [];
    const path = pathTest(all);
    const replacement = replacementFor(route, path);
    const filter = filterOf(route);
    rules.push({
      path,
      conditions: all,
      action: { kind: "route", namespace: proxy.metadata.namespace, route },
      plain: route.permitInsecure ? "serve" : "to-https",
      oneLabel: true,
      ...(replacement === undefined ? {} : { replacement }),
      ...(filter === undefined ? {} : { filter }),
    });
  }
  return rules.flatMap((rule) => parted(rule, rules));
}

function paths(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ prefix, exact, regex }) => (prefix ?? exact ?? regex) !== undefined);
}

/** `undefined` for conditions that many includes may have. */
function includeKey(conditions: readonly Condition[]): string | undefined {
  const { text } = pathTest(conditions);
  const others = conditions.filter(({ header, queryParameter }) => header ?? queryParameter);
  if (text === "/" && others.length === 0) return undefined;
  return JSON.stringify([text, others.map((other) => JSON.stringify(other)).sort()]);
}

function replacementFor(
  { pathRewritePolicy }: Route,
  { kind, text }: PathTest,
): string | undefined {
  const list = pathRewritePolicy?.replacePrefix ?? [];
  const chosen = list.find(({ prefix }) => prefix === text) ??
    list.find(({ prefix }) => prefix === undefined);
  return kind === "prefix" ? chosen?.replacement : undefined;
}

const trimmed = (text: string) => text.replace(/\/+$/, "");

/** A replaced prefix with a slash at its end and without: no slash is to be doubled or lost. */
function parted(rule: Rule, all: readonly Rule[]): readonly Rule[] {
  const { path, replacement } = rule;
  const bare = trimmed(path.text);
  if (replacement === undefined || bare === "") return [rule];
  const sharing = all.filter(({ path }) => path.kind === "prefix" && trimmed(path.text) === bare);
  if (sharing.length > 1) return [rule];
  const to = trimmed(replacement);
  return [
    { ...rule, path: { kind: "prefix", text: bare }, replacement: to === "" ? "/" : to },
    { ...rule, path: { kind: "prefix", text: `${bare}/` }, replacement: `${to}/` },
  ];
}

/** Of equal paths that of the oldest Ingress, then of the first by namespace and name, counts. */
function rulesOfIngresses({ ingresses, services }: World, host: string): readonly Rule[] {
  const byAge = [...ingresses].sort((a, b) => compare(ageOf(b), ageOf(a)));
  return byAge.flatMap(({ metadata, spec }) => {
    const plain = metadata.annotations?.["ingress.kubernetes.io/force-ssl-redirect"] === "true"
      ? "to-https" as const
      : "serve" as const;
    const rules = [
      ...(spec.defaultBackend === undefined ? [] : [{
        http: { paths: [{ pathType: "Prefix" as const, path: "/", backend: spec.defaultBackend }] },
      }]),
      ...spec.rules ?? [],
    ];
    // Within one Ingress the first of equal paths is overridden by later ones.
    return rules.filter((rule) => ("host" in rule ? rule.host : undefined) === hostOf(host))
      .flatMap(({ http }) => http?.paths ?? [])
      .flatMap(({ pathType, path = "/", backend }): readonly Rule[] => {
        const service = backend.service?.name ?? "";
        if (!services.has(`${metadata.namespace}/${service}`)) return [];
        return [{
          path: ingressPath(pathType, path),
          conditions: [],
          action: { kind: "backend", service },
          plain,
          oneLabel: true,
        }];
      });
  });
}

const hostOf = (host: string) => host === "*" ? undefined : host;

function ageOf({ metadata }: Ingress): string {
  return `${metadata.creationTimestamp ?? "9999"} ${metadata.namespace} ${metadata.name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ingressPath(type: string, path: string): PathTest {
  switch (type) {
    case "Exact":
      return { kind: "exact", text: path };
    case "Prefix":
      return path === "/"
        ? { kind: "prefix", text: "/" }
        : { kind: "segments", text: trimmed(path) };
    default:
      return { kind: /[\^+*[\]%]/.test(path) ? "regex" : "prefix", text: path };
  }
}
