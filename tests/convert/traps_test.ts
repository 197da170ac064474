/**
 * The traps of ingress-nginx in real Envoy: what is converted answers requests as ingress-nginx is
 * documented to. See https://kubernetes.io/blog/2026/02/27/ingress-nginx-before-you-migrate/
 */
import assert from "node:assert/strict";
import { convert } from "../../convert/mod.ts";
import { documents, ingress, ingressRule as rule } from "../e2e/manifest.ts";
import { echoOf, routes, setStage, stageManifest } from "../e2e/stage.ts";
import { layouts, startGateway } from "../support/gateway.ts";

const nginx = (annotations: Readonly<Record<string, string>> = {}) => ({
  ingressClassName: "nginx",
  annotations: Object.fromEntries(
    Object.entries(annotations).map((
      [name, value],
    ) => [`nginx.ingress.kubernetes.io/${name}`, value]),
  ),
});

const ingresses = documents(
  // A regular expression matches the beginning, in any case.
  ingress("regex", [
    rule("regex.test", ["ImplementationSpecific /[A-Z]{3}", "a"]),
  ], nginx({ "use-regex": "true" })),
  // It makes every path of the host one, also that of another Ingress.
  ingress("with-regex", [
    rule("wide.test", ["ImplementationSpecific /item/[0-9]+", "a"]),
  ], nginx({ "use-regex": "true" })),
  ingress("without-regex", [
    rule("wide.test", ["Exact /headers", "b"], ["Prefix /", "c"]),
  ], nginx()),
  // So does a rewrite.
  ingress("rewriting", [
    rule("rewrite.test", ["ImplementationSpecific /api(/|$)(.*)", "a"]),
  ], nginx({ "rewrite-target": "/$2" })),
  ingress("beside", [
    rule("rewrite.test", ["Exact /about", "b"], ["Prefix /", "c"]),
  ], nginx()),
  ingress("stripping", [
    rule("strip.test", ["ImplementationSpecific /old/(.*)", "a"]),
  ], nginx({ "rewrite-target": "/new/$1" })),
  // Where only the path with the slash is there, the other one is redirected.
  ingress("slash", [
    rule("slash.test", ["Prefix /docs/", "a"], ["Exact /index/", "b"], ["Prefix /", "c"]),
  ], nginx()),
  // Paths are compared after they are normalised; a prefix ends at a slash.
  ingress("plain", [
    rule("plain.test", ["Prefix /shop", "a"], ["ImplementationSpecific /impl", "b"], [
      "Exact /exact",
      "c",
    ]),
  ], nginx()),
  // TLS redirects, unless it is told not to.
  ingress("secure", [rule("on.secure.test", ["Prefix /", "a"])], {
    ...nginx(),
    tls: [{ hosts: ["on.secure.test"], secretName: "certificate" }],
  }),
  ingress("both", [rule("off.secure.test", ["Prefix /", "a"])], {
    ...nginx({ "ssl-redirect": "false" }),
    tls: [{ hosts: ["off.secure.test"], secretName: "certificate" }],
  }),
  ingress("primary", [rule("canary.test", ["Prefix /", "a"])], nginx()),
  ingress("canary", [rule("canary.test", ["Prefix /", "b"])], {
    ...nginx({
      canary: "true",
      "canary-by-header": "x-canary",
      "canary-by-cookie": "canary",
      "canary-weight": "0",
    }),
  }),
);

for (const layout of layouts) {
  Deno.test(`what is converted answers as ingress-nginx does, ${layout}`, async (t) => {
    await using stage = await setStage();
    const conversion = convert([{ file: "in.yaml", text: ingresses }]);
    assert.deepEqual(conversion.diagnostics, []);
    const converted = conversion.files.map(({ text }) => text).join("");
    await using gateway = await startGateway({
      layout,
      manifest: documents(stageManifest(stage), converted),
    });
    const check = (host: string, rows: Parameters<typeof routes>[1]) =>
      routes(host, rows)({ ...stage, gateway, ask: gateway.ask });
    const arrives = async (host: string, path: string) =>
      echoOf(await gateway.ask({ host, path })).path;

    await t.step("1: regular expressions match the beginning, in any case", async () => {
      await check("regex.test", [
        { path: "/ABC", to: "a" },
        { path: "/abc", to: "a" },
        { path: "/AbCdef/ghi", to: "a" },
        { path: "/AB1", status: 404 },
        { path: "/x/ABC", status: 404 },
      ]);
    });
    await t.step("2: one Ingress makes all paths of the host regular expressions", async () => {
      await check("wide.test", [
        { path: "/item/12", to: "a" },
        { path: "/ITEM/12/x", to: "a" },
        { path: "/item/x", to: "c" },
        { path: "/headers", to: "b" },
        { path: "/HEADERS", to: "b" },
        { path: "/headersandmore", to: "b" },
        { path: "/", to: "c" },
      ]);
    });
    await t.step("3: so does a rewrite, which takes the prefix away", async () => {
      await check("rewrite.test", [
        { path: "/api", to: "a" },
        { path: "/api/", to: "a" },
        { path: "/api/x/y?z=1", to: "a" },
        { path: "/apix", to: "c" },
        { path: "/ABOUTus", to: "b" },
        { path: "/other", to: "c" },
      ]);
      assert.equal(await arrives("rewrite.test", "/api"), "/");
      assert.equal(await arrives("rewrite.test", "/api/"), "/");
      assert.equal(await arrives("rewrite.test", "/api/x/y?z=1"), "/x/y?z=1");
      assert.equal(await arrives("rewrite.test", "/apix"), "/apix");
      await check("strip.test", [
        { path: "/old/x", to: "a" },
        { path: "/old", status: 404 },
        { path: "/older", status: 404 },
      ]);
      assert.equal(await arrives("strip.test", "/old/x"), "/new/x");
    });
    await t.step("4: a missing slash is redirected to", async () => {
      for (
        const [path, location] of [["/docs", "/docs/"], ["/index?a=1", "/index/?a=1"]] as const
      ) {
        const answer = await gateway.ask({ host: "slash.test", path });
        assert.equal(answer.status, 301);
        assert.equal(answer.headers["location"], `http://slash.test${location}`);
      }
      await check("slash.test", [
        { path: "/docs/x", to: "a" },
        { path: "/index/", to: "b" },
        { path: "/index/x", to: "c" },
        { path: "/docsx", to: "c" },
      ]);
    });
    await t.step("5: paths are normalised, and prefixes end at a slash", async () => {
      await check("plain.test", [
        { path: "/shop", to: "a" },
        { path: "/shop/x", to: "a" },
        { path: "/shopping", status: 404 },
        { path: "/x/../shop", to: "a" },
        { path: "//shop//x", to: "a" },
        { path: "/impl/x", to: "b" },
        { path: "/implement", status: 404 },
        { path: "/exact", to: "c" },
        { path: "/exact/", status: 404 },
        { path: "/EXACT", status: 404 },
      ]);
    });
    await t.step("TLS redirects unless it is told not to", async () => {
      const answer = await gateway.ask({ host: "on.secure.test", path: "/x" });
      assert.equal(answer.status, 301);
      assert.equal(answer.headers["location"], "https://on.secure.test/x");
      await check("off.secure.test", [{ to: "a" }, { tls: { ca: stage.ca }, to: "a" }]);
      const secure = await gateway.ask({ host: "on.secure.test", tls: { ca: stage.ca } });
      assert.equal(secure.headers["x-backend"], "a");
      assert.equal(
        secure.headers["strict-transport-security"],
        "max-age=31536000; includeSubDomains",
      );
    });
    await t.step("canaries: the header decides, then the cookie", async () => {
      const always = { "x-canary": "always" };
      const never = { "x-canary": "never" };
      await check("canary.test", [
        { to: "a" },
        { headers: always, to: "b" },
        { headers: { cookie: "x=1; canary=always" }, to: "b" },
        { headers: { cookie: "canary=never" }, to: "a" },
        { headers: { ...never, cookie: "canary=always" }, to: "a" },
        { headers: { ...always, cookie: "canary=never" }, to: "b" },
        { headers: { "x-canary": "else", cookie: "canary=always" }, to: "b" },
        { headers: { cookie: "notcanary=always" }, to: "a" },
      ]);
    });
    await t.step("the request tests that are written hold", async () => {
      assert.ok(conversion.tests.length > 30);
      for (const { name, request: { url }, expect } of conversion.tests) {
        const { protocol, hostname: host, pathname: path } = new URL(url);
        const tls = protocol === "https:" ? { tls: { ca: stage.ca } } : {};
        const answer = await gateway.ask({ host, path, ...tls });
        if (expect.status !== undefined) assert.equal(answer.status, expect.status, name);
        if (expect.location !== undefined) {
          assert.equal(answer.headers["location"], expect.location, name);
        }
        if (expect.services === undefined) continue;
        const backend = `default/${answer.headers["x-backend"]}:80`;
        assert.ok(expect.services.includes(backend), `${name}: ${backend}`);
        if (expect.path !== undefined) assert.equal(echoOf(answer).path, expect.path, name);
      }
    });
    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
    });
  });
}
