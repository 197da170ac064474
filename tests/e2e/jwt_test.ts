/** Tokens of real issuers, forged ones, and attempts to get by without any. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { startBackend } from "../support/backend.ts";
import { type Gateway, layouts, startGateway } from "../support/gateway.ts";
import {
  type Claims,
  confusedToken,
  keySet,
  signingKey,
  startKeyServer,
  unsignedToken,
} from "../support/issuer.ts";
import { eventually } from "../support/wait.ts";
import { goRound, secureRoot } from "./going_round.ts";
import { caSecret, documents, service, tlsSecret } from "./manifest.ts";

const to = { services: [{ name: "a", port: 80 }] };
const below = (prefix: string) => ({ conditions: [{ prefix }] });
const issuer = "https://issuer.test";

/** Sizes and kinds of keys that are odd, and which Envoy takes or passes over. */
function oddKeySets(): Readonly<Record<string, string>> {
  const good = signingKey("good").jwk;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey.export({
    format: "jwk",
  });
  const set = (...keys: readonly unknown[]) => JSON.stringify({ keys });
  return {
    "small-rsa": set(rsa),
    "padded": set({ ...rsa, n: `${rsa.n}==` }),
    "some-unusable": set("x", { kty: "AES" }, { kty: "RSA", n: "abcd", e: "AQAB" }, good),
    "shared": set({ kty: "oct", k: "c2VjcmV0" }),
    "shared-with-loose-bits": set({ kty: "oct", k: "c2Vjcn=" }),
    "odd-types": set({ ...good, kid: 7, alg: ["ES256"] }),
    "much-else": JSON.stringify({
      deep: JSON.parse("[".repeat(1_000) + "]".repeat(1_000)),
      large: 1e300,
      keys: [{ ...good, kid: "\ud800", x5c: [1, 2] }],
    }),
    "said-twice": `{"keys": [], "keys": [${JSON.stringify(good)}]}`,
  };
}

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const stranger = await makeAuthority({ commonName: "Stranger", validity, algorithm: "ecdsa" });
  const issue = (...dnsNames: string[]) =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const backend = await startBackend({ name: "a" });
  const keys = { first: signingKey("first"), second: signingKey("second", "RS256") };
  const local = signingKey("local", "EdDSA");
  const certificate = await issue("keys.test");
  const remote = await startKeyServer(keySet(keys.first), certificate);
  const rotating = await startKeyServer(keySet(keys.first));
  const oddities = Object.entries(oddKeySets());
  const uri = `https://127.0.0.1:${remote.port}/keys`;
  const checked = { caSecret: "ca", subjectName: "keys.test" };
  const secret = (name: string, jwks: string) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "default" },
      type: "Opaque",
      stringData: { jwks },
    });
  const manifest = documents(
    tlsSecret("certificate", await issue("*.secure.test")),
    caSecret("ca", authority.certificate),
    caSecret("stranger-ca", stranger.certificate),
    service("a", [backend]),
    secret("keys", keySet(local)),
    secureRoot("remote.secure.test", {
      jwtProviders: [
        {
          name: "main",
          default: true,
          issuer,
          audiences: ["shop", "blog"],
          remoteJWKS: { uri, validation: checked, timeout: "5s" },
        },
        { name: "ours", forwardJWT: true, localJWKS: { secretName: "keys", key: "jwks" } },
      ],
    }, [
      {
        ...to,
        ...below("/open"),
        jwtVerificationPolicy: { disabled: true },
        permitInsecure: true,
      },
      { ...to, ...below("/ours"), jwtVerificationPolicy: { require: "ours" } },
      { ...to, ...below("/theirs"), jwtVerificationPolicy: { require: "theirs" } },
      {
        ...below("/text"),
        permitInsecure: true,
        directResponsePolicy: { statusCode: 200, body: "secret" },
      },
      { ...below("/moved"), requestRedirectPolicy: { path: "/" } },
      { ...to, permitInsecure: true },
    ]),
    secureRoot("strange.secure.test", {
      jwtProviders: [{
        name: "main",
        default: true,
        remoteJWKS: { uri, validation: { ...checked, caSecret: "stranger-ca" }, timeout: "5s" },
      }],
    }, [to]),
    secureRoot("another-name.secure.test", {
      jwtProviders: [{
        name: "main",
        default: true,
        remoteJWKS: { uri, validation: { ...checked, subjectName: "other.test" }, timeout: "5s" },
      }],
    }, [to]),
    secureRoot("rotating.secure.test", {
      jwtProviders: [{
        name: "main",
        default: true,
        remoteJWKS: {
          uri: `http://127.0.0.1:${rotating.port}/rotating`,
          cacheDuration: "50ms",
          timeout: "5s",
        },
      }],
    }, [to]),
    ...oddities.flatMap(([name, jwks]) => [
      secret(name, jwks),
      secureRoot(`${name}.secure.test`, {
        jwtProviders: [{
          name: "odd",
          default: true,
          localJWKS: { secretName: name, key: "jwks" },
        }],
      }, [to]),
    ]),
    secureRoot("free.secure.test", {}, [to]),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: "plain", namespace: "default" },
      spec: {
        virtualhost: { fqdn: "plain.test" },
        routes: [{ ...to, jwtVerificationPolicy: { require: "nobody" } }],
      },
    }),
  );
  return {
    ca: authority.certificate,
    keys: { ...keys, local },
    rotating,
    oddities: oddities.map(([name]) => name),
    manifest,
    async [Symbol.asyncDispose]() {
      for (const server of [backend, remote, rotating]) await server[Symbol.asyncDispose]();
    },
  };
}

const seconds = () => Math.floor(Date.now() / 1_000);

/** What a good token says. */
const claims = (): Claims => ({ iss: issuer, aud: "shop", sub: "me", exp: seconds() + 600 });

for (const layout of layouts) {
  Deno.test(`tokens of issuers of our own, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: stage.manifest });
    const { first, second, local } = stage.keys;
    const ask = (host: string, path: string, token?: string) =>
      gateway.ask({
        host,
        path,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        tls: { ca: stage.ca },
      });
    const status = async (host: string, path: string, token?: string) =>
      (await ask(host, path, token)).status;
    const host = "remote.secure.test";

    await t.step("a good token gets in, and the backend does not see it", async () => {
      const answer = await ask(host, "/", first.token(claims()));
      assert.equal(answer.headers["x-backend"], "a");
      assert.equal(JSON.parse(answer.body).headers["authorization"], undefined);
      assert.equal(await status(host, "/", first.token({ ...claims(), aud: ["x", "blog"] })), 200);
    });

    await t.step("forged, late and foreign tokens do not", async () => {
      const good = first.token(claims());
      const [head = "", body = "", signature = ""] = good.split(".");
      const bad: Readonly<Record<string, string>> = {
        "signed by another": signingKey("first").token(claims()),
        "of a key that is not in the set": second.token(claims()),
        "of another provider": local.token(claims()),
        "unsigned": unsignedToken(claims()),
        "signed with the public key": confusedToken(first, claims()),
        "expired": first.token({ ...claims(), exp: seconds() - 600 }),
        "not yet valid": first.token({ ...claims(), nbf: seconds() + 600 }),
        "of another issuer": first.token({ ...claims(), iss: "https://other.test" }),
        "for somebody else": first.token({ ...claims(), aud: "bank" }),
        "without a signature": `${head}.${body}.`,
        "changed": `${head}.${body.slice(0, -2)}AA.${signature}`,
        "no token": "token",
        "empty": "",
      };
      for (const [name, token] of Object.entries(bad)) {
        const answer = await ask(host, "/", token);
        assert.ok([401, 403].includes(answer.status), `${name}: ${answer.status}`);
        assert.equal(answer.headers["x-backend"], undefined, name);
      }
      assert.equal(await status(host, "/"), 401);
    });

    await t.step("routes choose their provider, or none", async () => {
      assert.equal(await status(host, "/open/x"), 200);
      assert.equal(await status(host, "/ours", first.token(claims())), 401);
      const token = local.token({ sub: "me" });
      const answer = await ask(host, "/ours", token);
      assert.equal(JSON.parse(answer.body).headers["authorization"], `Bearer ${token}`);
    });

    await t.step("answers that Envoy gives itself are protected too", async () => {
      for (const path of ["/text", "/moved"]) assert.equal(await status(host, path), 401, path);
      assert.equal((await ask(host, "/text", first.token(claims()))).body, "secret");
      assert.equal(await status(host, "/moved", first.token(claims())), 302);
    });

    await t.step(
      "a provider that is not defined closes its routes, with TLS or without",
      async () => {
        assert.equal(await status(host, "/theirs", first.token(claims())), 503);
        assert.equal((await gateway.ask({ host: "plain.test" })).status, 503);
        const undefinedProvider = ["JWTVerificationError/JWTProviderNotDefined"];
        assert.deepEqual(errors(gateway, host), undefinedProvider);
        assert.deepEqual(errors(gateway, "plain"), undefinedProvider);
      },
    );

    await t.step("without TLS only what is open to all is served", async () => {
      const plain = async (path: string) => (await gateway.ask({ host, path })).status;
      assert.equal(await plain("/open"), 200);
      for (const path of ["/", "/ours", "/theirs", "/text", "/moved"]) {
        assert.equal(await plain(path), 301, path);
      }
    });

    await t.step("keys come only from a server that shows the right certificate", async () => {
      for (const host of ["strange.secure.test", "another-name.secure.test"]) {
        assert.equal(await status(host, "/", first.token(claims())), 401, host);
      }
    });

    await t.step("keys rotate", async () => {
      const host = "rotating.secure.test";
      assert.equal(await status(host, "/", first.token(claims())), 200);
      stage.rotating.keys = keySet(second);
      await eventually(
        "the new key counts",
        async () => await status(host, "/", second.token(claims())) === 200,
      );
      await eventually(
        "the old one does not",
        async () => await status(host, "/", first.token(claims())) === 401,
      );
      assert.equal(new Set(stage.rotating.asked).size, 1);
    });

    await t.step("no way leads round it", async () => {
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
      assert.deepEqual(inside, []);
    });

    await t.step(
      "odd key sets are taken by Envoy in the form they are sent, and let nobody in",
      async () => {
        for (const name of stage.oddities) {
          const host = `${name}.secure.test`;
          assert.deepEqual(errors(gateway, host), [], name);
          assert.equal(await status(host, "/"), 401, name);
        }
        assert.deepEqual(gateway.controller.refusals, []);
      },
    );

    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
    });
  });
}

function errors({ controller }: Gateway, name: string): readonly string[] {
  const status = controller.translation.statuses.get(`HTTPProxy/default/${name}`);
  return (status?.diagnostics ?? []).filter(({ severity }) => severity === "error")
    .map(({ condition }) => `${condition?.type}/${condition?.reason}`);
}
