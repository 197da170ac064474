/** Certificates of clients: demanded, checked, taken back, told to backends, and gone round. */
import assert from "node:assert/strict";
import {
  type IssuedCertificate,
  makeAuthority,
  validityAround,
} from "../../controller/certs/mod.ts";
import { startBackend } from "../support/backend.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { makeRevokingAuthority } from "../support/revoking_authority.ts";
import { goRound, secureRoot } from "./going_round.ts";
import { caSecret, documents, service, tlsSecret } from "./manifest.ts";
import { echoOf } from "./stage.ts";

const to = { services: [{ name: "a", port: 80 }] };

/** A host that looks at certificates of clients. */
const checking = (
  name: string,
  clientValidation: Readonly<Record<string, unknown>>,
  routes: readonly Readonly<Record<string, unknown>>[] = [{ ...to, permitInsecure: false }],
) =>
  secureRoot(
    `${name}.secure.test`,
    { tls: { secretName: "certificate", clientValidation } },
    routes,
  );

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const ours = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const clients = await makeRevokingAuthority("Clients", validity);
  const team = await clients.below("Team");
  const strangers = await makeRevokingAuthority("Strangers", validity);
  const late = await makeRevokingAuthority("Clients", validityAround(new Date(), -1));
  const known = {
    ann: await clients.issue({
      commonName: "ann",
      dnsNames: ["ann.clients.test"],
      uris: ["spiffe://clients.test/ann"],
    }),
    revoked: await clients.issue({ commonName: "eve" }),
    stranger: await strangers.issue({ commonName: "ann" }),
    late: await late.issue({ commonName: "ann" }),
    member: chained(await team.issue({ commonName: "bob" }), team.certificate),
    formerMember: chained(await team.issue({ commonName: "mallory" }), team.certificate),
  };
  const backend = await startBackend({ name: "a" });
  const manifest = documents(
    service("a", [backend]),
    tlsSecret(
      "certificate",
      await ours.issue({
        dnsNames: ["*.secure.test"],
        validity,
        algorithm: "ecdsa",
      }),
    ),
    caSecret("clients", clients.certificate),
    crlSecret("revoked", await clients.revoked(known.revoked)),
    // Of the team alone: nobody says whether the team itself is good.
    crlSecret("revoked-in-team", await team.revoked(known.formerMember)),
    checking("demanded", { caSecret: "clients" }),
    checking("optional", { caSecret: "clients", optionalClientCertificate: true }),
    checking("any", { skipClientCertValidation: true }),
    checking("any-at-all", { caSecret: "clients", skipClientCertValidation: true }),
    checking("told", {
      caSecret: "clients",
      optionalClientCertificate: true,
      forwardClientCertificate: { subject: true, cert: true, chain: true, dns: true, uri: true },
    }),
    checking("told-little", { caSecret: "clients", forwardClientCertificate: { dns: true } }),
    checking("listed", { caSecret: "clients", crlSecret: "revoked" }),
    checking("whole-chain", { caSecret: "clients", crlSecret: "revoked-in-team" }),
    checking("leaf-alone", {
      caSecret: "clients",
      crlSecret: "revoked-in-team",
      crlOnlyVerifyLeafCert: true,
    }),
    secureRoot("free.secure.test", {}, [to]),
  );
  return {
    ca: ours.certificate,
    known,
    manifest,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

for (const layout of layouts) {
  Deno.test(`certificates of clients, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: stage.manifest });
    const { ca, known: { ann, revoked, stranger, late, member, formerMember } } = stage;
    const ask = (
      name: string,
      certificate?: IssuedCertificate,
      headers: Readonly<Record<string, string>> = {},
      httpVersion: "1.1" | "2" = "1.1",
    ) =>
      gateway.ask({
        host: `${name}.secure.test`,
        headers,
        httpVersion,
        tls: { ca, ...(certificate === undefined ? {} : { certificate }) },
      });
    const letIn = async (name: string, certificate?: IssuedCertificate) =>
      assert.equal((await ask(name, certificate)).headers["x-backend"], "a", name);
    const kept = async (name: string, certificate?: IssuedCertificate) => {
      await assert.rejects(ask(name, certificate), name);
      await assert.rejects(ask(name, certificate, {}, "2"), `${name} by HTTP/2`);
    };

    await t.step(
      "only a certificate of a trusted authority that is still good gets in",
      async () => {
        await letIn("demanded", ann);
        await letIn("demanded", member);
        for (const certificate of [undefined, stranger, late]) await kept("demanded", certificate);
      },
    );

    await t.step("where it is optional, none is as good, but a bad one is not", async () => {
      await letIn("optional", ann);
      await letIn("optional");
      await kept("optional", stranger);
    });

    await t.step("unchecked, anyone's will do; with an authority there has to be one", async () => {
      for (const certificate of [ann, stranger, late]) {
        await letIn("any", certificate);
        await letIn("any-at-all", certificate);
      }
      await letIn("any");
      await kept("any-at-all");
    });

    await t.step("the backend is told of it, and never by the client itself", async () => {
      const lie = { "x-forwarded-client-cert": 'Subject="CN=root"' };
      const told = async (name: string, certificate?: IssuedCertificate) =>
        fields(echoOf(await ask(name, certificate, lie)).headers["x-forwarded-client-cert"]);
      const all = await told("told", ann);
      assert.deepEqual(Object.keys(all).sort(), ["Cert", "Chain", "DNS", "Hash", "Subject", "URI"]);
      assert.deepEqual([all["Subject"], all["DNS"], all["URI"]], [
        "CN=ann",
        "ann.clients.test",
        "spiffe://clients.test/ann",
      ]);
      assert.equal(decodeURIComponent(all["Cert"] ?? "").trim(), ann.certificate.trim());
      const chain = decodeURIComponent((await told("told", member))["Chain"] ?? "");
      assert.equal(chain.match(/BEGIN CERTIFICATE/g)?.length, 2);
      assert.deepEqual(await told("told"), {});
      assert.deepEqual(Object.keys(await told("told-little", ann)).sort(), ["DNS", "Hash"]);
      assert.deepEqual(await told("demanded", ann), {}, "nobody asked for it to be told");
    });

    await t.step("a certificate that was taken back is none", async () => {
      await letIn("listed", ann);
      await kept("listed", revoked);
      await letIn("demanded", revoked);
    });

    await t.step("lists are asked of the whole chain, or of the client's own alone", async () => {
      await letIn("leaf-alone", member);
      await kept("leaf-alone", formerMember);
      await kept("whole-chain", member);
      await kept("whole-chain", formerMember);
    });

    await t.step("no way leads round it", async () => {
      const attempts = await goRound({
        place: gateway.place,
        host: "demanded.secure.test",
        path: "/admin",
        openHost: "free.secure.test",
        openPath: "/open",
        ca,
      });
      const inside = attempts.filter(({ outcome, backend }) =>
        backend !== undefined || (typeof outcome === "number" && outcome < 300)
      );
      assert.deepEqual(inside, []);
    });

    await t.step(
      "nor does another host's connection, with a certificate that is good there",
      async () => {
        const through = async (serverName: string, certificate: IssuedCertificate) =>
          (await gateway.ask({
            host: "listed.secure.test",
            tls: { ca, serverName, certificate },
          })).status;
        assert.equal(await through("demanded.secure.test", revoked), 421);
        assert.equal(await through("any.secure.test", stranger), 421);
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

/** A certificate to show with that of the authority between. */
function chained(leaf: IssuedCertificate, between: string): IssuedCertificate {
  return { ...leaf, certificate: leaf.certificate + between };
}

function crlSecret(name: string, list: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "default" },
    type: "Opaque",
    stringData: { "crl.pem": list },
  });
}

/** What a header about certificates says, without quotes. */
function fields(header = ""): Readonly<Record<string, string>> {
  const pairs = [...header.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^;,]*)/g)];
  return Object.fromEntries(
    pairs.map(([, name = "", value = ""]) => [name, value.replace(/^"|"$/g, "")]),
  );
}
