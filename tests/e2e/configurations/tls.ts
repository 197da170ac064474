import assert from "node:assert/strict";
import type { ClientTls } from "../../support/http_client.ts";
import { root } from "../manifest.ts";
import type { ConfigurationCase, ConfigurationScene } from "./configuration_case.ts";

const host = "host.secure.test";
const secure = root(host, "routes: [{ services: [{ name: a, port: 80 }] }]", {
  tls: "{ secretName: certificate }",
});

const only = (version: "TLSv1.2" | "TLSv1.3") => ({ minVersion: version, maxVersion: version });

async function works({ ask, ca }: ConfigurationScene, tls: Partial<ClientTls>): Promise<void> {
  assert.equal((await ask({ host, tls: { ca, ...tls } })).headers["x-backend"], "a");
}

async function refused({ ask, ca }: ConfigurationScene, tls: Partial<ClientTls>): Promise<void> {
  await assert.rejects(ask({ host, tls: { ca, ...tls } }));
}

/** What clients notice of TLS. */
export const tls: readonly ConfigurationCase[] = [
  {
    name: "a lowest version",
    configuration: `tls: { minimum-protocol-version: "1.3" }`,
    manifest: secure,
    async check(scene) {
      await works(scene, only("TLSv1.3"));
      await refused(scene, only("TLSv1.2"));
    },
  },
  {
    name: "a highest version",
    configuration: `tls: { maximum-protocol-version: "1.2" }`,
    manifest: secure,
    async check(scene) {
      await works(scene, only("TLSv1.2"));
      await refused(scene, only("TLSv1.3"));
    },
  },
  {
    name: "ciphers up to TLS 1.2: here for another kind of certificate",
    configuration: "tls: { cipher-suites: [ECDHE-RSA-AES128-GCM-SHA256] }",
    manifest: secure,
    async check(scene) {
      await works(scene, only("TLSv1.3"));
      await refused(scene, only("TLSv1.2"));
    },
  },
  {
    name: "curves: one that clients of Deno have",
    configuration: "tls: { ecdh-curves: [P-384] }",
    manifest: secure,
    check: (scene) => works(scene, {}),
  },
  {
    name: "curves: one that they do not have",
    configuration: "tls: { ecdh-curves: [P-521] }",
    manifest: secure,
    check: (scene) => refused(scene, {}),
  },
];
