/** Authorization by real servers, over gRPC and HTTP, and attempts to get round it. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { type Authorizer, goodPass, passHeader, startAuthorizer } from "../support/authorizer.ts";
import { startBackend } from "../support/backend.ts";
import { type Gateway, layouts, startGateway } from "../support/gateway.ts";
import { type HttpAnswer, send } from "../support/http_client.ts";
import { goRound, secureRoot } from "./going_round.ts";
import { caSecret, documents, endpoints, service, tlsSecret } from "./manifest.ts";

const authorization = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  authorization: { extensionRef: { name }, ...more },
});

const extension = (name: string, spec: Readonly<Record<string, unknown>>) =>
  JSON.stringify({
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { name, namespace: "default" },
    spec,
  });

const to = { services: [{ name: "a", port: 80 }] };
const below = (prefix: string) => ({ conditions: [{ prefix }] });

/** The servers, and a manifest of hosts that ask them. */
async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const stranger = await makeAuthority({ commonName: "Stranger", validity, algorithm: "ecdsa" });
  const issue = (...dnsNames: string[]) =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const backend = await startBackend({ name: "a" });
  const certificate = await issue("auth.test");
  const servers = {
    grpc: await startAuthorizer({ name: "grpc", protocol: "grpc", certificate }),
    one: await startAuthorizer({ name: "one", protocol: "grpc" }),
    three: await startAuthorizer({ name: "three", protocol: "grpc" }),
    none: await startAuthorizer({ name: "none", protocol: "grpc" }),
    http: await startAuthorizer({ name: "http", protocol: "http" }),
  };
  const checked = { caSecret: "ca", subjectName: "auth.test" };
  const manifest = documents(
    tlsSecret("certificate", await issue("*.secure.test")),
    caSecret("ca", authority.certificate),
    caSecret("stranger-ca", stranger.certificate),
    service("a", [backend]),
    service("dead", [{ port: 1 }]),
    ...Object.entries(servers).map(([name, server]) => service(name, [server])),
    extension("grpc", { services: [{ name: "grpc", port: 80 }], validation: checked }),
    extension("strange", {
      services: [{ name: "grpc", port: 80 }],
      validation: { ...checked, caSecret: "stranger-ca" },
    }),
    extension("weighted", {
      protocol: "h2c",
      services: [
        { name: "one", port: 80, weight: 1 },
        { name: "three", port: 80, weight: 3 },
        { name: "none", port: 80, weight: 0 },
      ],
    }),
    extension("http", { protocol: "http/1.1", services: [{ name: "http", port: 80 }] }),
    extension("dead", { protocol: "h2c", services: [{ name: "dead", port: 80 }] }),
    extension("gone", { protocol: "h2c", services: [{ name: "one", port: 80 }] }),
    secureRoot(
      "grpc.secure.test",
      authorization("grpc", {
        // Only servers that hang are to be late, however busy this machine is.
        responseTimeout: "5s",
        authPolicy: { context: { realm: "shop", level: "low" } },
        withRequestBody: { maxRequestBytes: 8, allowPartialMessage: true },
      }),
      [
        { ...to, ...below("/open"), authPolicy: { disabled: true }, permitInsecure: true },
        { ...to, ...below("/admin"), authPolicy: { context: { level: "high" } } },
        {
          ...below("/text"),
          permitInsecure: true,
          directResponsePolicy: { statusCode: 200, body: "secret" },
        },
        { ...below("/moved"), requestRedirectPolicy: { path: "/" } },
        { ...to, permitInsecure: true, enableWebsockets: true },
      ],
    ),
    secureRoot(
      "http.secure.test",
      authorization("http", {
        serviceType: "http",
        httpSettings: {
          pathPrefix: "/check",
          allowedAuthorizationHeaders: [{ exact: passHeader }, { prefix: "x-team-" }],
          allowedUpstreamHeaders: [{ exact: "x-user" }],
        },
      }),
      [{ ...to, ...below("/open"), authPolicy: { disabled: true } }, to],
    ),
    secureRoot(
      "disabled.secure.test",
      authorization("grpc", { responseTimeout: "5s", authPolicy: { disabled: true } }),
      [{ ...to, ...below("/in"), authPolicy: {} }, to],
    ),
    secureRoot("weighted.secure.test", authorization("weighted", { responseTimeout: "5s" }), [to]),
    secureRoot("closed.secure.test", authorization("dead"), [to]),
    secureRoot("open-at-failure.secure.test", authorization("dead", { failOpen: true }), [to]),
    secureRoot("strange.secure.test", authorization("strange"), [to]),
    secureRoot(
      "late.secure.test",
      authorization("http", {
        serviceType: "http",
        responseTimeout: "50ms",
      }),
      [to],
    ),
    secureRoot("gone.secure.test", authorization("gone", { responseTimeout: "5s" }), [to]),
    secureRoot("free.secure.test", {}, [to]),
  );
  return {
    ca: authority.certificate,
    servers,
    backend,
    manifest,
    async [Symbol.asyncDispose]() {
      for (const server of [backend, ...Object.values(servers)]) {
        await server[Symbol.asyncDispose]();
      }
    },
  };
}

type Stage = Awaited<ReturnType<typeof setStage>>;

for (const layout of layouts) {
  Deno.test(`authorization by servers of our own, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: stage.manifest });
    const tls = { ca: stage.ca };
    const pass = { [passHeader]: goodPass };
    const ask = (host: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
      gateway.ask({ host, path, headers, tls });

    await t.step(
      "a gRPC server lets in whom it knows, and tells the backend who that is",
      async () => {
        denied(await ask("grpc.secure.test", "/"), "grpc does not know you");
        const { status, user } = seen(await ask("grpc.secure.test", "/", pass));
        assert.deepEqual([status, user], [200, "grpc"]);
        const http2 = await gateway.ask({
          host: "grpc.secure.test",
          headers: pass,
          tls,
          httpVersion: "2",
        });
        assert.equal(http2.headers["x-backend"], "a");
      },
    );

    await t.step(
      "it is told the context of host and route, and the beginning of the body",
      async () => {
        await gateway.ask({
          host: "grpc.secure.test",
          path: "/admin/x?y=1",
          method: "POST",
          body: "0123456789",
          headers: pass,
          tls,
        });
        const check = last(stage.servers.grpc);
        assert.deepEqual(
          [check.method, check.host, check.path, check.body, check.context],
          ["POST", "grpc.secure.test", "/admin/x?y=1", "01234567", {
            realm: "shop",
            level: "high",
          }],
        );
        await ask("grpc.secure.test", "/", pass);
        assert.deepEqual(last(stage.servers.grpc).context, { realm: "shop", level: "low" });
      },
    );

    await t.step("answers that Envoy gives itself are protected too", async () => {
      denied(await ask("grpc.secure.test", "/text"));
      assert.equal((await ask("grpc.secure.test", "/text", pass)).body, "secret");
      denied(await ask("grpc.secure.test", "/moved"));
      assert.equal((await ask("grpc.secure.test", "/moved", pass)).status, 302);
    });

    await t.step("routes and hosts switch it off and on", async () => {
      assert.equal((await ask("grpc.secure.test", "/open/x")).headers["x-backend"], "a");
      assert.equal((await ask("disabled.secure.test", "/")).headers["x-backend"], "a");
      denied(await ask("disabled.secure.test", "/in"));
    });

    await t.step(
      "without TLS only what is open to all is served; the rest is sent to https",
      async () => {
        const plain = (path: string) =>
          gateway.ask({ host: "grpc.secure.test", path, headers: pass });
        assert.equal((await plain("/open")).headers["x-backend"], "a");
        for (const path of ["/", "/text", "/admin", "/moved"]) {
          assert.equal((await plain(path)).status, 301, path);
        }
      },
    );

    await t.step(
      "an HTTP server sees the headers it may, and the backend those of its answer",
      async () => {
        denied(await ask("http.secure.test", "/x"), "http does not know you");
        const headers = { ...pass, "x-team-name": "red", "x-other": "blue" };
        const { status, user, headers: got } = seen(
          await ask("http.secure.test", "/x?y=1", headers),
        );
        assert.deepEqual([status, user, got["x-secret"]], [200, "http", undefined]);
        const check = last(stage.servers.http);
        assert.deepEqual(
          [check.path, check.host, check.headers["x-team-name"], check.headers["x-other"]],
          ["/check/x?y=1", "http.secure.test", "red", undefined],
        );
      },
    );

    await t.step(
      "a server that cannot be asked closes the host, or opens it where that is wanted",
      async () => {
        assert.equal((await ask("closed.secure.test", "/", pass)).status, 403);
        assert.equal((await ask("open-at-failure.secure.test", "/")).headers["x-backend"], "a");
        assert.equal(
          (await ask("strange.secure.test", "/", pass)).status,
          403,
          "another's certificate",
        );
        stage.servers.http.hangs = true;
        assert.equal((await ask("late.secure.test", "/", pass)).status, 403);
        stage.servers.http.hangs = false;
      },
    );

    await t.step("each Service of the server gets its share", async () => {
      const { one, three, none } = stage.servers;
      const before = [one, three].map(({ checks }) => checks.length);
      const count = 80;
      for (let i = 0; i < count; i++) await ask("weighted.secure.test", "/", pass);
      const [ones = 0, threes = 0] = [one, three].map(({ checks }, i) =>
        checks.length - (before[i] ?? 0)
      );
      assert.equal(ones + threes, count);
      assert.ok(threes > ones * 2 && threes < ones * 4.5, `${ones} and ${threes}`);
      assert.equal(none.checks.length, 0);
    });

    await t.step("no way leads round it", async () => {
      for (const host of ["grpc.secure.test", "http.secure.test"]) {
        const attempts = await goRound({
          place: gateway.place,
          host,
          path: "/admin",
          openHost: "free.secure.test",
          openPath: "/open",
          ca: stage.ca,
        });
        const inside = attempts.filter(({ outcome, backend }) =>
          backend !== undefined || (typeof outcome === "number" && outcome < 300)
        );
        assert.deepEqual(inside, [], host);
      }
    });

    await t.step("a client cannot pretend to be let in", async () => {
      const { user } = seen(await ask("grpc.secure.test", "/", { ...pass, "x-user": "root" }));
      assert.equal(user, "grpc");
    });

    await t.step(
      "without its ExtensionService a host is closed, and comes back with it",
      async () => {
        const target = {
          address: gateway.place.address,
          port: gateway.place.https,
          tls: { ca: stage.ca, serverName: "gone.secure.test" },
        };
        const request = { host: "gone.secure.test", headers: pass };
        assert.equal((await send(target, request)).status, 200);
        await gateway.remove({ kind: "ExtensionService", namespace: "default", name: "gone" });
        await assert.rejects(send(target, request));
        assert.deepEqual(problems(gateway, "gone.secure.test"), [
          "AuthError/ExtensionServiceNotFound",
        ]);
        assert.equal((await ask("grpc.secure.test", "/", pass)).status, 200, "neighbours go on");
        await gateway.apply(extension("gone", {
          protocol: "h2c",
          services: [{ name: "one", port: 80 }],
        }));
        assert.equal((await send(target, request)).status, 200);
      },
    );

    await t.step("endpoints of the server change without any host", async () => {
      const before = gateway.controller.events.length;
      await gateway.apply(endpoints("http", [stage.servers.http, { port: 1 }]));
      const sent = gateway.controller.events.slice(before).flatMap((event) =>
        event.kind === "acknowledged" ? event.resources.map(({ name }) => name) : []
      ).filter((name) => !/probe|ingress_http$/.test(name));
      assert.deepEqual(sent, ["extension/default/http"]);
    });

    await t.step(
      "every request went to the rule that explain names; Envoy refused nothing",
      async () => {
        assert.deepEqual(await gateway.disagreements(), []);
        assert.deepEqual(gateway.controller.refusals, []);
      },
    );
  });
}

function denied({ status, body, headers }: HttpAnswer, words?: string): void {
  assert.deepEqual([status, headers["x-backend"]], [401, undefined]);
  if (words !== undefined) assert.equal(body, words);
}

/** What the backend saw of a request. */
function seen({ status, body }: HttpAnswer) {
  const headers: Readonly<Record<string, string>> = JSON.parse(body).headers;
  return { status, headers, user: headers["x-user"] };
}

function last({ checks }: Authorizer): Stage["servers"]["grpc"]["checks"][number] {
  const check = checks.at(-1);
  assert.ok(check !== undefined, "nobody asked");
  return check;
}

function problems({ controller }: Gateway, name: string): readonly string[] {
  const status = controller.translation.statuses.get(`HTTPProxy/default/${name}`);
  return (status?.diagnostics ?? []).map(({ condition }) =>
    `${condition?.type}/${condition?.reason}`
  );
}
