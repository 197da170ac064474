/** The certificate that Envoy shows to Services and ExtensionServices that ask for one. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { goodPass, passHeader, startAuthorizer } from "../support/authorizer.ts";
import { startBackend } from "../support/backend.ts";
import { startDemandingBackend } from "../support/demanding_backend.ts";
import { type Gateway, layouts, startGateway } from "../support/gateway.ts";
import { send } from "../support/http_client.ts";
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

const secret = { namespace: "admin", name: "envoy" };

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = (commonName: string) =>
    makeAuthority({ commonName, validity, algorithm: "ecdsa" });
  const [ours, clients, stranger] = [
    await authority("Ours"),
    await authority("Clients"),
    await authority("Stranger"),
  ];
  const certificate = await ours.issue({
    dnsNames: ["*.secure.test"],
    validity,
    algorithm: "ecdsa",
  });
  const shown = async (by: typeof ours, name: string) =>
    tlsSecret(secret.name, await by.issue({ dnsNames: [name], validity, algorithm: "ecdsa" }), {
      namespace: secret.namespace,
    });
  const backend = await startBackend({ name: "a" });
  const clientCa = clients.certificate;
  const demanding = await startDemandingBackend({ name: "demanding", certificate, clientCa });
  const authorizer = await startAuthorizer({
    name: "authorizer",
    protocol: "grpc",
    certificate,
    clientCa,
  });
  const to = (name: string, protocol?: string) => ({
    services: [{ name, port: 80, ...(protocol === undefined ? {} : { protocol }) }],
  });
  const manifest = documents(
    await shown(clients, "one.envoy.test"),
    tlsSecret("certificate", certificate),
    service("a", [backend]),
    service("demanding", [demanding]),
    service("https", [demanding], { appProtocol: "https" }),
    service("authorizer", [authorizer]),
    extensionService("authorizer", { services: [{ name: "authorizer", port: 80 }] }),
    root("route.test", "routes: [{ services: [{ name: demanding, port: 80, protocol: tls }] }]"),
    root("plain.test", "routes: [{ services: [{ name: a, port: 80 }] }]"),
    secureRoot("asked.secure.test", {
      authorization: { extensionRef: { name: "authorizer" }, responseTimeout: "5s" },
    }, [to("a")]),
    secureRoot("tcp.secure.test", {}, [], { tcpproxy: to("demanding", "tls") }),
    ingress("ingress", [ingressRule("ingress.test", ["Prefix /", "https"])]),
  );
  return {
    ca: ours.certificate,
    manifest,
    other: await shown(clients, "two.envoy.test"),
    wrong: await shown(stranger, "three.envoy.test"),
    async [Symbol.asyncDispose]() {
      for (const server of [backend, demanding, authorizer]) await server[Symbol.asyncDispose]();
    },
  };
}

for (const layout of layouts) {
  Deno.test(`a client certificate towards upstreams, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({
      layout,
      manifest: stage.manifest,
      settings: { clientCertificate: secret },
    });
    const tls = { ca: stage.ca };
    /** What the backend read on the certificate it was shown. */
    const shownTo = async (host: string) => {
      const { status, body } = await gateway.ask({ host });
      return status === 200 ? body : status;
    };
    /** The same, where no rule takes the request. */
    const shownThroughTcp = async () => {
      const { address, https: port } = gateway.place;
      const serverName = "tcp.secure.test";
      const target = { address, port, tls: { ...tls, serverName } };
      return (await send(target, { host: serverName })).body;
    };
    const asked = () =>
      gateway.ask({ host: "asked.secure.test", tls, headers: { [passHeader]: goodPass } });

    await t.step("routes, Ingresses and TCP proxies show it", async () => {
      assert.equal(await shownTo("route.test"), "DNS:one.envoy.test");
      assert.equal(await shownTo("ingress.test"), "DNS:one.envoy.test");
      assert.equal(await shownThroughTcp(), "DNS:one.envoy.test");
    });

    await t.step("ExtensionServices are shown it too", async () => {
      assert.equal((await asked()).status, 200);
    });

    await t.step("a new one costs one update of the Secret", async () => {
      const before = gateway.controller.events.length;
      await gateway.apply(stage.other);
      const sent = gateway.controller.events.slice(before).flatMap((event) =>
        event.kind === "acknowledged" ? event.resources.map(({ name }) => name) : []
      ).filter((name) => !/probe|ingress_http$/.test(name));
      assert.deepEqual(sent, ["admin/envoy"]);
      assert.equal(await shownThroughTcp(), "DNS:two.envoy.test");
    });

    await t.step("with one that nobody knows nobody lets Envoy in", async () => {
      await gateway.apply(stage.wrong);
      await assert.rejects(shownThroughTcp());
    });

    await t.step("without it nothing is served that needs TLS, and the rest is", async () => {
      await gateway.remove({ kind: "Secret", ...secret });
      assert.equal(await shownTo("route.test"), 404);
      assert.equal(await shownTo("ingress.test"), 404);
      await assert.rejects(asked());
      assert.equal((await gateway.ask({ host: "plain.test" })).headers["x-backend"], "a");
      for (const name of ["route.test", "tcp.secure.test"]) {
        assert.deepEqual(problems(gateway, `HTTPProxy/default/${name}`), [
          "TLSError/SecretNotValid",
        ]);
      }
      assert.deepEqual(problems(gateway, "ExtensionService/default/authorizer"), [
        "TLSError/SecretNotValid",
      ]);
    });

    await t.step("with it everything comes back", async () => {
      await gateway.apply(stage.manifest);
      assert.equal(await shownTo("route.test"), "DNS:one.envoy.test");
      assert.equal(await shownTo("ingress.test"), "DNS:one.envoy.test");
      assert.equal((await asked()).status, 200);
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  });
}

function problems({ controller }: Gateway, id: string): readonly string[] {
  return (controller.translation.statuses.get(id)?.diagnostics ?? []).map(({ condition }) =>
    `${condition?.type}/${condition?.reason}`
  );
}
