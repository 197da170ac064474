/** A world before and after an edit or some, each pair with names of its own: many fit in one Envoy. */
import type { KubeObject } from "../../controller/api/mod.ts";
import { randomRequest, requestWorld, serviceNames } from "../random/request_world.ts";
import type { ModelRequest } from "../random/model/answers.ts";
import { objectsOf } from "../support/gateway.ts";
import type { Random } from "../support/world/random.ts";

/** What stands before and after. */
export interface WorldPair {
  readonly before: readonly KubeObject[];
  readonly after: readonly KubeObject[];
  /** What was done, for messages. */
  readonly edits: readonly string[];
  /** Its hosts, and whether they have TLS. */
  readonly hosts: readonly { readonly fqdn: string; readonly tls: boolean }[];
  /** Paths that edited routes ask for. */
  readonly paths: readonly string[];
}

/** The name of a host, or an authority, in the world with this number. */
export function nameIn(serial: number, name: string): string {
  return name.replace(/\.test(?=:|$)/i, (end) => `.p${serial}${end}`);
}

/** The namespaces of a world: those of its HTTPProxies, where Services are expected as well. */
export function namespacesIn(serial: number): readonly string[] {
  return [`a${serial}`, `b${serial}`];
}

/** Names that a certificate for a world has to bear. */
export function certifiedNames(serial: number): readonly string[] {
  return ["*.test", "*.a.test", "*.i.test", "*.secure.test"].map((name) => nameIn(serial, name));
}

/** A request for a world, or for something like it: every other one is aimed at what was edited. */
export function requestIn(
  serial: number,
  random: Random,
  { hosts, paths }: Pick<WorldPair, "hosts" | "paths">,
): ModelRequest {
  const request = randomRequest(random);
  const host = nameIn(serial, request.host);
  const address = "127.0.0.1";
  if (random.chance(0.5) || hosts.length === 0) return { ...request, host, address };
  const { fqdn, tls } = random.of(hosts);
  const [, query] = request.path.split("?");
  const path = random.of(["", "", "/a", "/b"]) + (random.pick(paths) ?? "/") +
    random.of(["", "", "", "/", "/b", "b", "/x"]);
  return {
    ...request,
    host: fqdn.replace("*", "y"),
    path: path.replace(/\/+/g, "/") + (query === undefined ? "" : `?${query}`),
    tls: tls && random.chance(0.7),
    address,
  };
}

/** Edits an HTTPProxy, or another part of a world. Says what it did; "" where there was nothing to do. */
type Edit = (documents: Document[], random: Random) => string;

/** A world, and the same with some edits. */
export function worldPair(random: Random, serial: number): WorldPair {
  const documents = chosen(requestWorld(random), random).map((one) => renamed(one, serial));
  for (const one of documents) enrich(one, random);
  const after = structuredClone(documents);
  const done: string[] = [];
  const count = 1 + random.below(4);
  for (let tries = 0; done.length < count && tries < 30; tries++) {
    const [name, edit] = random.of(edits);
    const what = edit(after, random);
    if (what !== "") done.push(`${name}: ${what}`);
  }
  return {
    before: read(documents),
    after: read(after),
    edits: done,
    hosts: [...documents, ...after].flatMap(({ spec: { virtualhost } }) =>
      virtualhost === undefined ? [] : [{ fqdn: virtualhost.fqdn, tls: "tls" in virtualhost }]
    ),
    paths: pathsOf(documents, after),
  };
}

/** The paths of routes that are not in the other list; of regular expressions one that they may match. */
function pathsOf(before: readonly Document[], after: readonly Document[]): readonly string[] {
  const routes = (documents: readonly Document[]) =>
    documents.flatMap(({ metadata, spec }) =>
      (spec.routes ?? []).map((route) => ({ route, text: JSON.stringify([metadata, route]) }))
    );
  const [a, b] = [routes(before), routes(after)];
  const known = new Set(a.map(({ text }) => text)).intersection(new Set(b.map(({ text }) => text)));
  return [...a, ...b].filter(({ text }) => !known.has(text)).map(({ route }) => {
    const { prefix, exact, regex } = Object.assign({}, ...route.conditions ?? []);
    return String(prefix ?? exact ?? (regex === undefined ? "/" : "/a/b"));
  });
}

interface Document {
  kind: string;
  metadata: { name: string; namespace: string };
  spec: {
    virtualhost?: Fields & { fqdn: string };
    routes?: Route[];
    includes?: (Fields & { name: string; namespace?: string; conditions?: Fields[] })[];
    rules?: Fields[];
  };
}

interface Route extends Fields {
  conditions?: Fields[];
  services?: (Fields & { name: string })[];
}

interface Fields {
  [name: string]: unknown;
}

function read(documents: readonly Document[]): readonly KubeObject[] {
  return objectsOf(documents.map((one) => JSON.stringify(one)).join("\n---\n"));
}

/** A few roots are enough for a pair. */
function chosen(objects: readonly KubeObject[], random: Random): readonly KubeObject[] {
  const isRoot = (object: KubeObject) =>
    object.kind === "HTTPProxy" && object.spec.virtualhost !== undefined;
  return objects.filter((object) => {
    if (object.kind === "Ingress") return random.chance(0.4);
    return !isRoot(object) || random.chance(0.4);
  });
}

function renamed(object: KubeObject, serial: number): Document {
  const text = JSON.stringify(object)
    .replace(/"namespace":"([ab])"/g, (_, name) => `"namespace":"${name}${serial}"`)
    .replace(
      /"(fqdn|host)":"([^"]*)"/g,
      (_, field, name) => `"${field}":"${nameIn(serial, name)}"`,
    );
  const document = JSON.parse(text) as Document;
  // Rules without a host are for all hosts of all worlds.
  for (const rule of document.spec.rules ?? []) rule["host"] ??= nameIn(serial, "any.test");
  delete (document.spec as Fields)["defaultBackend"];
  return document;
}

/** What the worlds for other tests have none of. */
function enrich(document: Document, random: Random): void {
  const { virtualhost, routes = [] } = document.spec;
  if (virtualhost !== undefined && random.chance(0.2)) {
    virtualhost["rateLimitPolicy"] = limit(random);
  }
  if (virtualhost !== undefined && random.chance(0.2)) virtualhost["corsPolicy"] = cors(random);
  for (const route of routes) {
    if (route.services === undefined) continue;
    if (random.chance(0.2)) route["timeoutPolicy"] = timeouts(random);
    if (random.chance(0.2)) route["retryPolicy"] = { count: 1 + random.below(3) };
    if (random.chance(0.1)) route["enableWebsockets"] = true;
  }
}

const limit = (random: Random) => ({
  local: { requests: random.of([10_000, 20_000]), unit: "second" },
});
const cors = (random: Random) => ({
  allowOrigin: [random.of(["*", "https://a.test"])],
  allowMethods: [random.of(["GET", "PUT"])],
});
const timeouts = (random: Random) => ({ response: random.of(["20s", "30s", "1m"]) });

function anyRoute(documents: readonly Document[], random: Random): Route | undefined {
  return random.pick(documents.flatMap(({ spec }) => spec.routes ?? []));
}

/** For what only routes that forward can have. */
function ofForward(edit: (route: Route, random: Random) => string): Edit {
  return (documents, random) => {
    const routes = documents.flatMap(({ spec }) => spec.routes ?? []);
    const route = random.pick(routes.filter(({ services }) => services !== undefined));
    return route === undefined ? "" : edit(route, random);
  };
}

const edits: readonly (readonly [name: string, edit: Edit])[] = [
  ["move a route", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route?.services === undefined) return "";
    const [service] = route.services;
    if (service === undefined) return "";
    service.name = random.of(serviceNames);
    return service.name;
  }],
  ["another path", (documents, random) => {
    const route = anyRoute(documents, random);
    const [condition] = route?.conditions?.filter(({ prefix, exact, regex }) =>
      prefix ?? exact ?? regex
    ) ?? [];
    if (condition === undefined) return "";
    const [kind = ""] = Object.keys(condition);
    condition[kind] = kind === "regex"
      ? random.of(["/[abc]", "/a/[^b].*", "/[a-z]{1,2}(/b)?", "/.*b", "/(a|b)/.+", "/(?i:A).*"])
      : random.of(["/", "/a", "/a/", "/b", "/a/b", "/ab", "/a/b/c"]);
    return `${kind} ${condition[kind]}`;
  }],
  ["one more condition", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route === undefined) return "";
    const condition = random.of<Fields>([
      { header: { name: "x-a", present: true } },
      { header: { name: "x-a", notpresent: true } },
      { header: { name: "x-b", contains: random.of(["a", "B"]) } },
      { header: { name: "x-b", notexact: "a", treatMissingAsEmpty: random.chance(0.5) } },
      { header: { name: "x-a", regex: random.of(["a+b?", "[^a]*", "(?i:AB)"]) } },
      { header: { name: ":method", exact: random.of(["GET", "PUT"]) } },
      { queryParameter: { name: "q", present: true } },
      { queryParameter: { name: "q", exact: "a", ignoreCase: random.chance(0.5) } },
      { queryParameter: { name: "q", suffix: random.of(["a", "b"]) } },
    ]);
    (route.conditions ??= []).push(condition);
    return JSON.stringify(condition);
  }],
  ["a condition less", (documents, random) => {
    const route = anyRoute(documents, random);
    const count = route?.conditions?.length ?? 0;
    if (route?.conditions === undefined || count === 0) return "";
    return JSON.stringify(route.conditions.splice(random.below(count), 1));
  }],
  ["other weights", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route?.services === undefined || route.services.length < 2) return "";
    for (const service of route.services) service["weight"] = random.of([0, 1, 2, 10]);
    return JSON.stringify(route.services.map(({ weight }) => weight));
  }],
  ["one more service", (documents, random) => {
    const route = anyRoute(documents, random);
    const service = { name: random.of(serviceNames), port: 80, weight: random.of([1, 3]) };
    if (route?.services === undefined) return "";
    route.services.push(service);
    return service.name;
  }],
  [
    "rewrite",
    ofForward((route, random) => {
      // Other paths have no prefix to replace, which is a mistake.
      if (route.conditions?.some(({ exact, regex }) => exact ?? regex)) return "";
      route["pathRewritePolicy"] = {
        replacePrefix: [{ replacement: random.of(["/", "/n", "/n/", "/a"]) }],
      };
      return JSON.stringify(route["pathRewritePolicy"]);
    }),
  ],
  ["no rewrite", (documents, random) => {
    const route = random.pick(
      documents.flatMap(({ spec }) => spec.routes ?? []).filter((route) =>
        "pathRewritePolicy" in route
      ),
    );
    if (route === undefined) return "";
    delete route["pathRewritePolicy"];
    return "gone";
  }],
  [
    "request headers",
    ofForward((route, random) => {
      route["requestHeadersPolicy"] = { set: [{ name: "x-set", value: random.of(["2", "3"]) }] };
      return "x-set";
    }),
  ],
  [
    "response headers",
    ofForward((route, random) => {
      route["responseHeadersPolicy"] = {
        set: [{ name: "x-answer", value: random.of(["2", "3"]) }],
      };
      return "x-answer";
    }),
  ],
  [
    "timeout",
    ofForward((route, random) => {
      route["timeoutPolicy"] = timeouts(random);
      return JSON.stringify(route["timeoutPolicy"]);
    }),
  ],
  [
    "retries",
    ofForward((route, random) => {
      route["retryPolicy"] = { count: 1 + random.below(4) };
      return JSON.stringify(route["retryPolicy"]);
    }),
  ],
  ["limit of the host", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined) return "";
    host["rateLimitPolicy"] = limit(random);
    return host.fqdn;
  }],
  ["cors of the host", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined) return "";
    host["corsPolicy"] = cors(random);
    return host.fqdn;
  }],
  ["addresses", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined || host["ipAllowPolicy"] || host["ipDenyPolicy"]) return "";
    host[random.of(["ipAllowPolicy", "ipDenyPolicy"])] = [{
      source: "Peer",
      cidr: random.of(["127.0.9.0/24", "127.0.0.1/32"]),
    }];
    return host.fqdn;
  }],
  ["include less", (documents, random) => {
    const document = random.pick(documents.filter(({ spec }) => spec.includes?.length));
    if (document?.spec.includes === undefined) return "";
    const [gone] = document.spec.includes.splice(random.below(document.spec.includes.length), 1);
    return JSON.stringify(gone);
  }],
  ["include elsewhere", (documents, random) => {
    const includes = documents.flatMap(({ spec }) => spec.includes ?? []);
    const include = random.pick(includes.filter(({ conditions }) => conditions?.length));
    const [condition] = include?.conditions ?? [];
    if (condition === undefined || !("prefix" in condition)) return "";
    condition["prefix"] = random.of(["/a", "/b", "/c", "/"]);
    return String(condition["prefix"]);
  }],
  ["a host less", (documents, random) => {
    const roots = documents.filter(({ spec }) => spec.virtualhost !== undefined);
    const root = random.pick(roots);
    if (root === undefined || roots.length < 2) return "";
    documents.splice(documents.indexOf(root), 1);
    return root.spec.virtualhost?.fqdn ?? "";
  }],
  ["another host", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined || !/^[a-h]\./.test(host.fqdn)) return "";
    host.fqdn = host.fqdn.replace(/^[a-h]/, random.of([..."abcdefgh"]));
    return host.fqdn;
  }],
  ["TLS", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined) return "";
    if ("tls" in host) delete host["tls"];
    else host["tls"] = { secretName: "certificate" };
    return host.fqdn;
  }],
  ["versions of TLS", (documents, random) => {
    const host = anyHost(documents, random);
    if (host === undefined || !("tls" in host)) return "";
    host["tls"] = { secretName: "certificate", minimumProtocolVersion: "1.3" };
    return host.fqdn;
  }],
  ["insecure", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route === undefined) return "";
    route["permitInsecure"] = route["permitInsecure"] !== true;
    return String(route["permitInsecure"]);
  }],
  ["a route less", (documents, random) => {
    const document = random.pick(documents.filter(({ spec }) => (spec.routes ?? []).length > 1));
    if (document?.spec.routes === undefined) return "";
    document.spec.routes.splice(random.below(document.spec.routes.length), 1);
    return document.metadata.name;
  }],
  ["one more route", (documents, random) => {
    const document = random.pick(documents.filter(({ spec }) => spec.routes !== undefined));
    if (document?.spec.routes === undefined) return "";
    document.spec.routes.push({
      conditions: [{ prefix: random.of(["/new", "/a/new", "/b", "/a"]) }],
      services: [{ name: random.of(serviceNames), port: 80 }],
    });
    return document.metadata.name;
  }],
  ["another order", (documents, random) => {
    const document = random.pick(documents.filter(({ spec }) => (spec.routes ?? []).length > 1));
    document?.spec.routes?.reverse();
    return document?.metadata.name ?? "";
  }],
  ["a redirect", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route === undefined) return "";
    for (const name of Object.keys(route)) if (name !== "conditions") delete route[name];
    route["requestRedirectPolicy"] = random.of<Fields>([
      { hostname: "elsewhere.test" },
      { path: "/gone", statusCode: 302 },
      { scheme: "https", port: 8_443 },
      { prefix: "/moved" },
    ]);
    return JSON.stringify(route["requestRedirectPolicy"]);
  }],
  ["an answer", (documents, random) => {
    const route = anyRoute(documents, random);
    if (route === undefined) return "";
    for (const name of Object.keys(route)) if (name !== "conditions") delete route[name];
    route["directResponsePolicy"] = { statusCode: random.of([200, 418, 503]), body: "edited" };
    return JSON.stringify(route["directResponsePolicy"]);
  }],
];

function anyHost(documents: readonly Document[], random: Random) {
  return random.pick(documents.flatMap(({ spec }) => spec.virtualhost ?? []));
}
