import assert from "node:assert/strict";
import { readManifest } from "../../api/mod.ts";
import { LiveDb, Outputs } from "../../query/mod.ts";
import { defaultSettings, type Settings, settingsInput, Store } from "../../store/mod.ts";
import { proxyVerdict, type Route, virtualHost } from "../mod.ts";

/** A database that holds what the manifest says. */
function world(manifest: string, settings: Partial<Settings> = {}): LiveDb {
  const db = new LiveDb();
  db.set(settingsInput, "settings", { ...defaultSettings, ...settings });
  const store = new Store(db, new Outputs(db, []), () => []);
  const { objects, diagnostics } = readManifest(manifest, { file: "in.yaml" });
  assert.deepEqual(diagnostics.map(({ message }) => message), []);
  store.apply({ applied: objects.map(({ object }) => object) });
  return db;
}

/** An HTTPProxy in the namespace `default` with the given spec, and a Service `s1` beside it. */
function proxy(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name },
    spec,
  }) + "\n---\n";
}

const service = JSON.stringify({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s1" },
  spec: { ports: [{ name: "http", port: 80 }] },
}) + "\n---\n";

const s1 = [{ name: "s1", port: 80 }];

/** A host's routes in a line each. */
function lines(db: LiveDb, fqdn = "example.com"): string[] {
  return (virtualHost(db, fqdn)?.routes ?? []).map(line);
}

function line({ match, action }: Route): string {
  const { path, headers, query } = match;
  const text = path.kind === "regex" ? path.regex : path.kind === "exact" ? path.path : path.prefix;
  const target = action.kind === "forward"
    ? action.clusters.map(({ cluster }) => cluster.service).join("+") +
      (action.prefixRewrite === undefined ? "" : ` as ${action.prefixRewrite}`)
    : String(action.statusCode);
  const conditions = [...headers, ...query].map(({ name }) => ` ${name}`).join("");
  return `${path.kind} ${text}${conditions} -> ${target}`;
}

/** What the status says of an HTTPProxy in `default`. */
function reasons(db: LiveDb, name: string): string[] {
  const verdict = proxyVerdict(db, { namespace: "default", name });
  return (verdict?.diagnostics ?? []).map(({ condition }) =>
    `${condition?.type}/${condition?.reason}`
  );
}

Deno.test("conditions of includes are put before those of the routes", () => {
  const prefix = (text: string) => [{ prefix: text }];
  const db = world(
    service +
      proxy("root", {
        virtualhost: { fqdn: "example.com" },
        includes: [{
          name: "child",
          conditions: [...prefix("/api"), { header: { name: "x", present: true } }],
        }],
      }) +
      proxy("child", {
        routes: [
          { services: s1 },
          { conditions: prefix("/"), services: s1 },
          { conditions: prefix("/v1"), services: s1 },
          { conditions: [{ regex: "/.*/main.js" }], services: s1 },
          { conditions: [{ exact: "/exact" }], services: s1 },
          {
            conditions: [{ exact: "/exact" }, { header: { name: "y", present: true } }],
            services: s1,
          },
        ],
      }),
  );
  assert.deepEqual(lines(db), [
    "exact /api/exact x -> s1",
    "regex /api(?:/.*/main.js) x -> s1",
    "prefix /api/exact x y -> s1",
    "prefix /api/v1 x -> s1",
    "prefix /api/ x -> s1",
    "prefix /api x -> s1",
  ]);
  assert.deepEqual(reasons(db, "child"), []);
});

Deno.test("a route of the including proxy replaces an included one that matches the same", () => {
  const db = world(
    service +
      proxy("root", {
        virtualhost: { fqdn: "example.com" },
        includes: [{ name: "child" }],
        routes: [{ directResponsePolicy: { statusCode: 200 } }],
      }) +
      proxy("child", { routes: [{ services: s1 }] }),
  );
  assert.deepEqual(lines(db), ["prefix / -> 200"]);
});

Deno.test("a mistake in a part costs that part, and its root stays valid", () => {
  const db = world(
    service +
      proxy("root", {
        virtualhost: { fqdn: "example.com" },
        includes: [{ name: "broken", conditions: [{ prefix: "/a" }] }, {
          name: "fine",
          conditions: [{ prefix: "/b" }],
        }],
      }) +
      proxy("broken", { routes: [{ conditions: [{ prefix: "no-slash" }], services: s1 }] }) +
      proxy("fine", { routes: [{ services: s1 }] }),
  );
  assert.deepEqual(lines(db), ["prefix /b -> s1"]);
  assert.deepEqual(reasons(db, "root"), []);
  assert.deepEqual(reasons(db, "broken"), ["RouteError/PathMatchConditionsNotValid"]);
});

Deno.test("an include that leads nowhere is answered with 502 under the conditions above it", () => {
  const db = world(
    proxy("root", {
      virtualhost: { fqdn: "example.com" },
      includes: [{ name: "middle", conditions: [{ prefix: "/a" }] }],
    }) +
      proxy("middle", { includes: [{ name: "gone", conditions: [{ prefix: "/b" }] }] }),
  );
  assert.deepEqual(lines(db), ["prefix /a/b -> 502"]);
  assert.deepEqual(reasons(db, "middle"), ["IncludeError/IncludeNotFound"]);
});

Deno.test("a cycle is told on the object it comes back to, and the rest is served", () => {
  const db = world(
    service +
      proxy("root", {
        virtualhost: { fqdn: "example.com" },
        includes: [{ name: "a", conditions: [{ prefix: "/a" }] }],
        routes: [{ services: s1 }],
      }) +
      proxy("a", { includes: [{ name: "b" }], routes: [{ services: s1 }] }) +
      proxy("b", {
        includes: [{ name: "a" }],
        routes: [{ conditions: [{ prefix: "/b" }], services: s1 }],
      }),
  );
  assert.deepEqual(lines(db), ["prefix /a/b -> s1", "prefix /a -> s1", "prefix / -> s1"]);
  assert.deepEqual(reasons(db, "a"), ["IncludeError/IncludeCreatesCycle"]);
  assert.match(
    proxyVerdict(db, { namespace: "default", name: "a" })?.diagnostics[0]?.message ?? "",
    /: default\/root -> default\/a -> default\/b -> default\/a$/,
  );
});

Deno.test("a part nobody includes is an orphan, and one below a rejected root too", () => {
  const root = (name: string) =>
    proxy(name, { virtualhost: { fqdn: "example.com" }, includes: [{ name: "child" }] });
  const db = world(
    service + root("one") + root("two") + proxy("child", { routes: [{ services: s1 }] }) +
      proxy("alone", { routes: [{ services: s1 }] }),
  );
  assert.deepEqual(reasons(db, "alone"), ["Orphaned/Orphaned"]);
  assert.deepEqual(reasons(db, "child"), ["Orphaned/Orphaned"]);
  assert.deepEqual(reasons(db, "one"), ["VirtualHostError/DuplicateVhost"]);
  assert.equal(virtualHost(db, "example.com"), undefined);
});

Deno.test("a route without usable service is answered with 503, others go on", () => {
  const db = world(
    service + proxy("root", {
      virtualhost: { fqdn: "example.com" },
      routes: [
        { conditions: [{ prefix: "/gone" }], services: [{ name: "gone", port: 80 }] },
        { services: [{ name: "gone", port: 80 }, ...s1] },
      ],
    }),
  );
  assert.deepEqual(lines(db), ["prefix /gone -> 503", "prefix / -> s1"]);
  assert.deepEqual(reasons(db, "root"), [
    "ServiceError/ServiceUnresolvedReference",
    "ServiceError/ServiceUnresolvedReference",
  ]);
});

Deno.test("a prefix rewrite is split around its slash unless the prefix is shared", () => {
  const rewrite = (prefix: string, replacement: string) => ({
    conditions: [{ prefix }],
    services: s1,
    pathRewritePolicy: { replacePrefix: [{ replacement }] },
  });
  const db = world(
    service + proxy("root", {
      virtualhost: { fqdn: "example.com" },
      routes: [
        rewrite("/foo", "/bar"),
        rewrite("/root", "/"),
        rewrite("/twice", "/x"),
        { conditions: [{ prefix: "/twice/" }], services: s1 },
      ],
    }),
  );
  assert.deepEqual(lines(db), [
    "prefix /twice/ -> s1",
    "prefix /twice -> s1 as /x",
    "prefix /root/ -> s1 as /",
    "prefix /root -> s1 as /",
    "prefix /foo/ -> s1 as /bar/",
    "prefix /foo -> s1 as /bar",
  ]);
});

Deno.test("objects of another class do not exist for us", () => {
  const manifest = service + JSON.stringify({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "root", annotations: { "kubernetes.io/ingress.class": "other" } },
    spec: { virtualhost: { fqdn: "example.com" }, routes: [{ services: s1 }] },
  });
  assert.equal(virtualHost(world(manifest), "example.com"), undefined);
  const ours = world(manifest, { ingressClassNames: ["other"] });
  assert.deepEqual(lines(ours), ["prefix / -> s1"]);
});

Deno.test("a route whose tokens nobody can check is closed, not open", () => {
  const db = world(
    service + proxy("root", {
      virtualhost: { fqdn: "example.com" },
      routes: [{ services: s1, jwtVerificationPolicy: { require: "nobody" } }],
    }),
  );
  assert.deepEqual(lines(db), ["prefix / -> 503"]);
  assert.deepEqual(reasons(db, "root"), ["JWTVerificationError/JWTProviderNotDefined"]);
});
