/** Servers that Envoy asks: how they are found and checked, what they may be asked at once, and what they are told. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { goodPass, passHeader, startAuthorizer } from "../support/authorizer.ts";
import { startBackend } from "../support/backend.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { keySet, signingKey, startKeyServer } from "../support/issuer.ts";
import { startRateLimiter } from "../support/rate_limiter.ts";
import { eventually } from "../support/wait.ts";
import { secureRoot } from "./going_round.ts";
import { caSecret, documents, extensionService, service, tlsSecret } from "./manifest.ts";

const to = { services: [{ name: "a", port: 80 }] };
const issuer = "https://issuer.test";

/** A host that asks an ExtensionService. */
const asking = (host: string, name: string, more: Readonly<Record<string, unknown>> = {}) =>
  secureRoot(`${host}.secure.test`, {
    authorization: { extensionRef: { name }, responseTimeout: "5s", ...more },
  }, [to]);

/** Of each kind of condition on headers one, in descriptors that bear its name. */
const conditions = {
  present: { present: true },
  notpresent: { notpresent: true },
  contains: { contains: "part", ignoreCase: true },
  notcontains: { notcontains: "part", treatMissingAsEmpty: true },
  exact: { exact: "all" },
  notexact: { notexact: "all", treatMissingAsEmpty: true },
  regex: { regex: "[a-z]+[0-9]" },
};

const descriptors = [
  ...Object.entries(conditions).map(([value, condition]) => ({
    entries: [{ requestHeaderValueMatch: { value, headers: [{ name: "x-kind", ...condition }] } }],
  })),
  {
    entries: [{
      requestHeaderValueMatch: {
        value: "unless",
        expectMatch: false,
        headers: [{ name: "x-kind", exact: "all" }],
      },
    }],
  },
];

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issue = (...dnsNames: string[]) =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const certificate = await issue("second.test");
  const backend = await startBackend({ name: "a" });
  const key = signingKey("one");
  const keys = await startKeyServer(keySet(key), certificate);
  const limiter = await startRateLimiter();
  const grpc = (name: string) => startAuthorizer({ name, protocol: "grpc" });
  const servers = {
    checked: await startAuthorizer({ name: "checked", protocol: "grpc", certificate }),
    one: await grpc("one"),
    two: await grpc("two"),
    http: await startAuthorizer({ name: "http", protocol: "http" }),
    slow: await startAuthorizer({ name: "slow", protocol: "http" }),
  };
  const subjectNames = ["first.test", "second.test"];
  const validation = { caSecret: "ca", subjectName: "first.test", subjectNames };
  const jwtProvider = (dnsLookupFamily: string, uri: string) => ({
    name: "main",
    default: true,
    issuer,
    remoteJWKS: { uri, dnsLookupFamily, validation, timeout: "5s" },
  });
  const manifest = documents(
    tlsSecret("certificate", await issue("*.secure.test")),
    caSecret("ca", authority.certificate),
    service("a", [backend]),
    service("both", [servers.one, servers.two]),
    service("limits", [limiter]),
    ...Object.entries(servers).map(([name, server]) => service(name, [server])),
    extensionService("checked", {
      protocolVersion: "v3",
      services: [{ name: "checked", port: 80 }],
      validation,
      timeoutPolicy: { idleConnection: "1m" },
    }),
    extensionService("balanced", {
      protocol: "h2c",
      services: [{ name: "both", port: 80 }],
      loadBalancerPolicy: { strategy: "RoundRobin" },
    }),
    extensionService("headers", {
      protocol: "http/1.1",
      services: [{ name: "http", port: 80 }],
    }),
    extensionService("limited", {
      protocol: "http/1.1",
      services: [{ name: "slow", port: 80 }],
      circuitBreakerPolicy: {
        maxConnections: 5,
        maxPendingRequests: 5,
        maxRequests: 1,
        maxRetries: 1,
        perHostMaxConnections: 5,
      },
    }),
    extensionService("limits", { protocol: "h2c", services: [{ name: "limits", port: 80 }] }),
    asking("checked", "checked", { withRequestBody: { maxRequestBytes: 100, packAsBytes: true } }),
    asking("balanced", "balanced"),
    asking("limited", "limited", { serviceType: "http" }),
    asking("headers", "headers", {
      serviceType: "http",
      httpSettings: {
        allowedAuthorizationHeaders: [
          { exact: passHeader },
          { prefix: "X-Begin", ignoreCase: true },
          { suffix: "-end" },
          { contains: "middle" },
        ],
        allowedUpstreamHeaders: [{ suffix: "-user" }, { contains: "SCOPE", ignoreCase: true }],
      },
    }),
    secureRoot("limits.secure.test", {}, [{
      ...to,
      rateLimitPolicy: { global: { descriptors } },
    }]),
    secureRoot("limits-of-host.secure.test", { rateLimitPolicy: { global: { descriptors } } }, [
      to,
    ]),
    secureRoot("keys.secure.test", {
      jwtProviders: [jwtProvider("v4", `https://127.0.0.1:${keys.port}/keys`)],
    }, [to]),
    // The server listens at an address of IPv4 alone.
    secureRoot("keys-v4.secure.test", {
      jwtProviders: [jwtProvider("v4", `https://keys.localhost:${keys.port}/keys`)],
    }, [to]),
    secureRoot("keys-v6.secure.test", {
      jwtProviders: [jwtProvider("v6", `https://keys.localhost:${keys.port}/keys`)],
    }, [to]),
  );
  return {
    ca: authority.certificate,
    token: key.token({ iss: issuer, exp: Math.floor(Date.now() / 1_000) + 600 }),
    servers,
    limiter,
    manifest,
    async [Symbol.asyncDispose]() {
      for (const server of [backend, keys, limiter, ...Object.values(servers)]) {
        await server[Symbol.asyncDispose]();
      }
    },
  };
}

for (const layout of layouts) {
  Deno.test(`servers that Envoy asks, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({
      layout,
      manifest: stage.manifest,
      settings: {
        rateLimitService: {
          extensionService: { namespace: "default", name: "limits" },
          domain: "gateway",
          failOpen: false,
          enableXRateLimitHeaders: false,
          enableResourceExhaustedCode: false,
        },
      },
    });
    const pass = { [passHeader]: goodPass };
    const ask = (name: string, headers: Readonly<Record<string, string>> = {}) =>
      gateway.ask({ host: `${name}.secure.test`, headers, tls: { ca: stage.ca } });

    await t.step("a server may bear one of several names, and gets the body as bytes", async () => {
      const { status } = await gateway.ask({
        host: "checked.secure.test",
        method: "POST",
        body: "bytes",
        headers: pass,
        tls: { ca: stage.ca },
      });
      assert.equal(status, 200);
      assert.equal(stage.servers.checked.checks.at(-1)?.body, "bytes");
    });

    await t.step("its endpoints take turns", async () => {
      for (let i = 0; i < 10; i++) assert.equal((await ask("balanced", pass)).status, 200);
      const counts = [stage.servers.one, stage.servers.two].map(({ checks }) => checks.length);
      assert.deepEqual(counts, [5, 5]);
    });

    await t.step("it is asked no more at once than it takes", async () => {
      const { slow } = stage.servers;
      slow.hangs = true;
      const first = ask("limited", pass);
      await eventually("the first check has arrived", () => slow.checks.length > 0);
      assert.equal((await ask("limited", pass)).status, 403);
      assert.equal(slow.checks.length, 1);
      assert.equal((await first).status, 403, "it never answered");
    });

    await t.step(
      "an HTTP server sees the headers that are allowed, by every way to name them",
      async () => {
        const sent = {
          "x-begin-1": "yes",
          "x-the-end": "yes",
          "x-the-middle-1": "yes",
          "the-x-begin": "no",
          "x-end-1": "no",
        };
        const { body } = await ask("headers", { ...pass, ...sent });
        const seen = stage.servers.http.checks.at(-1)?.headers ?? {};
        assert.deepEqual(
          Object.fromEntries(Object.keys(sent).map((name) => [name, seen[name] ?? "no"])),
          sent,
        );
        assert.equal(JSON.parse(body).headers["x-user"], "http");
      },
    );

    await t.step("descriptors by every condition on headers, of hosts and of routes", async () => {
      const told = async (host: string, value?: string) => {
        await ask(host, value === undefined ? {} : { "x-kind": value });
        return (stage.limiter.questions.at(-1)?.descriptors ?? [])
          .map((text) => text.split("=")[1]).sort();
      };
      for (const host of ["limits", "limits-of-host"]) {
        assert.deepEqual(await told(host), ["notcontains", "notexact", "notpresent", "unless"]);
        assert.deepEqual(await told(host, "all"), ["exact", "notcontains", "present"]);
        assert.deepEqual(await told(host, "A-PART"), [
          "contains",
          "notcontains",
          "notexact",
          "present",
          "unless",
        ]);
        assert.deepEqual(await told(host, "part1"), [
          "contains",
          "notexact",
          "present",
          "regex",
          "unless",
        ]);
      }
    });

    await t.step(
      "keys come from a server of one of several names, at addresses of a family",
      async () => {
        const authorization = `Bearer ${stage.token}`;
        for (const name of ["keys", "keys-v4"]) {
          assert.equal((await ask(name, { authorization })).status, 200, name);
          assert.equal((await ask(name)).status, 401, name);
        }
        assert.equal((await ask("keys-v6", { authorization })).status, 401);
      },
    );

    await t.step(
      "every request went to the rule that explain names; Envoy refused nothing",
      async () => {
        assert.deepEqual(await gateway.disagreements(), []);
        assert.deepEqual(gateway.controller.refusals, []);
      },
    );
  });
}
