import type { Random } from "../support/world/random.ts";
import type { Fields, Hints } from "./schema_values.ts";

/** Few names, so that objects of a world meet. */
export const names = {
  namespaces: ["a", "b"],
  roots: ["r0", "r1", "r2", "r3", "r4", "r5"],
  parts: ["p0", "p1", "p2"],
  services: ["s0", "s1", "s2"],
  extensions: { grpc: "e0", http: "e1" },
  secret: "c0",
  ports: [80, 443],
} as const;

/** Values that mean something in a world, for fields by the end of their path. */
const byEnd: readonly (readonly [end: RegExp, value: (random: Random) => unknown])[] = [
  // Names of objects.
  [/(services|service)\.name$/, (random) => rarely(random, 0.03, "nobody", names.services)],
  [/services\.(port|healthPort)$/, (random) => rarely(random, 0.03, 81, names.ports)],
  [/service\.port\.number$/, (random) => random.of(names.ports)],
  [/service\.port\.name$/, (random) => random.of(["http", "https"])],
  [/includes?\.name$/, (random) => rarely(random, 0.05, "nobody", names.parts)],
  [/(includes?|extensionRef)\.namespace$/, (random) => random.of(names.namespaces)],
  [/extensionRef\.name$/, () => names.extensions.grpc],
  [/extensionRef\.apiVersion$/, () => "projectcontour.io/v1alpha1"],
  [
    /(secretName|caSecret|crlSecret)$/,
    (random) => random.of([names.secret, `a/${names.secret}`, `b/${names.secret}`]),
  ],
  [/localJWKS\.key$/, () => "jwks"],
  [/[iI]ngressClassName$/, (random) => rarely(random, 0.05, "other", ["contour"])],
  // Texts of a form.
  [/(hostname|domainRewrite\.value)$/, (random) => random.of(["elsewhere.test", "b.test"])],
  [/(subjectName|subjectNames)$/, () => "a.test"],
  [
    /(response|idle|idleConnection|perTryTimeout|responseTimeout)$/,
    (random) => random.of(["1s", "0s", "1m30s", "250ms", "infinity"]),
  ],
  [/(window|timeout|cacheDuration)$/, (random) => random.of(["1s", "500ms", "1m"])],
  [/maxAge$/, (random) => random.of(["10m", "0", "1.5s"])],
  [/aggression$/, (random) => random.of(["1.0", "0.5", "2"])],
  [/TLS?\.?m?(inimum|aximum)ProtocolVersion$/i, (random) => random.of(["1.2", "1.3", "1.1"])],
  [/allowOrigin$/, (random) => random.of(["*", "https://a.test", "https://[a-z]+.test", ".*"])],
  [/allow(Methods|Headers)$|exposeHeaders$/, (random) => random.of(["GET", "x-a", "X-B"])],
  [
    /cidr$/,
    (random) => random.of(["10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32", "0.0.0.0/0"]),
  ],
  [
    /strategy$/,
    (random) =>
      random.of(["RoundRobin", "WeightedLeastRequest", "Random", "Cookie", "RequestHash", "odd"]),
  ],
  [
    /remoteJWKS\.uri$/,
    (random) =>
      random.of(["https://issuer.test/keys", "http://issuer.test:8080", "https://10.0.0.1:8443/k"]),
  ],
  [/jwtProviders\.name$|jwtVerificationPolicy\.require$/, (random) => random.of(["one", "two"])],
  [/retriableStatusCodes$/, (random) => 400 + random.below(200)],
  [/directResponsePolicy\.statusCode$/, (random) => 200 + random.below(400)],
  [/responseStatusCode$/, (random) => random.of([400, 429, 503, 599])],
  [/expectedStatuses$/, (random) => {
    const start = 200 + random.below(200);
    return { start, end: start + 1 + random.below(100) };
  }],
  // Small, or nothing would ever be asked.
  [/(interval|timeout)Seconds$/, (random) => 1 + random.below(5)],
  [/minWeightPercent$/, (random) => random.below(101)],
  [/services\.weight$/, (random) => random.of([0, 1, 10, 90])],
  // Conditions.
  [
    /(conditions|includes)\.prefix$|exact$/,
    (random) => random.of(["/", "/a", "/a/", "/b", "/a/b"]),
  ],
  [
    /pathRewrite\.value$|(requestRedirectPolicy\.|healthCheckPolicy\.)(path|prefix)$/,
    (random) => random.of(["/", "/x", "/x/y"]),
  ],
  [/replacePrefix\.prefix$/, (random) => random.of(["/a", "/a/", "/b"])],
  [/replacement$/, (random) => random.of(["/", "/x", "/x/", "x"])],
  [/regex$/, (random) => random.of(["/a.*", "/[a-z]+", "/(a|b)/c?", "/%2F"])],
  [/(header|headers|queryParameter)\.name$/, (random) => random.of(["x-a", "X-B", ":method", "q"])],
  [
    /(headerName|Policy\.set\.name|responseHeadersToAdd\.name)$/,
    (random) => random.of(["x-a", "x-b", "X-Long-Name", "accept"]),
  ],
  [/Policy\.remove$/, (random) => random.of(["x-c", "x-d", "server"])],
  [/cookieRewritePolicies\.name$/, (random) => random.of(["session", "cart", "__Host-id"])],
  // Of Ingresses.
  [/rules\.host$/, (random) => random.of(["i0.test", "*.i.test", "r0.a.test", "r1.b.test"])],
  [/tls\.hosts$/, (random) => random.of(["i0.test", "r0.a.test", "*.i.test"])],
  [/paths\.path$/, (random) => random.of(["/", "/a", "/a/", "/b/c", "/[a-z]+", "/x*"])],
];

function rarely<Value>(
  random: Random,
  probability: number,
  odd: Value,
  usual: readonly Value[],
): Value {
  return random.chance(probability) ? odd : random.of(usual);
}

/** Fields that go together, by the end of the path of the object that holds them. */
const byObject: readonly (readonly [
  end: RegExp,
  mend: (value: Fields, random: Random) => Fields,
])[] = [
  [
    /validation$/,
    ({ subjectNames, ...rest }) =>
      subjectNames === undefined ? rest : { ...rest, subjectNames: ["a.test", "b.test"] },
  ],
  [/allowed(Authorization|Upstream)Headers$/i, ({ ignoreCase }, random) => ({
    ...(ignoreCase === undefined ? {} : { ignoreCase }),
    [random.of(["exact", "prefix", "suffix", "contains"])]: random.of(["x-a", "cookie"]),
  })],
  [
    /authorization$/,
    ({ httpSettings, serviceType, authPolicy, ...rest }, random) =>
      serviceType === "http"
        ? {
          ...rest,
          serviceType,
          extensionRef: { name: names.extensions.http, namespace: random.of(names.namespaces) },
          ...(httpSettings === undefined ? {} : { httpSettings }),
        }
        : { ...rest, ...(authPolicy === undefined ? {} : { authPolicy }) },
  ],
  [/jwtProviders$/, ({ remoteJWKS, localJWKS, ...rest }) => ({
    ...rest,
    ...(remoteJWKS === undefined
      ? { localJWKS: localJWKS ?? { secretName: names.secret, key: "jwks" } }
      : { remoteJWKS }),
  })],
  [
    /virtualhost\.tls$/,
    ({ passthrough, secretName, clientValidation, ...rest }) =>
      passthrough === true ? { passthrough } : {
        secretName: secretName ?? names.secret,
        ...rest,
        ...(clientValidation === undefined
          ? {}
          : { clientValidation: { caSecret: names.secret, ...clientValidation } }),
      },
  ],
  [/includes\.conditions$/, ({ exact: _, regex: __, ...rest }) => rest],
  // One condition each, or most would contradict themselves.
  [/conditions$/, (value, random) => {
    const fields = Object.entries(value);
    return fields.length === 0 ? { prefix: "/" } : Object.fromEntries([random.of(fields)]);
  }],
  [
    /(conditions\.header|requestHeaderValueMatch\.headers)$/,
    oneOperator(
      ["present", "notpresent", "contains", "notcontains", "exact", "notexact", "regex"],
    ),
  ],
  [
    /conditions\.queryParameter$/,
    oneOperator(
      ["exact", "prefix", "suffix", "regex", "contains", "present"],
    ),
  ],
  [/descriptors\.entries$/, (value, random) => {
    const fields = Object.entries(value);
    return fields.length === 0 ? { remoteAddress: {} } : Object.fromEntries([random.of(fields)]);
  }],
  [/requestHashPolicies$/, ({ terminal, ...value }, random) => ({
    ...(terminal === undefined ? {} : { terminal }),
    ...(Object.keys(value).length === 0
      ? { hashSourceIP: true }
      : Object.fromEntries([random.of(Object.entries(value))])),
  })],
  [/requestRedirectPolicy$/, ({ prefix, path, ...rest }, random) => ({
    ...rest,
    ...(random.chance(0.5) && prefix !== undefined
      ? { prefix }
      : path === undefined
      ? {}
      : { path }),
  })],
  [/cookieRewritePolicies$/, (value) => ({ secure: true, ...value })],
  // One action, and what belongs to it.
  [/^spec\.routes$/, (value, random) => {
    const { services, requestRedirectPolicy, directResponsePolicy, ipAllowPolicy, ...rest } = value;
    const { ipDenyPolicy, ...others } = rest;
    const action = random.chance(0.8) || (!requestRedirectPolicy && !directResponsePolicy)
      ? { services: services ?? [{ name: "s0", port: 80 }] }
      : requestRedirectPolicy
      ? { requestRedirectPolicy }
      : { directResponsePolicy };
    return {
      ...others,
      ...action,
      ...(ipAllowPolicy ? { ipAllowPolicy } : ipDenyPolicy ? { ipDenyPolicy } : {}),
    };
  }],
  [
    /^spec\.virtualhost$/,
    ({ ipAllowPolicy, ipDenyPolicy, authorization, jwtProviders, ...rest }) => {
      const isProtected = rest["tls"] !== undefined;
      return {
        ...rest,
        ...(ipAllowPolicy ? { ipAllowPolicy } : ipDenyPolicy ? { ipDenyPolicy } : {}),
        ...(isProtected && authorization ? { authorization } : {}),
        ...(isProtected && jwtProviders ? { jwtProviders } : {}),
      };
    },
  ],
  [/backend$/i, ({ service, resource }) => service === undefined ? { resource } : { service }],
  [
    /service\.port$/,
    ({ name, number }) => name === undefined ? { number: number ?? 80 } : { name },
  ],
];

function oneOperator(operators: readonly string[]) {
  return (value: Fields, random: Random): Fields => {
    const others = Object.entries(value).filter(([name]) => !operators.includes(name));
    const given = Object.entries(value).filter(([name]) => operators.includes(name));
    const operator = given.length === 0
      ? [operators.includes("exact") ? "exact" : "present", "v"]
      : random.of(given);
    const [name, text] = operator as [string, unknown];
    return { ...Object.fromEntries(others), [name]: typeof text === "boolean" ? true : text };
  };
}

/** Rarely used fields that change much; others are there in a quarter of the cases. */
const presences: readonly (readonly [end: RegExp, probability: number])[] = [
  [/^spec\.virtualhost\.tls$/, 0.5],
  [/^spec\.(routes|rules)$/, 1],
  [/^spec\.routes\.(services|conditions)$/, 0.9],
  [/^spec\.(tcpproxy|ingressClassName)$/, 0.08],
  [/^spec\.includes$/, 0.5],
  [/(passthrough|enableFallbackCertificate|clientValidation)$/, 0.1],
  [/^spec\.virtualhost\.(authorization|jwtProviders)$/, 0.15],
  [/ip(Allow|Deny)Policy$/, 0.1],
  [/extensionRef$|extensionRef\.name$|\.(backend|service|host|http)$/, 1],
  [/\.resource$/, 0.05],
  [/backend\.service\.port$/, 1],
  [/defaultBackend$/, 0.05],
  [/\.mirror$/, 0.1],
  [/\.validation$/, 0.1],
  [/slowStartPolicy$/, 0.05],
  [/subjectNames$/, 0.2],
];

/** What no two items of a list may have in common. */
const keys: readonly (readonly [end: RegExp, key: (item: unknown) => unknown])[] = [
  // One path, and no two tests that could contradict each other.
  [/conditions$/, (item) => {
    const { header, queryParameter } = Object(item);
    return (header ?? queryParameter)?.name?.toLowerCase() ?? "path";
  }],
  [
    /(cookieRewritePolicies|jwtProviders|Policy\.set|responseHeadersToAdd)$/,
    (item) => String(Object(item).name).toLowerCase(),
  ],
  [/Policy\.remove$/, (item) => String(item).toLowerCase()],
  [/replacePrefix$/, () => "one"],
];

/** Hints for HTTPProxies, Ingresses and ExtensionServices of a world. */
export const hints: Hints = {
  presence: (path) => presences.find(([end]) => end.test(path))?.[1] ?? 0.25,
  value: (path, random) => byEnd.find(([end]) => end.test(path))?.[1](random),
  together: (path, items) => {
    const key = keys.find(([end]) => end.test(path))?.[1];
    if (key === undefined) return items;
    return [...new Map(items.map((item) => [key(item), item])).values()];
  },
  mended: (path, value, random) =>
    byObject.filter(([end]) => end.test(path))
      .reduce((mended, [, mend]) => mend(mended, random), value),
};
