/** Clients who name no host, or none we know. */
import assert from "node:assert/strict";
import type { TLSSocket } from "node:tls";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { startAuthorizer } from "../support/authorizer.ts";
import { startBackend } from "../support/backend.ts";
import { type Gateway, layouts, startGateway } from "../support/gateway.ts";
import { connect, send } from "../support/http_client.ts";
import { secureRoot } from "./going_round.ts";
import { documents, service, tlsSecret } from "./manifest.ts";

const to = (name: string) => ({ services: [{ name, port: 80 }] });
const flagged = { tls: { secretName: "certificate", enableFallbackCertificate: true } };

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const issue = (...dnsNames: string[]) =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const backends = {
    a: await startBackend({ name: "a" }),
    b: await startBackend({ name: "b" }),
    c: await startBackend({ name: "c" }),
  };
  const authorizer = await startAuthorizer({ name: "grpc", protocol: "grpc" });
  const manifest = documents(
    tlsSecret("certificate", await issue("*.secure.test")),
    tlsSecret("fallback", await issue("fallback.test"), { namespace: "admin" }),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "TLSCertificateDelegation",
      metadata: { name: "fallback", namespace: "admin" },
      spec: { delegations: [{ secretName: "fallback", targetNamespaces: ["default"] }] },
    }),
    ...Object.entries(backends).map(([name, backend]) => service(name, [backend])),
    service("authorizer", [authorizer]),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1alpha1",
      kind: "ExtensionService",
      metadata: { name: "authorizer", namespace: "default" },
      spec: { protocol: "h2c", services: [{ name: "authorizer", port: 80 }] },
    }),
    secureRoot("one.secure.test", flagged, [
      { conditions: [{ prefix: "/b" }], ...to("b") },
      to("a"),
    ]),
    secureRoot("two.secure.test", flagged, [to("b")]),
    secureRoot("unflagged.secure.test", {}, [to("c")]),
    secureRoot("protected.secure.test", {
      authorization: { extensionRef: { name: "authorizer" }, responseTimeout: "5s" },
    }, [to("c")]),
  );
  return {
    ca: authority.certificate,
    manifest,
    async [Symbol.asyncDispose]() {
      for (const server of [authorizer, ...Object.values(backends)]) {
        await server[Symbol.asyncDispose]();
      }
    },
  };
}

for (const layout of layouts) {
  Deno.test(`the fallback certificate, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({
      layout,
      manifest: stage.manifest,
      settings: { fallbackCertificate: { namespace: "admin", name: "fallback" } },
      envoy: { runtime: { settings: { "re2.max_program_size.error_level": "100" } } },
    });
    const { place: { address, https: port } } = gateway;
    const target = (serverName?: string) => ({
      address,
      port,
      tls: { ca: stage.ca, ...(serverName === undefined ? {} : { serverName }) },
    });
    /** Who answers a request on a connection for that name; absent: for none. */
    const ask = async (host: string, path = "/", serverName?: string) => {
      const { status, headers } = await send(target(serverName), { host, path });
      return headers["x-backend"] ?? status;
    };

    await t.step(
      "hosts that ask for it are found by their requests, where no name was given",
      async () => {
        assert.equal(await ask("one.secure.test"), "a");
        assert.equal(await ask("one.secure.test", "/b"), "b");
        assert.equal(await ask("two.secure.test"), "b");
        assert.equal(await ask("One.Secure.test:443"), "a");
        assert.deepEqual(await namesOnCertificate(gateway, stage.ca), "DNS:fallback.test");
      },
    );

    await t.step(
      "and where the name is unknown, so that the certificate does not fit",
      async () => {
        assert.equal(await ask("one.secure.test", "/", "fallback.test"), "a");
        await assert.rejects(ask("one.secure.test", "/", "unknown.secure.test"), /altnames/);
      },
    );

    await t.step(
      "named connections are as before: each for its own host, with its own certificate",
      async () => {
        assert.equal(await ask("one.secure.test", "/", "one.secure.test"), "a");
        assert.equal(await ask("two.secure.test", "/", "one.secure.test"), 421);
        assert.equal(await ask("one.secure.test", "/", "unflagged.secure.test"), 421);
      },
    );

    await t.step("nobody gets to other hosts that way", async () => {
      for (const host of ["unflagged.secure.test", "protected.secure.test", "nobody.test", ""]) {
        for (const written of [host, host.toUpperCase(), `${host}:443`, `${host}.`]) {
          for (const serverName of [undefined, "fallback.test"]) {
            const found = await ask(written, "/", serverName);
            assert.ok(found === 404 || found === 400, `${written}: ${found}`);
          }
        }
      }
      const absolute = await send(target(), {
        host: "one.secure.test",
        path: "https://protected.secure.test/",
      });
      assert.equal(absolute.status, 404);
    });

    await t.step("a host that Envoy refuses there costs the others nothing", async () => {
      const regex = (fqdn: string) =>
        secureRoot(fqdn, flagged, [{
          // Larger than this Envoy takes.
          conditions: [{ regex: "/a{200}" }],
          ...to("a"),
        }]);
      await gateway.apply(documents(
        regex("odd.secure.test"),
        secureRoot("three.secure.test", flagged, [to("c")]),
      ));
      assert.equal(await ask("three.secure.test"), "c");
      assert.equal(await ask("one.secure.test"), "a");
      const named = new Set(
        gateway.controller.refusals.flatMap(({ objects }) => objects.map(({ name }) => name)),
      );
      assert.deepEqual([...named], ["odd.secure.test"]);
      await gateway.remove(...["odd", "three"].map((name) => key(`${name}.secure.test`)));
      assert.equal(await ask("three.secure.test"), 404);
    });

    await t.step(
      "without the delegation such hosts are closed; with it they come back",
      async () => {
        await gateway.remove({
          kind: "TLSCertificateDelegation",
          namespace: "admin",
          name: "fallback",
        });
        await assert.rejects(ask("one.secure.test"));
        await assert.rejects(ask("one.secure.test", "/", "one.secure.test"));
        assert.equal(await ask("unflagged.secure.test", "/", "unflagged.secure.test"), "c");
        await gateway.apply(stage.manifest);
        assert.equal(await ask("one.secure.test"), "a");
      },
    );

    await t.step("with the last host that asks for it, it goes", async () => {
      await gateway.apply(documents(
        secureRoot("one.secure.test", {}, [to("a")]),
        secureRoot("two.secure.test", {}, [to("b")]),
      ));
      await assert.rejects(ask("one.secure.test"));
      assert.equal(await ask("one.secure.test", "/", "one.secure.test"), "a");
    });
  });
}

function key(name: string) {
  return { kind: "HTTPProxy", namespace: "default", name } as const;
}

/** The names on the certificate that is shown to a client who names no host. */
async function namesOnCertificate({ place }: Gateway, ca: string): Promise<string | undefined> {
  const socket = await connect({ address: place.address, port: place.https, tls: { ca } });
  const { subjectaltname } = (socket as TLSSocket).getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}
