/** A server that is asked about the requests of all hosts, and attempts to get round it. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { goodPass, passHeader, startAuthorizer } from "../support/authorizer.ts";
import { startBackend } from "../support/backend.ts";
import { type Gateway, layouts, type Question, startGateway } from "../support/gateway.ts";
import { connect, type HttpAnswer, send } from "../support/http_client.ts";
import { goRound, secureRoot } from "./going_round.ts";
import {
  documents,
  endpoints,
  extensionService,
  ingress,
  ingressRule,
  service,
  tlsSecret,
} from "./manifest.ts";

const to = { services: [{ name: "a", port: 80 }] };
const below = (prefix: string) => ({ conditions: [{ prefix }] });
const extensionRef = { namespace: "security", name: "all" };
const settings = {
  fallbackCertificate: { namespace: "default", name: "fallback" },
  globalAuthorization: {
    extensionRef,
    serviceType: "grpc",
    // Only servers that hang are to be late, however busy this machine is.
    responseTimeout: "5s",
    authPolicy: { context: { realm: "all", level: "low" } },
  },
} satisfies Partial<Settings>;

/** The servers, and a manifest of hosts that say this and that of authorization. */
async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issue = (...dnsNames: string[]) =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const backend = await startBackend({ name: "a" });
  const all = await startAuthorizer({ name: "all", protocol: "grpc" });
  const own = await startAuthorizer({ name: "own", protocol: "grpc" });
  const plainRoot = (fqdn: string, routes: readonly object[], virtualhost: object = {}) =>
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: fqdn.replace("*", "wildcard"), namespace: "default" },
      spec: { virtualhost: { fqdn, ...virtualhost }, routes },
    });
  const manifest = documents(
    tlsSecret("certificate", await issue("*.secure.test")),
    tlsSecret("fallback", await issue("fallback.test")),
    service("a", [backend]),
    service("own", [own]),
    service("all", [all], { namespace: "security" }),
    extensionService("all", { protocol: "h2c", services: [{ name: "all", port: 80 }] }, {
      namespace: "security",
    }),
    extensionService("own", { protocol: "h2c", services: [{ name: "own", port: 80 }] }),
    secureRoot("all.secure.test", {}, [
      { ...to, ...below("/open"), authPolicy: { disabled: true }, permitInsecure: true },
      {
        ...to,
        ...below("/admin"),
        authPolicy: { context: { level: "high" } },
        permitInsecure: true,
      },
      { ...below("/text"), directResponsePolicy: { statusCode: 200, body: "secret" } },
      to,
    ]),
    secureRoot("off.secure.test", { authorization: { authPolicy: { disabled: true } } }, [
      { ...to, ...below("/in"), authPolicy: { disabled: false } },
      { ...to, permitInsecure: true },
    ]),
    secureRoot("own.secure.test", {
      authorization: { extensionRef: { name: "own" }, responseTimeout: "5s" },
    }, [{ ...to, permitInsecure: true }]),
    secureRoot("fallback.secure.test", {
      tls: { secretName: "certificate", enableFallbackCertificate: true },
    }, [to]),
    plainRoot("plain.test", [
      { ...to, ...below("/open"), authPolicy: { disabled: true } },
      { ...to, ...below("/ws"), enableWebsockets: true },
      to,
    ]),
    plainRoot("*.wild.test", [to]),
    ingress("plain", [ingressRule("ingress.test", ["Prefix /", "a"])]),
    ingress("forced", [ingressRule("forced.secure.test", ["Prefix /", "a"])], {
      tls: [{ hosts: ["forced.secure.test"], secretName: "certificate" }],
      annotations: { "ingress.kubernetes.io/force-ssl-redirect": "true" },
    }),
  );
  return {
    ca: authority.certificate,
    servers: { all, own },
    manifest,
    async [Symbol.asyncDispose]() {
      for (const server of [backend, all, own]) await server[Symbol.asyncDispose]();
    },
  };
}

for (const layout of layouts) {
  Deno.test(`authorization of all hosts, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: stage.manifest, settings });
    const tls = { ca: stage.ca };
    const pass = { [passHeader]: goodPass };
    const plain = (host: string, path = "/", more: Partial<Question> = {}) =>
      gateway.ask({ host, path, ...more });
    const secure = (host: string, path = "/", more: Partial<Question> = {}) =>
      gateway.ask({ host, path, tls, ...more });

    await t.step("it is asked about requests with TLS and without", async () => {
      for (const ask of [() => secure("all.secure.test"), () => plain("plain.test")]) {
        denied(await ask(), "all does not know you");
      }
      assert.equal(user(await secure("all.secure.test", "/", { headers: pass })), "all");
      assert.equal(user(await plain("plain.test", "/", { headers: pass })), "all");
      denied(await secure("all.secure.test", "/text"));
      denied(await plain("a.wild.test"));
      denied(await plain("PLAIN.test:80"));
      assert.equal(user(await plain("a.wild.test", "/", { headers: pass })), "all");
    });

    await t.step("hosts and routes switch it off and on", async () => {
      assert.equal((await plain("plain.test", "/open")).headers["x-backend"], "a");
      assert.equal((await secure("all.secure.test", "/open")).headers["x-backend"], "a");
      assert.equal((await plain("all.secure.test", "/open")).headers["x-backend"], "a");
      assert.equal((await secure("off.secure.test")).headers["x-backend"], "a");
      assert.equal((await plain("off.secure.test")).headers["x-backend"], "a");
      denied(await secure("off.secure.test", "/in"));
    });

    await t.step("it is told the context, that of the route above that of all", async () => {
      const context = async (answer: Promise<HttpAnswer>) => {
        await answer;
        return stage.servers.all.checks.at(-1)?.context;
      };
      assert.deepEqual(await context(secure("all.secure.test", "/")), {
        realm: "all",
        level: "low",
      });
      assert.deepEqual(await context(plain("all.secure.test", "/admin")), {
        realm: "all",
        level: "high",
      });
      assert.deepEqual(await context(secure("off.secure.test", "/in")), {});
    });

    await t.step("whoever is sent to https is asked there", async () => {
      const before = stage.servers.all.checks.length;
      for (const host of ["all.secure.test", "forced.secure.test", "own.secure.test"]) {
        assert.equal((await plain(host)).status, 301, host);
      }
      assert.equal(stage.servers.all.checks.length, before);
    });

    await t.step("a host that names a server is asked of by that one alone", async () => {
      const before = stage.servers.all.checks.length;
      denied(await secure("own.secure.test"), "own does not know you");
      assert.equal(user(await secure("own.secure.test", "/", { headers: pass })), "own");
      assert.equal(stage.servers.all.checks.length, before);
    });

    await t.step("rules of Ingresses are checked too", async () => {
      denied(await plain("ingress.test"));
      denied(await secure("forced.secure.test"));
      assert.equal(user(await plain("ingress.test", "/", { headers: pass })), "all");
      assert.equal(user(await secure("forced.secure.test", "/", { headers: pass })), "all");
    });

    await t.step("and clients who name no host", async () => {
      const target = { address: gateway.place.address, port: gateway.place.https, tls };
      const host = "fallback.secure.test";
      denied(await send(target, { host }));
      assert.equal(user(await send(target, { host, headers: pass })), "all");
    });

    await t.step("a websocket is asked about before it opens", async () => {
      const upgrade = { connection: "Upgrade", upgrade: "websocket" };
      denied(await plain("plain.test", "/ws", { headers: upgrade }));
      const { address, http: port } = gateway.place;
      const socket = await connect({ address, port });
      const { promise, resolve } = Promise.withResolvers<string>();
      socket.once("data", (bytes) => resolve(String(bytes)));
      socket.write(
        `GET /ws HTTP/1.1\r\nhost: plain.test\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${passHeader}: ${goodPass}\r\n\r\n`,
      );
      assert.match(await promise, /^HTTP\/1.1 101 /);
      socket.destroy();
    });

    await t.step("no way leads round it", async () => {
      const attempts = await goRound({
        place: gateway.place,
        host: "all.secure.test",
        path: "/admin",
        openHost: "off.secure.test",
        openPath: "/open",
        ca: stage.ca,
      });
      const inside = attempts.filter(({ outcome, backend }) =>
        backend !== undefined || (typeof outcome === "number" && outcome < 300)
      );
      assert.deepEqual(inside, []);
      const without = attempts.filter(({ name, outcome }) =>
        name.startsWith("without TLS") && outcome === 401
      );
      assert.ok(without.length >= 4, JSON.stringify(attempts));
    });

    await t.step("endpoints of the server change without any host", async () => {
      const sent = await sentDuring(gateway, async () => {
        await gateway.apply(
          endpoints("all", [stage.servers.all, { port: 1 }], { namespace: "security" }),
        );
      });
      assert.deepEqual(sent, ["extension/security/all"]);
      await gateway.apply(endpoints("all", [stage.servers.all], { namespace: "security" }));
    });

    await t.step("without its ExtensionService nobody gets in who needs it", async () => {
      await gateway.remove(
        { kind: "EndpointSlice", namespace: "security", name: "all-1" },
        { kind: "ExtensionService", ...extensionRef },
      );
      for (const headers of [{}, pass]) {
        assert.equal((await secure("all.secure.test", "/", { headers })).status, 403);
        assert.equal((await plain("plain.test", "/", { headers })).status, 403);
        assert.equal((await plain("ingress.test", "/", { headers })).status, 403);
      }
      assert.equal((await secure("off.secure.test")).headers["x-backend"], "a");
      assert.equal(user(await secure("own.secure.test", "/", { headers: pass })), "own");
      assert.deepEqual(problems(gateway, "all.secure.test"), [
        "AuthError/ExtensionServiceNotFound",
      ]);
      assert.deepEqual(problems(gateway, "own.secure.test").filter(isError), []);
      // Of a route that switches it on.
      assert.deepEqual(problems(gateway, "off.secure.test"), [
        "AuthError/ExtensionServiceNotFound",
      ]);
    });

    await t.step("unless the configuration lets requests pass at failure", async () => {
      const globalAuthorization = { ...settings.globalAuthorization, failOpen: true };
      await configure(gateway, { ...settings, globalAuthorization });
      assert.equal((await secure("all.secure.test")).headers["x-backend"], "a");
      assert.equal((await plain("plain.test")).headers["x-backend"], "a");
      await configure(gateway, settings);
      assert.equal((await plain("plain.test")).status, 403);
    });

    await t.step("with its ExtensionService they come back", async () => {
      await gateway.apply(stage.manifest);
      assert.equal(user(await secure("all.secure.test", "/", { headers: pass })), "all");
      assert.equal(user(await plain("plain.test", "/", { headers: pass })), "all");
      denied(await plain("plain.test"));
      assert.deepEqual(problems(gateway, "all.secure.test"), []);
    });

    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  });
}

function denied({ status, body, headers }: HttpAnswer, words?: string): void {
  assert.deepEqual([status, headers["x-backend"]], [401, undefined]);
  if (words !== undefined) assert.equal(body, words);
}

/** Whose word let the request in, as the backend was told. */
function user({ status, body }: HttpAnswer): string | undefined {
  return status === 200 ? JSON.parse(body).headers["x-user"] : `status ${status}`;
}

async function configure(gateway: Gateway, settings: Partial<Settings>): Promise<void> {
  gateway.controller.translation.configure({ ...defaultSettings, ...settings });
  await gateway.settled();
}

/** Names of what Envoy took meanwhile. */
async function sentDuring(gateway: Gateway, act: () => Promise<void>): Promise<readonly string[]> {
  const before = gateway.controller.events.length;
  await act();
  return gateway.controller.events.slice(before).flatMap((event) =>
    event.kind === "acknowledged" ? event.resources.map(({ name }) => name) : []
  ).filter((name) => !/probe|ingress_http$/.test(name));
}

function problems({ controller }: Gateway, name: string): readonly string[] {
  const status = controller.translation.statuses.get(`HTTPProxy/default/${name}`);
  return (status?.diagnostics ?? []).map(({ condition }) =>
    `${condition?.type}/${condition?.reason}`
  );
}

function isError(problem: string): boolean {
  return problem !== "SpecError/IgnoredField";
}
