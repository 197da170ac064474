/** Worlds whose hosts overlap, include each other and have mistakes, and requests to them. */
import type { KubeObject } from "../../controller/api/mod.ts";
import { objectsOf } from "../support/gateway.ts";
import type { Random } from "../support/world/random.ts";
import type { ModelRequest } from "./model/answers.ts";

/** Services of both namespaces: three with a backend of their name, one without endpoints. */
export const serviceNames = ["s0", "s1", "s2", "empty"] as const;

const namespaces = ["a", "b"] as const;
const parts = ["p0", "p1", "p2", "p3"];

const fqdns = [
  ..."abcdefgh".split("").map((letter) => `${letter}.test`),
  "*.test",
  "*.a.test",
  "x.a.test",
];

const secureFqdns = ["a.secure.test", "b.secure.test", "*.secure.test"];

/** HTTPProxies and Ingresses, and how many they are. */
export function requestWorld(random: Random): readonly KubeObject[] {
  const roots = [...fqdns, ...secureFqdns].filter(() => random.chance(0.8));
  const documents = [
    ...roots.map((fqdn, i) => rootOf(random, `r${i}`, fqdn)),
    // Who claims a host twice has none.
    ...(random.chance(0.2) ? [rootOf(random, "twin", random.of(fqdns))] : []),
    ...namespaces.flatMap((namespace) =>
      parts.map((name) => ({ ...proxyOf(namespace, name), spec: body(random) }))
    ),
    ...Array.from({ length: 8 }, (_, i) => ingress(random, `i${i}`)),
  ];
  return objectsOf(documents.map((document) => JSON.stringify(document)).join("\n---\n"));
}

function proxyOf(namespace: string, name: string) {
  return { apiVersion: "projectcontour.io/v1", kind: "HTTPProxy", metadata: { namespace, name } };
}

function rootOf(random: Random, name: string, fqdn: string): object {
  const isSecure = fqdn.endsWith(".secure.test");
  return {
    ...proxyOf("a", name),
    spec: {
      virtualhost: {
        fqdn,
        ...(isSecure ? { tls: { secretName: "certificate" } } : filter(random)),
      },
      ...body(random, { isSecure }),
    },
  };
}

function body(random: Random, { isSecure = false } = {}): object {
  return {
    routes: Array.from(
      { length: 1 + random.below(4) },
      () => route(random, isSecure),
    ),
    ...random.maybe(0.5, "includes", () =>
      Array.from({ length: 1 + random.below(3) }, () => ({
        name: random.chance(0.08) ? random.of(["nobody", "r0"]) : random.of(parts),
        ...random.maybe(0.7, "namespace", () => random.of(namespaces)),
        ...random.maybe(0.8, "conditions", () => [
          random.chance(0.03) ? { exact: "/a" } : { prefix: random.of(["/a", "/b", "/", "/a/"]) },
          ...(random.chance(0.2) ? [{ header: header(random) }] : []),
        ]),
      }))),
  };
}

function filter(random: Random): object {
  const policy = () => [{
    source: random.of(["Peer", "Remote"]),
    cidr: random.of(["127.0.9.0/24", "127.0.0.1/32", "127.0.9.1"]),
  }];
  return random.chance(0.15) ? { [random.of(["ipAllowPolicy", "ipDenyPolicy"])]: policy() } : {};
}

function route(random: Random, isSecure: boolean): object {
  const conditions = [
    ...(random.chance(0.85) ? [path(random)] : []),
    ...(random.chance(0.02) ? [{ prefix: "/two" }] : []),
    ...(random.chance(0.3) ? [{ header: header(random) }] : []),
    ...(random.chance(0.2) ? [{ queryParameter: query(random) }] : []),
  ];
  return {
    ...random.maybe(
      0.95,
      "conditions",
      () => random.chance(0.8) ? conditions : conditions.reverse(),
    ),
    ...action(random, conditions),
    ...random.maybe(0.3, "permitInsecure", () => true),
    ...(isSecure ? {} : filter(random)),
  };
}

function path(random: Random): object {
  const text = random.of(["/", "/a", "/a/", "/b", "/a/b", "/ab"]);
  return random.of<object>([
    { prefix: text },
    { prefix: text },
    { prefix: text },
    { exact: text },
    { regex: random.of(["/[ab]", "/a/.*", "/[a-z]+/b", "/.*"]) },
  ]);
}

function header(random: Random): object {
  const value = random.of(["a", "B", "ab"]);
  const flags = {
    ...random.maybe(0.3, "ignoreCase", () => true),
    ...random.maybe(0.3, "treatMissingAsEmpty", () => true),
  };
  return random.of<object>([
    { name: ":method", exact: random.of(["GET", "PUT"]) },
    { name: "x-a", present: true },
    { name: "X-A", notpresent: true },
    { name: "x-b", contains: value, ...flags },
    { name: "x-b", notcontains: value, ...flags },
    { name: "x-a", exact: value, ...flags },
    { name: "x-a", notexact: value, ...flags },
    { name: "x-b", regex: random.of(["[ab]+", "B|a"]) },
  ]);
}

function query(random: Random): object {
  const value = random.of(["a", "B", "ab"]);
  const flag = random.maybe(0.3, "ignoreCase", () => true);
  return {
    name: random.of(["q", "Q"]),
    ...random.of<object>([
      { present: true },
      { exact: value, ...flag },
      { prefix: value, ...flag },
      { suffix: value, ...flag },
      { contains: value, ...flag },
      { regex: "[ab]+" },
    ]),
  };
}

function action(random: Random, conditions: readonly object[]): object {
  const isPrefix = conditions.every((condition) => !("exact" in condition || "regex" in condition));
  const dice = random.next();
  if (dice < 0.1) {
    return {
      directResponsePolicy: {
        statusCode: random.of([200, 418, 503]),
        body: String(random.below(99)),
      },
    };
  }
  if (dice < 0.2) {
    return {
      requestRedirectPolicy: {
        ...random.maybe(0.4, "scheme", () => random.of(["http", "https"])),
        ...random.maybe(0.4, "hostname", () => "elsewhere.test"),
        ...random.maybe(0.3, "port", () => 8_080),
        ...random.maybe(0.5, "statusCode", () => random.of([301, 302, 303, 307, 308])),
        ...random.maybe(0.3, "path", () => "/gone"),
      },
    };
  }
  return {
    services: Array.from({ length: 1 + random.below(2) }, () => ({
      name: random.chance(0.08) ? "nobody" : random.of(serviceNames),
      port: 80,
      ...random.maybe(0.3, "weight", () => random.of([0, 1, 5])),
      ...random.maybe(0.1, "requestHeadersPolicy", () => ({
        set: [{ name: "x-service", value: "set" }],
        remove: ["x-b"],
      })),
    })),
    ...random.maybe(0.2, "requestHeadersPolicy", () => ({
      set: [
        { name: "x-set", value: random.of(["1", "two words"]) },
        ...(random.chance(0.4) ? [{ name: "Host", value: "inner.test" }] : []),
      ],
      remove: ["x-a"],
    })),
    ...random.maybe(0.2, "responseHeadersPolicy", () => ({
      set: [{ name: "x-answer", value: "50%" }],
    })),
    ...(isPrefix
      ? random.maybe(0.25, "pathRewritePolicy", () => ({
        replacePrefix: random.of<object[]>([
          [{ replacement: "/" }],
          [{ replacement: "/n" }],
          [{ replacement: "/n/" }],
          [{ prefix: "/a", replacement: "/m" }],
          [{ prefix: "/a", replacement: "/m" }, { replacement: "/n/" }],
        ]),
      }))
      : {}),
  };
}

function ingress(random: Random, name: string): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      namespace: random.of(namespaces),
      name,
      ...random.maybe(0.8, "creationTimestamp", () => `202${random.below(3)}-01-01T00:00:00Z`),
      annotations: random.maybe(0.1, "ingress.kubernetes.io/force-ssl-redirect", () => "true"),
    },
    spec: {
      ...random.maybe(0.1, "defaultBackend", () => backend(random)),
      rules: random.several(3, () => ({
        ...random.maybe(0.9, "host", () => random.of([...fqdns, "i.test", "*.i.test"])),
        http: {
          paths: Array.from({ length: 1 + random.below(3) }, () => ({
            ...random.of<object>([
              { pathType: "Prefix", path: random.of(["/", "/a", "/a/", "/a/b"]) },
              { pathType: "Exact", path: random.of(["/", "/a", "/b/"]) },
              { pathType: "ImplementationSpecific", path: random.of(["/a", "/[ab]", "/b"]) },
            ]),
            backend: backend(random),
          })),
        },
      })),
    },
  };
}

function backend(random: Random): object {
  const name = random.chance(0.1) ? "nobody" : random.of(serviceNames);
  return { service: { name, port: { number: 80 } } };
}

/** A request to a host of such worlds, or to one like it. */
export function randomRequest(random: Random): ModelRequest {
  const isSecure = random.chance(0.2);
  const name = isSecure
    ? random.of(["a.secure.test", "b.secure.test", "c.secure.test"])
    : random.of([
      ...fqdns.filter((fqdn) => !fqdn.startsWith("*")),
      "y.a.test",
      "z.test",
      "z.y.a.test",
      "i.test",
      "j.i.test",
      "nobody",
      "a.secure.test",
    ]);
  const host = random.chance(0.1) ? name.toUpperCase() : random.chance(0.1) ? `${name}:8080` : name;
  const query = [
    ...(random.chance(0.3) ? [`q=${random.of(["a", "B", "ab", "ba"])}`] : []),
    ...(random.chance(0.1) ? [random.of(["Q", "Q=a"])] : []),
  ].join("&");
  const path = random.of([
    ...["/", "/a", "/a/", "/a/b", "/ab", "/b", "/b/", "/a/a/b", "/b/ab", "/two"],
    ...["//a", "/a//b", "/a/./b", "/x/../a", "/a/.."],
  ]);
  return {
    method: random.of(["GET", "GET", "PUT"]),
    host: isSecure ? name : host,
    path: query === "" ? path : `${path}?${query}`,
    headers: {
      ...random.maybe(0.5, "x-a", () => random.of(["a", "A", "ab", "b"])),
      ...random.maybe(0.5, "x-b", () => random.of(["a", "B", "bab"])),
    },
    tls: isSecure,
    address: random.of(["127.0.0.1", "127.0.9.1", "127.0.9.2"]),
  };
}
