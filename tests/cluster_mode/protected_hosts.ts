/** Hosts whose requests are looked at by others: servers of authorization, and issuers of tokens. */
import assert from "node:assert/strict";
import type { Stage } from "../e2e/stage.ts";
import { goodPass, passHeader, startAuthorizer } from "../support/authorizer.ts";
import type { Manifest } from "../support/cluster/mod.ts";
import type { ListenPlace } from "../support/envoy.ts";
import { askAt } from "../support/gateway.ts";
import { keySet, signingKey, startKeyServer } from "../support/issuer.ts";
import { serviceAt } from "./edge.ts";
import { startGate } from "./gate.ts";

/** Starts those servers at an address of Pods. */
export async function protectHosts(stage: Stage, address: string): Promise<ProtectedHosts> {
  const authorizer = await startAuthorizer({ name: "guard", protocol: "grpc" });
  const remote = signingKey("remote");
  const local = signingKey("local", "EdDSA");
  const keys = await startKeyServer(keySet(remote), stage.certificate);
  const pod = await startGate({ at: address, to: { host: "127.0.0.1", port: authorizer.port } });
  const host = (fqdn: string, virtualhost: object): Manifest => ({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: fqdn, namespace: "default" },
    spec: {
      virtualhost: { fqdn, tls: { secretName: "certificate" }, ...virtualhost },
      routes: [{ services: [{ name: "a", port: 80 }] }],
    },
  });
  const tokens = (fqdn: string, provider: object) =>
    host(fqdn, { jwtProviders: [{ name: "main", default: true, ...provider }] });
  return {
    manifests: [
      ...serviceAt({ namespace: "default", name: "guard", address, port: pod.port }),
      {
        apiVersion: "projectcontour.io/v1alpha1",
        kind: "ExtensionService",
        metadata: { name: "guard", namespace: "default" },
        spec: { protocol: "h2c", services: [{ name: "guard", port: 80 }] },
      },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "keys", namespace: "default" },
        type: "Opaque",
        stringData: { jwks: keySet(local) },
      },
      host("guarded.secure.test", {
        authorization: { extensionRef: { name: "guard" }, responseTimeout: "5s" },
      }),
      tokens("remote-keys.secure.test", {
        remoteJWKS: {
          uri: `https://127.0.0.1:${keys.port}/keys`,
          timeout: "5s",
          validation: { caSecret: "ca", subjectName: "keys.secure.test" },
        },
      }),
      tokens("local-keys.secure.test", { localJWKS: { secretName: "keys", key: "jwks" } }),
    ],
    async check(place) {
      const exp = Math.floor(Date.now() / 1_000) + 600;
      const bearer = (key: typeof local) => ({ authorization: `Bearer ${key.token({ exp })}` });
      const rows = [
        ["guarded.secure.test", { [passHeader]: goodPass }, { [passHeader]: "bad" }],
        ["remote-keys.secure.test", bearer(remote), bearer(local)],
        ["local-keys.secure.test", bearer(local), bearer(remote)],
      ] as const;
      for (const [host, good, bad] of rows) {
        const answer = async (headers: Readonly<Record<string, string>>) =>
          (await askAt(place, { host, headers, tls: { ca: stage.ca } })).status;
        const answers = [await answer(good), await answer(bad), await answer({})];
        assert.deepEqual(answers, [200, 401, 401], host);
      }
      assert.equal(authorizer.checks.every(({ host }) => host === "guarded.secure.test"), true);
    },
    async [Symbol.asyncDispose]() {
      for (const server of [pod, authorizer, keys]) await server[Symbol.asyncDispose]();
    },
  };
}

/** See {@link protectHosts}. */
export interface ProtectedHosts extends AsyncDisposable {
  readonly manifests: readonly Manifest[];
  /** Asks an Envoy for each host with what gets in, and with what does not. */
  check(place: ListenPlace): Promise<void>;
}
