/** `contour test` as people and scripts call it: what is expected, formats, coverage, exit codes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { testFormats } from "../../cli/report/test/formats.ts";
import { commandLine, type CommandOutcome } from "../support/command_line.ts";

const objects = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: web }
spec:
  virtualhost: { fqdn: shop.example.com, tls: { secretName: shop } }
  routes:
    - conditions: [{ prefix: /cart }]
      services:
        - { name: cart-v1, port: 80, weight: 90 }
        - { name: cart-v2, port: 80, weight: 10 }
      pathRewritePolicy: { replacePrefix: [{ replacement: /v2 }] }
      requestHeadersPolicy:
        set: [{ name: X-Team, value: cart }, { name: Host, value: cart.internal }]
        remove: [X-Secret]
      responseHeadersPolicy:
        set: [{ name: X-From, value: cart }]
        remove: [Server]
    - conditions: [{ prefix: /old }]
      requestRedirectPolicy: { path: /cart, statusCode: 302 }
    - conditions: [{ prefix: /status }]
      directResponsePolicy: { statusCode: 204 }
    - conditions: [{ prefix: / }, { header: { name: x-beta, exact: "1" } }]
      services: [{ name: beta, port: 80 }]
`;

/** Every expectation there is, each met. */
const met = `version: 1
tests:
  - name: cart
    from: ingress.yaml:7
    request:
      url: https://shop.example.com/cart/7?x=1
      method: POST
      headers: { x-secret: s, x-own: o }
    expect:
      services: ["web/cart-v1:80", "web/cart-v2:80"]
      shares: { "web/cart-v1:80": 90, "web/cart-v2:80": 10 }
      path: /v2/7?x=1
      host: cart.internal
      requestHeaders: { X-Team: cart, x-own: o }
      withoutRequestHeaders: [X-Secret]
      responseHeaders: { x-from: cart }
      withoutResponseHeaders: [server]
      object: HTTPProxy/web/shop
  - name: old
    request: { url: "https://shop.example.com/old" }
    expect: { status: 302, location: "https://shop.example.com/cart" }
  - name: plain
    request: { url: "http://shop.example.com/cart" }
    expect: { status: 301, location: "https://shop.example.com/cart" }
  - name: status
    request: { url: "https://shop.example.com/status" }
    expect: { status: 204, body: "" }
  - name: nothing
    request: { url: "https://shop.example.com/" }
    expect: { status: 404 }
  - name: stranger
    request: { url: "https://other.example.com/" }
    expect: { connection: closed }
`;

Deno.test("every expectation can be met, and each one missed is told with its place", async () => {
  await inFolder({ "shop.yaml": objects, "cases.yaml": met }, async (test, write) => {
    const { code, out, err } = await test(["cases.yaml"]);
    assert.deepEqual([code, out, err], [0, "6 cases passed.\n", ""]);
    const wrong: readonly (readonly [from: string, to: string, difference: RegExp])[] = [
      [
        'services: ["web/cart-v1:80", "web',
        'services: ["web/x:80", "web',
        /:10:17 .*cart\n.*\n +expected +web\/x:80 or web\/cart-v2:80\n +got +web\/cart-v1:80 90%/,
      ],
      ['80": 90', '80": 80', /:11:15 .*\n.*\n +expected +web\/cart-v1:80 80%/],
      ["path: /v2/7", "path: /7", /:12:13 .*\n.*\n +expected +path \/7\?x=1\n +got +\/v2\/7\?x=1/],
      ["host: cart.internal", "host: x", /expected +host x\n +got +cart\.internal/],
      ["X-Team: cart", "X-Team: dog", /expected +X-Team: dog\n +got +X-Team: cart/],
      ["x-own: o }\n      without", "x-other: o }\n      without", /got +no x-other/],
      ["[X-Secret]", "[X-Own]", /expected +no X-Own\n +got +X-Own: o/],
      ["x-from: cart", "x-from: dog", /expected +x-from: dog\n +got +x-from: cart/],
      ["[server]", "[via]", /expected +via taken away\n +got +it is let through/],
      [
        "HTTPProxy/web/shop",
        "HTTPProxy/web/x",
        /expected +object HTTPProxy\/web\/x\n +got +HTTPProxy\/web\/shop/,
      ],
      ["status: 302", "status: 301", /expected +status 301\n +got +302/],
      [
        'example.com/cart" }\n  - name: plain',
        'example.com/x" }\n  - name: plain',
        /expected +location https:\/\/shop\.example\.com\/x/,
      ],
      ["status: 204", "status: 200", /expected +status 200\n +got +204/],
      [
        "status: 404",
        "connection: closed",
        /expected +connection closed\n +got +404: no rule takes it/,
      ],
      ["connection: closed", "status: 404", /expected +status 404\n +got +a closed connection/],
    ];
    for (const [from, to, difference] of wrong) {
      assert.ok(met.includes(from), from);
      await write("cases.yaml", met.replace(from, () => to));
      const { code, out } = await test(["cases.yaml"]);
      assert.equal(code, 1, to);
      assert.match(out, difference);
      assert.match(out, /^1 failed, 5 passed\.$/m);
    }
  });
});

Deno.test("a case that fails is told with its request, the rule and what lost to it", async () => {
  const cases = `version: 1
tests:
  - name: beta
    from: ingress.yaml:7
    request: { url: "https://shop.example.com/x" }
    expect: { services: ["web/beta:80"] }
`;
  await inFolder({ "shop.yaml": objects, "cases.yaml": cases }, async (test) => {
    const { code, out } = await test(["cases.yaml"]);
    assert.equal(code, 1);
    assert.equal(
      out,
      `FAIL  cases.yaml:6:25  beta
      GET https://shop.example.com/x
      expected  web/beta:80
      got       404: no rule takes it
      host      shop.yaml:5  shop.example.com
      lost      shop.yaml:22  prefix /, header x-beta is "1": header x-beta absent from the request
      lost      shop.yaml:20  prefix /status: path has no prefix /status
      lost      shop.yaml:7  prefix /cart/: path has no prefix /cart/
      and 1 more: contour explain shows all
      from      ingress.yaml:7

1 failed, 0 passed.
`,
    );
  });
});

Deno.test("coverage names the routes that no request reaches, and can fail", async () => {
  await inFolder({ "shop.yaml": objects, "cases.yaml": met }, async (test) => {
    const told = await test(["cases.yaml", "--coverage"]);
    assert.equal(told.code, 0);
    assert.equal(
      told.out,
      `No request reaches:
  shop.yaml:22  shop.example.com  prefix /, header x-beta is "1"

6 cases passed. 3 of 4 routes reached (75%).
`,
    );
    assert.equal((await test(["cases.yaml", "--fail-under", "75"])).code, 0);
    const low = await test(["cases.yaml", "--fail-under", "75.1%"]);
    assert.equal(low.code, 1);
    assert.match(low.out, /3 of 4 routes reached \(75%\), less than 75\.1%/);
    const wrong = await test(["cases.yaml", "--fail-under", "many"]);
    assert.equal(wrong.code, 2);
  });
});

Deno.test("every format has the same exit code, and is what it says", async () => {
  const failing = met.replace("status: 204", "status: 200");
  const files = { "shop.yaml": objects, "good.yaml": met, "bad.yaml": failing };
  await inFolder(files, async (test) => {
    for (const format of testFormats) {
      assert.equal((await test(["-o", format, "good.yaml"])).code, 0, format);
      assert.equal((await test(["-o", format, "bad.yaml", "good.yaml"])).code, 1, format);
      assert.equal((await test(["-o", format, "good.yaml", "missing"])).code, 2, format);
    }
    const json = JSON.parse((await test(["-o", "json", "--coverage", "bad.yaml"])).out);
    assert.deepEqual(json.summary, { cases: 6, passed: 5, failed: 1 });
    assert.equal(json.coverage.percent, 75);
    const [failed] = json.results.filter(({ passed }: { passed: boolean }) => !passed);
    assert.deepEqual(failed.differences, [{ field: "status", expected: "200", got: "204" }]);
    assert.equal(failed.rule.line, 20);
    const github = (await test(["-o", "github", "bad.yaml"])).out;
    assert.match(
      github,
      /^::error file=bad\.yaml,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=status::GET /,
    );
    assert.equal((await test(["-o", "github", "good.yaml"])).out, "");
    const junit = (await test(["-o", "junit", "bad.yaml"])).out;
    assert.match(junit, /<testsuites name="contour test" tests="6" failures="1">/);
    assert.match(junit, /<testcase name="status" [^>]*>\n +<failure message="status: expected 200/);
  });
});

Deno.test("mistakes in a file of cases are told with their places, and what was meant", async () => {
  const cases = `version: 2
tests:
  - name: a
    requst: { url: "http://x" }
    expect: { servces: [a/b:80], status: 7 }
  - name: b
    request: { url: "http://x" }
    expect: { status: 301, services: ["a/b:80"] }
  - name: c
    request: { url: "ftp://x" }
    expect: {}
`;
  const odd = `version: 1
tests:
  - name: odd
    request: { url: "ftp://x/" }
    expect: { status: 200 }
`;
  await inFolder({ "shop.yaml": objects, "cases.yaml": cases, "odd.yaml": odd }, async (test) => {
    const { code, err } = await test(["cases.yaml"]);
    assert.equal(code, 2);
    assert.deepEqual(err.trim().split("\n").map((line) => line.replace(/error\[CTR\d+\] /, "")), [
      'cases.yaml:1:10: "version" must be 1, not 2',
      'cases.yaml:3:5: required field "request" is missing',
      'cases.yaml:4:5: unknown field "requst", did you mean "request"?',
      'cases.yaml:5:15: unknown field "servces", did you mean "services"?',
      'cases.yaml:5:42: "status" must be at least 100, not 7',
      'cases.yaml:8:23: "status": cannot be expected beside "services": what Envoy answers itself reaches no Service',
      'cases.yaml:11:13: "expect" must expect something',
    ]);
    const unclear = await test(["odd.yaml"]);
    assert.equal(unclear.code, 1);
    assert.match(unclear.out, /^FAIL +odd\.yaml:4:21 +odd\n +request +"ftp:\/\/x\/" is no URL/);
  });
});

Deno.test("what is not given is assumed, unless --strict-refs; wrong calls are code 2", async () => {
  await inFolder({ "shop.yaml": objects, "cases.yaml": met }, async (test) => {
    const strict = await test(["--strict-refs", "cases.yaml"]);
    assert.equal(strict.code, 1);
    assert.match(strict.out, /a closed connection/);
    const nowhere = await commandLine(["test", "cases.yaml"]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.err, /name the objects with -f, or a cluster with --context/);
    assert.equal((await commandLine(["test", "-", "-f", "-"])).code, 2);
    assert.equal((await commandLine(["test"])).code, 2);
  });
});

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (
    test: (args: readonly string[]) => Promise<CommandOutcome>,
    write: (name: string, text: string) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-command-" });
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  try {
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await use(async (args) => {
      const named = args.map((arg) => /\.yaml$|^missing$/.test(arg) ? join(folder, arg) : arg);
      const outcome = await commandLine(["test", ...named, "-f", join(folder, "shop.yaml")]);
      const bare = (text: string) => text.replaceAll(`${folder}/`, "");
      return { ...outcome, out: bare(outcome.out), err: bare(outcome.err) };
    }, write);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
