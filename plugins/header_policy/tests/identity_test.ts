/** Who asks, in headers: claims of a token that was checked, and the certificate of a client. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../../controller/certs/mod.ts";
import { inProcess } from "../../../controller/plugin/mod.ts";
import { layouts, startGateway } from "../../../tests/support/gateway.ts";
import { keySet, signingKey } from "../../../tests/support/issuer.ts";
import plugin from "../mod.ts";
import { type Received, startEcho } from "./backend.ts";
import { echo } from "./stage.ts";

const fqdn = "identity.policies.test";

Deno.test("claims and client certificates come out in headers", async () => {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issue = (name: string) =>
    authority.issue({ dnsNames: [name], validity, algorithm: "ecdsa" });
  const [server, client] = [await issue(fqdn), await issue("ann.clients.test")];
  const key = signingKey("one");
  const secret = (name: string, stringData: Readonly<Record<string, string>>) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "identity" },
      type: "Opaque",
      stringData,
    });
  await using backend = await startEcho();
  const manifest = [
    secret("certificate", { "tls.crt": server.certificate, "tls.key": server.privateKey }),
    secret("ca", { "ca.crt": authority.certificate }),
    secret("keys", { jwks: keySet(key) }),
    echo("identity", backend.port),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: "identity", namespace: "identity" },
      spec: {
        virtualhost: {
          fqdn,
          tls: { secretName: "certificate", clientValidation: { caSecret: "ca" } },
          jwtProviders: [{
            name: "ours",
            default: true,
            issuer: "https://issuer.test",
            localJWKS: { secretName: "keys", key: "jwks" },
          }],
          plugins: {
            headers: {
              request: [
                { set: { name: "x-user", value: "%JWT(sub)%" } },
                { set: { name: "x-role", value: "%JWT(realm:role)%" } },
                { set: { name: "x-client", value: "%DOWNSTREAM_PEER_DNS_SAN%" } },
                {
                  when: { requestHeaders: [{ name: "x-user", equals: "ann" }] },
                  set: { name: "x-hello", value: "%JWT(sub)% of %CONTOUR_NAMESPACE%" },
                },
              ],
            },
          },
        },
        routes: [{ services: [{ name: "echo", port: 80 }] }],
      },
    }),
  ].join("\n---\n");
  for (const layout of layouts) {
    await using gateway = await startGateway({
      layout,
      manifest,
      plugins: { requested: [{ plugin: inProcess(plugin), from: "test" }] },
    });
    const token = key.token({ iss: "https://issuer.test", sub: "ann", exp: 4_102_444_800 });
    const { status, body } = await gateway.ask({
      host: fqdn,
      tls: { ca: authority.certificate, certificate: client },
      headers: { authorization: `Bearer ${token}`, "x-user": "eve", "x-role": "admin" },
    });
    assert.equal(status, 200, body);
    const { headers } = JSON.parse(body) as Received;
    const names = ["x-user", "x-client", "x-hello", "x-role"];
    assert.deepEqual(names.map((name) => headers[name]?.join()), [
      "ann",
      "ann.clients.test",
      "ann of identity",
      // The token does not say it, and the client does not get to.
      undefined,
    ]);
    assert.deepEqual(gateway.controller.refusals, []);
  }
});
