/** Fixes mend what they say, keep everything else to the letter, and find nothing to do a second time. */
import assert from "node:assert/strict";
import { diff } from "../../diff/mod.ts";
import { fixAll, lint } from "../../lint/mod.ts";
import { styles, type Value } from "./written.ts";

Deno.test("in every style a fix mends its finding, is done once, and keeps every comment", () => {
  let count = 0;
  for (const { name, object, code } of mendable) {
    for (const [style, write] of Object.entries(styles)) {
      const at = `${name}, ${style}`;
      const { text } = write(object);
      const files = [{ file: "a.yaml", text }];
      const before = lint(files);
      const found = before.findings.filter((finding) => finding.code === code);
      assert.ok(found.length > 0, `${at} has no ${code}`);
      // Behind an anchor others may depend on, what goes is left to its author.
      if (found.every(({ fix }) => fix === undefined)) {
        assert.equal(style, "block, anchors everywhere", at);
        continue;
      }
      const { files: [mended], fixed, report } = fixAll(files, { unsafe: true });
      assert.ok(mended !== undefined && fixed.length > 0, at);
      assert.deepEqual(report.findings.filter((finding) => finding.code === code), [], at);
      assert.ok(report.findings.length < before.findings.length, at);
      assert.deepEqual(comments(mended.text), comments(text), at);
      const again = fixAll([mended], { unsafe: true });
      assert.equal(again.files[0]?.text, mended.text, at);
      assert.deepEqual(again.fixed, [], at);
      count++;
    }
  }
  assert.ok(count >= 100, String(count));
});

Deno.test("no request fares otherwise for a fix, unless it makes an object valid", () => {
  let unchanged = 0;
  for (const { name, object } of mendable) {
    for (const [style, write] of Object.entries(styles)) {
      const at = `${name}, ${style}`;
      const files = [{ file: "a.yaml", text: write(object).text }];
      const { files: mended, fixed } = fixAll(files, { unsafe: true });
      const { hosts, summary } = diff(files, mended);
      if (fixed.some(({ severity }) => severity === "error")) {
        assert.equal(summary.lost + summary.moved + summary.changed, 0, at);
      } else {
        assert.deepEqual(hosts, [], at);
        unchanged++;
      }
    }
  }
  assert.ok(unchanged >= 60, String(unchanged));
});

Deno.test("only safe fixes are applied unless more is asked for", () => {
  const text = proxy(`
    - services: [{ name: shop, port: 80, wieght: 1 }]
      conditions: [{ header: { name: x, exact: yes } }]
`);
  const { files, fixed } = fixAll([{ file: "a.yaml", text }]);
  assert.deepEqual(fixed.map(({ code }) => code), ["CTR004"]);
  assert.equal(files[0]?.text, text.replace("exact: yes", 'exact: "yes"'));
});

Deno.test("order, quotes, blank lines and line ends stay as they are", () => {
  const text = proxy(`
    # why this route
    - retryPolicy:
        count: 2   # twice

        perTryTimeout: 30s # longer than all

        retryOn: ['5xx', "reset"]
      services: [{ port: 80, name: 'shop' }]
      timeoutPolicy: { response: 10s }
`).replaceAll("\n", "\r\n");
  const { files } = fixAll([{ file: "a.yaml", text }]);
  const expected = text.replace(
    "perTryTimeout: 30s # longer than all\r\n",
    "# longer than all\r\n",
  );
  assert.equal(files[0]?.text, expected);
});

Deno.test("the first field after a dash goes without its dash", () => {
  const text = proxy(`
    - services:
      - weight: 0
        name: idle
        port: 80
      - {name: shop, port: 80, weight: 1}
      - name: last
        port: 80
        weight: 0
`);
  const { files } = fixAll([{ file: "a.yaml", text }], { unsafe: true });
  assert.equal(
    files[0]?.text,
    proxy(`
    - services:
      - {name: shop, port: 80, weight: 1}
`),
  );
});

Deno.test("what stands behind an alias is not taken away", () => {
  const text = proxy(`
    - services: [{ name: shop, port: 80 }]
      timeoutPolicy: { response: 10s }
      retryPolicy: &retry { perTryTimeout: 30s }
    - services: [{ name: shop, port: 80 }]
      conditions: [{ prefix: /b }]
      timeoutPolicy: { response: 20s }
      retryPolicy: *retry
`);
  const { findings } = lint([{ file: "a.yaml", text }]);
  assert.deepEqual(findings.map(({ code }) => code), ["CTR414", "CTR414"]);
  // The one written out may be changed, and with it the other.
  const { report } = fixAll([{ file: "a.yaml", text }]);
  assert.deepEqual(report.findings, []);
});

Deno.test("fixes that touch each other are applied one after the other", () => {
  const text = proxy(`
    - conditons: [{ prefx: /a }]
      servces: [{ nam: shop, prt: 80 }]
`);
  const { files, report } = fixAll([{ file: "a.yaml", text }], { unsafe: true });
  assert.deepEqual(report.findings, []);
  assert.match(files[0]?.text ?? "", /- conditions: \[\{ prefix: \/a \}\]/);
  assert.match(files[0]?.text ?? "", /services: \[\{ name: shop, port: 80 \}\]/);
});

Deno.test("suppressions silence their line, the next one, or an object; unused ones are told", () => {
  const text = proxy(`
    - services:
        - { name: a, port: 80, weight: 1 }
        - { name: b, port: 80, weight: 0 } # contour-lint-ignore CTR406 -- comes back
        # contour-lint-ignore CTR406 -- so does this
        - { name: c, port: 80, weight: 0 }
        - { name: d, port: 80, weight: 0 }
        # contour-lint-ignore CTR401
        # contour-lint-ignore CTR499, CTR406
        - { name: e, port: 80, weight: 0 }
`);
  const { findings, suppressed } = lint([{ file: "a.yaml", text }]);
  assert.equal(suppressed.length, 3);
  assert.deepEqual(findings.map(({ code, message }) => `${code} ${message}`), [
    'CTR406 service "d" has weight 0, so it gets no requests',
    "CTR490 nothing to ignore: CTR401 is not found in line 15",
    "CTR490 nothing to ignore: there is no code CTR499",
  ]);
  const { files } = fixAll([{ file: "a.yaml", text }]);
  assert.equal(files[0]?.text, text.replace("        # contour-lint-ignore CTR401\n", ""));

  const annotated = text.replace(
    "metadata: { name: shop }",
    'metadata: { name: shop, annotations: { contour-lint/ignore: "CTR406,CTR490,CTR402" } }',
  );
  const left = lint([{ file: "a.yaml", text: annotated }]).findings;
  assert.deepEqual(left.map(({ code, message }) => `${code} ${message}`), [
    "CTR490 nothing to ignore: CTR402 is not found in this object",
    "CTR490 nothing to ignore: CTR490 is not found in this object",
    "CTR490 nothing to ignore: CTR401 is not found in line 15",
    "CTR490 nothing to ignore: there is no code CTR499",
  ]);
});

/** An HTTPProxy with a fault that has a fix. */
interface Mendable {
  readonly name: string;
  readonly code: string;
  readonly object: Value;
}

const backend = { name: "shop", port: 80 };

const mendable: readonly Mendable[] = [
  object("a number for text", "CTR004", {
    routes: [{ conditions: [{ header: { name: "x", exact: 12 } }], services: [backend] }],
  }),
  object("a misspelt field", "CTR003", { routes: [{ servces: [backend] }] }),
  object("a misspelt word", "CTR005", {
    routes: [{ services: [{ ...backend, protocol: "h2x" }] }],
  }),
  {
    name: "a misspelt kind",
    code: "CTR009",
    object: {
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPPoxy",
      metadata: { name: "shop" },
      spec: {},
    },
  },
  object("a try as long as all", "CTR414", {
    routes: [{
      services: [backend],
      retryPolicy: { perTryTimeout: "1h", count: 3 },
      timeoutPolicy: { response: "1m" },
    }],
  }),
  object("a try as long as all, last", "CTR414", {
    routes: [{ services: [backend], retryPolicy: { count: 3, perTryTimeout: "1h" } }],
  }),
  object("a service without share", "CTR406", {
    routes: [{
      services: [{ ...backend, weight: 0 }, { name: "b", port: 80, weight: 1 }],
    }],
  }),
  object("a service without share, last", "CTR406", {
    routes: [{
      services: [{ ...backend, weight: 1 }, { name: "b", port: 80, weight: 0 }],
    }],
  }),
  object("a route behind another", "CTR401", {
    routes: [
      { conditions: [{ regex: "/.*" }], services: [backend] },
      { conditions: [{ prefix: "/a" }], services: [backend] },
      { conditions: [{ exact: "/b" }], services: [backend] },
    ],
  }),
  object("an old TLS version", "CTR412", {
    virtualhost: {
      fqdn: "shop.example.com",
      tls: { secretName: "shop", minimumProtocolVersion: "1.0" },
    },
    routes: [{ services: [backend] }],
  }),
];

function object(name: string, code: string, spec: { readonly [field: string]: Value }): Mendable {
  const object = {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "shop" },
    spec: { virtualhost: { fqdn: "shop.example.com" }, ...spec },
  };
  return { name, code, object };
}

function proxy(routes: string): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:${routes}`;
}

function comments(text: string): string[] {
  return [...text.matchAll(/(?:^|[ \t])#.*/gm)].map(([comment]) => comment.trim()).sort();
}
