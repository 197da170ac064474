/** A rate limit service of our own, asked about the requests of all hosts. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { startBackend } from "../support/backend.ts";
import { type Gateway, layouts, type Question, startGateway } from "../support/gateway.ts";
import { startRateLimiter } from "../support/rate_limiter.ts";
import { secureRoot } from "./going_round.ts";
import {
  documents,
  extensionService,
  ingress,
  ingressRule,
  root,
  service,
  tlsSecret,
} from "./manifest.ts";

const settings = {
  rateLimitService: {
    extensionService: { namespace: "limits", name: "limits" },
    domain: "gateway",
    failOpen: false,
    enableXRateLimitHeaders: true,
    enableResourceExhaustedCode: true,
    defaultPolicy: { descriptors: [{ entries: [{ genericKey: { value: "default" } }] }] },
  },
} satisfies Partial<Settings>;

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const backend = await startBackend({ name: "a" });
  const limiter = await startRateLimiter();
  const manifest = documents(
    tlsSecret(
      "certificate",
      await authority.issue({ dnsNames: ["*.secure.test"], validity, algorithm: "ecdsa" }),
    ),
    service("a", [backend]),
    service("limits", [limiter], { namespace: "limits" }),
    // Only servers that hang are to be late, however busy this machine is.
    extensionService("limits", {
      protocol: "h2c",
      timeoutPolicy: { response: "5s" },
      services: [{ name: "limits", port: 80 }],
    }, { namespace: "limits" }),
    root("default.test", "routes: [{ services: [{ name: a, port: 80 }] }]"),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: "off.test", namespace: "default" },
      spec: {
        virtualhost: { fqdn: "off.test", rateLimitPolicy: { global: { disabled: true } } },
        routes: [{ services: [{ name: "a", port: 80 }] }],
      },
    }),
    secureRoot("own.secure.test", {
      rateLimitPolicy: {
        global: {
          descriptors: [{
            entries: [
              { remoteAddress: {} },
              { requestHeader: { headerName: "x-user", descriptorKey: "user" } },
            ],
          }],
        },
      },
    }, [
      {
        conditions: [{ prefix: "/free" }],
        services: [{ name: "a", port: 80 }],
        rateLimitPolicy: { global: { disabled: true } },
      },
      {
        conditions: [{ prefix: "/search" }],
        services: [{ name: "a", port: 80 }],
        rateLimitPolicy: {
          global: {
            descriptors: [
              { entries: [{ genericKey: { key: "route", value: "search" } }] },
              {
                entries: [{
                  requestHeaderValueMatch: {
                    headers: [{ name: "x-plan", exact: "free" }],
                    value: "free-plan",
                  },
                }],
              },
            ],
          },
        },
      },
      { services: [{ name: "a", port: 80 }] },
    ]),
    ingress("ingress", [ingressRule("ingress.test", ["Prefix /", "a"])]),
  );
  return {
    ca: authority.certificate,
    limiter,
    manifest,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await limiter[Symbol.asyncDispose]();
    },
  };
}

for (const layout of layouts) {
  Deno.test(`a rate limit service, ${layout}`, async (t) => {
    await using stage = await setStage();
    const { limiter } = stage;
    await using gateway = await startGateway({ layout, manifest: stage.manifest, settings });
    const tls = { ca: stage.ca };
    const status = async (host: string, path = "/", more: Partial<Question> = {}) =>
      (await gateway.ask({ host, path, ...more })).status;
    const asked = async (act: () => Promise<unknown>) => {
      const before = limiter.questions.length;
      await act();
      return limiter.questions.slice(before);
    };

    await t.step("hosts without their own descriptors have the default", async () => {
      limiter.limits.set("generic_key=default", 2);
      const questions = await asked(async () => {
        assert.deepEqual(
          [
            await status("default.test"),
            await status("default.test"),
            await status("default.test"),
          ],
          [200, 200, 429],
        );
      });
      assert.deepEqual(questions[0], { domain: "gateway", descriptors: ["generic_key=default"] });
      const { headers } = await gateway.ask({ host: "default.test" });
      assert.match(headers["x-ratelimit-limit"] ?? "", /^2,/);
      assert.equal(headers["x-ratelimit-remaining"], "0");
    });

    await t.step("unless they refuse it, or stem from an Ingress", async () => {
      const questions = await asked(async () => {
        assert.equal(await status("off.test"), 200);
        assert.equal(await status("ingress.test"), 200);
      });
      assert.deepEqual(questions, []);
    });

    await t.step("descriptors of the host say who asks, over TLS too", async () => {
      limiter.limits.set("remote_address=127.0.0.1,user=one", 1);
      const ask = (user: string) =>
        status("own.secure.test", "/", { tls, headers: { "x-user": user } });
      assert.deepEqual([await ask("one"), await ask("one"), await ask("two")], [200, 429, 200]);
    });

    await t.step("routes have their own, or none", async () => {
      const headers = { "x-user": "one", "x-plan": "free" };
      const question = { tls, headers };
      assert.deepEqual(await asked(() => status("own.secure.test", "/free", question)), []);
      const [search] = await asked(() => status("own.secure.test", "/search", question));
      assert.deepEqual(search?.descriptors, ["route=search", "header_match=free-plan"]);
      limiter.limits.set("header_match=free-plan", 1);
      assert.equal(await status("own.secure.test", "/search", question), 429);
      assert.equal(await status("own.secure.test", "/search", { tls }), 200);
    });

    await t.step("gRPC clients are told that something is exhausted", async () => {
      const { status, headers } = await gateway.ask({
        host: "own.secure.test",
        tls,
        httpVersion: "2",
        method: "POST",
        headers: { "x-user": "one", "content-type": "application/grpc", te: "trailers" },
      });
      assert.deepEqual([status, headers["grpc-status"]], [200, "8"]);
    });

    await t.step("without the service those with limits are closed, the others open", async () => {
      const key = { namespace: "limits", name: "limits" };
      await gateway.remove({ kind: "ExtensionService", ...key });
      assert.equal(await status("default.test"), 500);
      assert.equal(await status("off.test"), 200);
      const rateLimitService = { ...settings.rateLimitService, failOpen: true };
      await configure(gateway, { rateLimitService });
      assert.equal(await status("default.test"), 200);
      await configure(gateway, settings);
      await gateway.apply(stage.manifest);
      limiter.forget();
      assert.equal(await status("default.test"), 200);
    });

    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  });
}

async function configure(gateway: Gateway, settings: Partial<Settings>): Promise<void> {
  gateway.controller.translation.configure({ ...defaultSettings, ...settings });
  await gateway.settled();
}
