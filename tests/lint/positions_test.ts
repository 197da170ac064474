/** A region of SARIF covers the faulty node and nothing else, in every style of writing. */
import assert from "node:assert/strict";
import { paintFor } from "../../command_line/mod.ts";
import { lintReport } from "../../cli/report/lint/report.ts";
import { lint } from "../../lint/mod.ts";
import { styles, type Value, type Written } from "./written.ts";

/** A valid HTTPProxy with much in it. */
const valid = {
  apiVersion: "projectcontour.io/v1",
  kind: "HTTPProxy",
  metadata: { name: "shop", namespace: "web", annotations: { "example.com/team": "shop" } },
  spec: {
    virtualhost: {
      fqdn: "shop.example.com",
      corsPolicy: { allowOrigin: ["https://a.example.com"], allowMethods: ["GET", "POST"] },
    },
    routes: [
      {
        conditions: [
          { prefix: "/cart" },
          { header: { name: "x-beta", exact: "1" } },
          { queryParameter: { name: "lang", exact: "en" } },
        ],
        services: [
          { name: "cart", port: 80, weight: 90 },
          { name: "cart-v2", port: 8080, weight: 10 },
        ],
        timeoutPolicy: { response: "10s", idle: "1m" },
        retryPolicy: { count: 2, perTryTimeout: "2s", retryOn: ["5xx"] },
      },
      {
        conditions: [{ prefix: "/old" }],
        requestRedirectPolicy: { hostname: "new.example.com", statusCode: 301 },
      },
      {
        services: [{ name: "shop", port: 80 }],
        loadBalancerPolicy: { strategy: "RoundRobin" },
        requestHeadersPolicy: { set: [{ name: "X-From", value: "envoy" }], remove: ["X-Secret"] },
      },
    ],
  },
} satisfies Value;

/** One change that makes it wrong, and the node that lint has to point at. */
interface Fault {
  readonly at: string;
  readonly value: Value;
  readonly code: string;
  /** Where it is not the changed node. */
  readonly points?: string;
}

const faults: readonly Fault[] = [
  { at: "apiVersion", value: "projectcontour.io/v1beta1", code: "CTR008" },
  { at: "kind", value: "HTTPProxi", code: "CTR009" },
  { at: "metadata.name", value: "Shop_1", code: "CTR005" },
  { at: "metadata.namespace", value: 8, code: "CTR004" },
  { at: "metadata.anotations", value: {}, code: "CTR003", points: "key metadata.anotations" },
  { at: "metadata.annotations.on", value: true, code: "CTR004" },
  { at: "spec.route", value: [], code: "CTR003", points: "key spec.route" },
  { at: "spec.routes", value: "all", code: "CTR004" },
  { at: "spec.virtualhost.fqdn", value: "Shop.example.com", code: "CTR005" },
  { at: "spec.virtualhost.fqdn", value: 12, code: "CTR004" },
  { at: "spec.virtualhost.tls", value: {}, code: "CTR120" },
  {
    at: "spec.virtualhost.tls",
    value: { secret: "a" },
    code: "CTR003",
    points: "key spec.virtualhost.tls.secret",
  },
  { at: "spec.virtualhost.corsPolicy.maxAge", value: "10", code: "CTR005" },
  { at: "spec.virtualhost.corsPolicy.allowMethods[1]", value: "PO ST", code: "CTR005" },
  { at: "spec.routes[0].conditions[0].prefix", value: "cart", code: "CTR181" },
  { at: "spec.routes[0].conditions[0].prefix", value: true, code: "CTR004" },
  { at: "spec.routes[0].conditions[0].prefix", value: "/a?b", code: "CTR404" },
  { at: "spec.routes[0].conditions[1].header.exact", value: true, code: "CTR004" },
  {
    at: "spec.routes[0].conditions[1].header.regexp",
    value: "a",
    code: "CTR003",
    points: "key spec.routes[0].conditions[1].header.regexp",
  },
  { at: "spec.routes[0].conditions[1].header", value: { name: "x", regex: "a(" }, code: "CTR182" },
  { at: "spec.routes[0].conditions[2].queryParameter", value: { name: "lang" }, code: "CTR183" },
  { at: "spec.routes[0].services[0].port", value: 0, code: "CTR005" },
  { at: "spec.routes[0].services[0].port", value: "http", code: "CTR004" },
  { at: "spec.routes[0].services[1].port", value: 70_000, code: "CTR005" },
  { at: "spec.routes[0].services[1].weight", value: -1, code: "CTR005" },
  { at: "spec.routes[0].services[1].weight", value: 0, code: "CTR406" },
  { at: "spec.routes[0].services[1].protocol", value: "h3", code: "CTR005" },
  {
    at: "spec.routes[0].services[1].wieght",
    value: 1,
    code: "CTR003",
    points: "key spec.routes[0].services[1].wieght",
  },
  { at: "spec.routes[0].timeoutPolicy.response", value: "10 s", code: "CTR005" },
  { at: "spec.routes[0].timeoutPolicy.idle", value: 5, code: "CTR004" },
  { at: "spec.routes[0].timeoutPolicy.idle", value: "5s", code: "CTR414" },
  { at: "spec.routes[0].retryPolicy.perTryTimeout", value: "20s", code: "CTR414" },
  { at: "spec.routes[0].retryPolicy.retryOn[0]", value: "5x", code: "CTR005" },
  { at: "spec.routes[0].retryPolicy.count", value: 1.5, code: "CTR004" },
  { at: "spec.routes[1].requestRedirectPolicy.statusCode", value: 300, code: "CTR005" },
  { at: "spec.routes[1].requestRedirectPolicy.hostname", value: "a b", code: "CTR005" },
  {
    at: "spec.routes[1]",
    value: { conditions: [{ regex: "/a(a+)+" }], services: [{ name: "a", port: 1 }] },
    code: "CTR410",
    points: "spec.routes[1].conditions[0].regex",
  },
  {
    at: "spec.routes[1].conditions",
    value: [{ exact: "/old" }, { header: { name: "x", present: true } }],
    code: "CTR415",
    points: "spec.routes[1].conditions[0].exact",
  },
  { at: "spec.routes[2].requestHeadersPolicy.set[0].value", value: 5, code: "CTR004" },
  { at: "spec.routes[2].requestHeadersPolicy.remove[0]", value: { name: "x" }, code: "CTR004" },
  {
    at: "spec.includes",
    value: [{ name: "nobody" }],
    code: "CTR172",
    points: "spec.includes[0].name",
  },
  { at: "spec.ingressClassName", value: ["a"], code: "CTR004" },
];

Deno.test("regions of SARIF cover the faulty node exactly, in every style", () => {
  const wrong: string[] = [];
  let count = 0;
  for (const fault of faults) {
    for (const [style, write] of Object.entries(styles)) {
      const { text, nodes } = write(changed(valid, fault));
      const expected = nodes.get(fault.points ?? fault.at);
      assert.ok(expected !== undefined, `${fault.at} in ${style}`);
      const regions = regionsOf(text, fault.code);
      const wanted = region(text, expected);
      count++;
      if (!regions.includes(wanted)) {
        wrong.push(`${fault.code} ${fault.at}, ${style}: ${regions} instead of ${wanted}\n${text}`);
      }
    }
  }
  assert.ok(count >= 500, String(count));
  assert.equal(
    wrong.length,
    0,
    `${wrong.length} of ${count}:\n${
      wrong.slice(0, 60).map((line) => line.split("\n")[0]).join("\n")
    }`,
  );
});

Deno.test("what is valid has nothing to say, in every style", () => {
  for (const [style, write] of Object.entries(styles)) {
    const { text } = write(valid);
    const { findings } = lint([{ file: "a.yaml", text }]);
    assert.deepEqual(findings.filter(({ code }) => code !== "CTR010"), [], style);
  }
});

Deno.test("behind an alias the node that was written is meant, once", () => {
  const text = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: shop
  annotations: { limit: &limit 10 s }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - services: [&backend { name: shop, prot: 80 }]
      timeoutPolicy: { response: *limit }
    - conditions: [{ prefix: /b }]
      services:
        - *backend
        - { <<: *backend, name: other }
      timeoutPolicy: { idle: *limit }
`;
  const { findings } = lint([{ file: "a.yaml", text }]);
  const told = findings.map(({ code, position: at }) => {
    const line = text.split("\n")[(at?.line ?? 0) - 1] ?? "";
    return `${code} ${at?.line} ${line.slice((at?.column ?? 0) - 1, (at?.endColumn ?? 0) - 1)}`;
  });
  assert.deepEqual([...new Set(told)], [
    "CTR005 5 10 s",
    "CTR006 9 { name: shop, prot: 80 }",
    "CTR003 9 prot",
    "CTR006 14 { <<: *backend, name: other }",
  ]);
});

/** The object with one node changed or added. */
function changed(object: Value, { at, value }: Fault): Value {
  const steps = [...at.matchAll(/[^.[\]]+/g)].map(([step]) => step);
  const set = (node: Value | undefined, [step, ...rest]: readonly string[]): Value => {
    if (step === undefined) return value;
    if (Array.isArray(node)) {
      return node.map((item, i) => String(i) === step ? set(item, rest) : item);
    }
    const fields = (typeof node === "object" && node !== null ? node : {}) as {
      readonly [name: string]: Value;
    };
    return { ...fields, [step]: set(fields[step], rest) };
  };
  return set(object, steps);
}

function regionsOf(text: string, code: string): string[] {
  const report = lint([{ file: "a.yaml", text }]);
  const sarif = JSON.parse(lintReport("sarif", {
    ...report,
    texts: new Map(),
    fileOf: () => "a.yaml",
  }, { paint: paintFor("out", noTerminal, "never"), columns: 80 }));
  const results: readonly SarifResult[] = sarif.runs[0].results;
  return results.filter(({ ruleId }) => ruleId === code).map(({ locations: [place] }) => {
    const { startLine, startColumn, endLine, endColumn } = place.physicalLocation.region;
    return `${startLine}:${startColumn}-${endLine}:${endColumn}`;
  });
}

interface SarifResult {
  readonly ruleId: string;
  readonly locations: readonly [{
    readonly physicalLocation: {
      readonly region: Readonly<
        Record<"startLine" | "startColumn" | "endLine" | "endColumn", number>
      >;
    };
  }];
}

const noTerminal = {
  out: () => {},
  err: () => {},
  outIsTerminal: false,
  errIsTerminal: false,
  columns: 80,
  env: () => undefined,
  readStdin: () => Promise.resolve(""),
  interrupted: () => new AbortController().signal,
};

function region(text: string, { start, end }: Written): string {
  return `${place(text, start)}-${place(text, end)}`;
}

/** Line and column from 1; a byte order mark is no column. */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset).replace(/^\ufeff/, "").split(/\r\n|\n/);
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
