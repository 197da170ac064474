/**
 * Our verdict on certificates, authorities, keys and lists of revocations beside that of a real
 * Envoy, with one thing changed about the DER of each at a time. Nothing may pass that Envoy refuses;
 * what we refuse and Envoy takes is counted.
 *
 * `CHECKER_SEED` and `CHECKER_COUNT` have it look elsewhere, and at more.
 */
import assert from "node:assert/strict";
// First, since it brings along what the library behind it needs.
import { makeAuthority } from "../../controller/certs/mod.ts";
import { Extension, PemConverter, X509CrlGenerator } from "@peculiar/x509";
import {
  caBundleProblem,
  keyPair,
  plainPem,
  revocationListProblem,
} from "../../controller/graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { makeRevokingAuthority } from "../support/revoking_authority.ts";
import { Random } from "../support/world/random.ts";
import { mutatedDer } from "./der.ts";
import { judgeByEnvoy } from "./judge.ts";
import { type Subject, subjectTypes } from "./subjects.ts";

const seed = Number(Deno.env.get("CHECKER_SEED") ?? 509);
const count = Number(Deno.env.get("CHECKER_COUNT") ?? 4_000);

const validity = { notBefore: new Date(Date.UTC(2020, 0)), notAfter: new Date(Date.UTC(2120, 0)) };

/** A text in PEM that is changed, what we say of it, and where Envoy reads it. */
interface Kind {
  readonly what: string;
  readonly pem: string;
  readonly problem: (pem: string) => string | undefined;
  readonly context: (pem: string) => Message;
}

Deno.test(`nothing passes that Envoy refuses, of ${count} changed certificates`, async () => {
  const all = await kinds();
  await using envoy = await judgeByEnvoy();
  const random = new Random(seed);
  const drawn = Array.from({ length: count }, (_, i) => {
    const kind = all[i % all.length] ?? assert.fail();
    return { kind, pem: changed(kind.pem, random) };
  });
  const whole = all.map((kind) => ({ kind, pem: kind.pem }));
  const told = [...whole, ...drawn].map(({ kind, pem }) => ({
    kind,
    pem,
    ours: kind.problem(pem),
  }));
  const words = await envoy.judge(
    told.map(({ kind, pem }) => subject(kind.context(plainPem(pem)))),
  );
  const missed: string[] = [];
  const wronged = new Map<string, number>();
  for (const [i, { kind, pem, ours }] of told.entries()) {
    const said = words[i];
    if (said !== undefined && ours === undefined) missed.push(`${kind.what}: ${said}\n${pem}`);
    if (said !== undefined || ours === undefined) continue;
    const reason = `${kind.what}: ${ours}`;
    wronged.set(reason, (wronged.get(reason) ?? 0) + 1);
  }
  const refused = words.filter((said) => said !== undefined).length;
  const more = [...wronged.values()].reduce((sum, times) => sum + times, 0);
  console.log(
    `${count} changed texts, seed ${seed}: Envoy refuses ${refused}, we ${more} besides, of which`,
  );
  for (const [reason, times] of [...wronged].sort(([, a], [, b]) => b - a)) {
    console.log(`  ${times} ${reason}`);
  }
  assert.deepEqual(missed, [], "Envoy refuses what we take");
  assert.deepEqual(told.slice(0, all.length).map(({ ours }) => ours), all.map(() => undefined));
  assert.ok(refused > count / 5, `only ${refused} were bad at all`);
});

async function kinds(): Promise<readonly Kind[]> {
  const pairs = [];
  for (const algorithm of ["ecdsa", "rsa"] as const) {
    const authority = await makeAuthority({ commonName: "Ours", validity, algorithm });
    const leaf = await authority.issue({ dnsNames: ["a.test"], validity, algorithm });
    pairs.push({ algorithm, ...leaf });
  }
  const [{ certificate, privateKey } = assert.fail()] = pairs;
  const own = { certificateChain: text(certificate), privateKey: text(privateKey) };
  const ofClients = (validationContext: Message): Message => ({
    commonTlsContext: { tlsCertificates: [own], validationContext },
  });
  const clients = await makeRevokingAuthority("Clients", validity);
  const gone = await clients.issue({ commonName: "gone" });
  const lists = await clients.revoked(gone);
  return [
    ...pairs.flatMap(({ algorithm, certificate, privateKey }): readonly Kind[] => {
      const served = (chain: string, key: string): Message => ({
        commonTlsContext: {
          tlsCertificates: [{ certificateChain: text(chain), privateKey: text(key) }],
        },
      });
      const problem = (chain: string, key: string) => {
        const result = keyPair(chain, key);
        return result.ok ? undefined : result.message;
      };
      return [{
        what: `certificate, ${algorithm}`,
        pem: certificate,
        problem: (pem) => problem(pem, privateKey),
        context: (pem) => served(pem, plainPem(privateKey)),
      }, {
        what: `key, ${algorithm}`,
        pem: privateKey,
        problem: (pem) => problem(certificate, pem),
        context: (pem) => served(plainPem(certificate), pem),
      }];
    }),
    {
      what: "authority",
      pem: clients.certificate,
      problem: caBundleProblem,
      context: (pem) => ofClients({ trustedCa: text(pem) }),
    },
    ...[lists, await partialList()].map((pem): Kind => ({
      what: "revocations",
      pem,
      problem: revocationListProblem,
      context: (pem) =>
        ofClients({ trustedCa: text(plainPem(clients.certificate)), crl: text(pem) }),
    })),
  ];
}

/** A list that says of what it is a part. Whose signature it bears is asked later. */
async function partialList(): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const scope = new Uint8Array([
    ...[0x30, 0x14, 0xa0, 0x0f, 0xa0, 0x0d, 0x86, 0x0b],
    ...new TextEncoder().encode("http://a.te"),
    ...[0x81, 0x01, 0xff],
  ]);
  const list = await X509CrlGenerator.create({
    issuer: "CN=Clients",
    thisUpdate: validity.notBefore,
    nextUpdate: validity.notAfter,
    signingAlgorithm: algorithm,
    signingKey: privateKey,
    extensions: [
      new Extension("2.5.29.20", false, new Uint8Array([2, 1, 5])),
      new Extension("2.5.29.28", true, scope),
    ],
  });
  return `${PemConverter.encode(list.rawData, "X509 CRL")}\n`;
}

function text(inlineString: string): Message {
  return { inlineString };
}

/** The first block of a text with one thing changed about its bytes. */
function changed(pem: string, random: Random): string {
  const [, name = "", lines = ""] = /-----BEGIN ([^-]+)-----([^-]*)-----END/.exec(pem) ?? [];
  const der = mutatedDer(Uint8Array.fromBase64(lines.replace(/\s/g, "")), random);
  const rows = der.toBase64().match(/.{1,64}/g) ?? [];
  const block = [`-----BEGIN ${name}-----`, ...rows, `-----END ${name}-----`, ""].join("\n");
  const [, rest = ""] = /-----END [^-]+-----\s*([\s\S]*)$/.exec(pem) ?? [];
  return block + rest;
}

/** A listener over TLS with such a context. */
function subject(context: Message): Subject {
  return {
    type: subjectTypes.listener,
    message: {
      name: "tls",
      filterChains: [{
        filters: [{
          name: "tcp",
          typedConfig: {
            "@type": "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            statPrefix: "tcp",
            cluster: "base",
          },
        }],
        transportSocket: {
          name: "tls",
          typedConfig: {
            "@type": "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            ...context,
          },
        },
      }],
    },
  };
}
