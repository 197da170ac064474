/** Limits of hosts with TLS, and by claims of tokens that the host verified. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../../../controller/certs/mod.ts";
import { keySet, signingKey } from "../../../../tests/support/issuer.ts";
import { layouts } from "../../../../tests/support/gateway.ts";
import { eventually } from "../../../../tests/support/wait.ts";
import { policy, startStage } from "./stage.ts";

for (const layout of layouts) {
  Deno.test(`${layout}: hosts with TLS, and claims`, async () => {
    const validity = validityAround(new Date(), 30);
    const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
    const issued = await authority.issue({
      dnsNames: ["api.test", "rules.test"],
      validity,
      algorithm: "ecdsa",
    });
    const key = signingKey("ours");
    const secret = (name: string, stringData: Readonly<Record<string, string>>, type: string) =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: "default" },
        type,
        stringData,
      });
    await using stage = await startStage({ layout });
    await stage.apply(
      secret("keys", { jwks: keySet(key) }, "Opaque"),
      secret(
        "api",
        { "tls.crt": issued.certificate, "tls.key": issued.privateKey },
        "kubernetes.io/tls",
      ),
      `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: api, namespace: default}
spec:
  virtualhost:
    fqdn: api.test
    tls: {secretName: api}
    jwtProviders:
    - {name: ours, default: true, localJWKS: {secretName: keys, key: jwks}}
  routes:
  - services: [{name: backend, port: 80}]
  - conditions: [{prefix: /open}]
    jwtVerificationPolicy: {disabled: true}
    services: [{name: backend, port: 80}]
`,
      `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: rules, namespace: default}
spec:
  virtualhost:
    fqdn: rules.test
    tls: {secretName: api}
  routes:
  - services: [{name: backend, port: 80}]
  - conditions: [{prefix: /limited}]
    services: [{name: backend, port: 80}]
    plugins:
      rateLimit:
        limits:
        - {requests: 10, unit: year, by: {requestHeaders: [x-user]},
           cost: {responseHeader: {name: x-tokens}}}
`,
      policy(
        "api",
        "{kind: HTTPProxy, name: api}",
        "[{name: user, requests: 2, unit: hour, by: {jwtClaims: [sub]}}, " +
          "{name: tenant, requests: 3, unit: hour, by: {jwtClaims: [tenant]}}]",
      ),
    );
    const asked = (sub: string, tenant: number, path = "/") => ({
      host: "api.test",
      path,
      ca: authority.certificate,
      headers: {
        authorization: `Bearer ${
          key.token({ sub, tenant, exp: Math.floor(Date.now() / 1_000) + 600 })
        }`,
      },
    });
    assert.deepEqual(await stage.statuses(3, asked("a", 1)), [200, 200, 429]);
    assert.deepEqual(await stage.statuses(1, asked("b", 2)), [200]);
    // One that is a number.
    assert.deepEqual(await stage.statuses(2, asked("c", 1)), [429, 429]);
    // What nobody verified is no claim, whatever it says.
    assert.deepEqual(await stage.statuses(3, asked("d", 4, "/open")), [200, 200, 429]);
    assert.deepEqual(await stage.statuses(1, asked("e", 5, "/open")), [429]);
    // Where a rule alone has limits, and what it needs of requests and responses.
    const rule = (path: string, user: string) => ({
      host: "rules.test",
      path,
      ca: authority.certificate,
      headers: { "x-user": user, "x-backend-reply": "x-tokens=11" },
    });
    assert.deepEqual(await stage.statuses(3, rule("/", "a")), [200, 200, 200]);
    assert.deepEqual(await stage.statuses(1, rule("/limited", "a")), [200]);
    await eventually("its cost is counted", async () => {
      return (await stage.ask(rule("/limited", "a"))).status === 429;
    });
    assert.deepEqual(await stage.statuses(1, rule("/limited", "b")), [200]);
    assert.deepEqual(stage.complaints(), []);
  });
}
