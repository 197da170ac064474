/** TLS of hosts: certificates, clients' authorities, lists of what they took back, tokens. */
import type { Manifest } from "../../support/cluster/mod.ts";
import { type Fields, secret, secure } from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";
import { material } from "./material.ts";

const served = (certificate: string, key: string): readonly Manifest[] => [
  secret({ "tls.crt": certificate, "tls.key": key }, "kubernetes.io/tls"),
  secure({}, { secretName: "odd" }),
];
const ofTls = "spec.virtualhost.tls";
const junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const certificates: readonly Guilty[] = [
  odd("a certificate that is not there", secure({}, { secretName: "odd-nowhere" }), ofTls),
  odd(
    "a key of RSA with 1,024 bits",
    served(material.rsa1024.certificate, material.rsa1024.privateKey),
    ofTls,
  ),
  odd(
    "a key on the curve P-224",
    served(material.p224.certificate, material.p224.privateKey),
    ofTls,
  ),
  odd("a key of Ed25519", served(material.ed25519.certificate, material.ed25519.privateKey), ofTls),
  odd(
    "a chain in the wrong order",
    served(material.ca + material.leaf.certificate, material.leaf.privateKey),
    ofTls,
  ),
  odd("a key of another certificate", served(material.leaf.certificate, material.key), ofTls),
  odd(
    "a certificate of an authority",
    served(material.signingOnly.certificate, material.signingOnly.privateKey),
    ofTls,
  ),
  odd(
    "a chain that ends in junk",
    served(material.leaf.certificate + junk, material.leaf.privateKey),
    ofTls,
  ),
  odd(
    "a chain that ends in half a block",
    served(
      `${material.leaf.certificate}-----BEGIN CERTIFICATE-----\nAAAA`,
      material.leaf.privateKey,
    ),
    ofTls,
  ),
  odd(
    "a key twice",
    served(material.leaf.certificate, material.leaf.privateKey + material.leaf.privateKey),
    ofTls,
  ),
  odd(
    "a key that is a certificate",
    served(material.leaf.certificate, material.leaf.certificate),
    ofTls,
  ),
  odd("a key that is locked", served(material.leaf.certificate, material.locked), ofTls),
  odd("no key", served(material.leaf.certificate, ""), ofTls, { beyond: "server" }),
  odd("a certificate that is empty", served("", material.leaf.privateKey), ofTls, {
    beyond: "server",
  }),
  odd("a certificate in DER", served("0\x82\x01\x02", material.leaf.privateKey), ofTls),
  odd(
    "a certificate of nobody",
    served(material.nameless.certificate, material.nameless.privateKey),
    ofTls,
  ),
  odd(
    "a certificate that asks for staples",
    served(material.stapled.certificate, material.stapled.privateKey),
    ofTls,
  ),
  odd("a Secret of another type", [
    secret(
      { "tls.crt": material.leaf.certificate, "tls.key": material.leaf.privateKey },
      "example.com/other",
    ),
    secure({}, { secretName: "odd" }),
  ], ofTls),
  odd(
    "a Secret that is no base64",
    [{ ...secret({}), data: { "tls.crt": "%%%" } }, secure({}, { secretName: "odd" })],
    "data",
    { object: "Secret odd", beyond: "server" },
  ),
  odd("a Secret of another team", secure({}, { secretName: "canary/canary" }), ofTls),
  odd(
    "TLS of less than it is at most",
    secure({}, { minimumProtocolVersion: "1.3", maximumProtocolVersion: "1.2" }),
    ofTls,
  ),
];

const validation = `${ofTls}.clientValidation`;
const clients = (data: Readonly<Record<string, string>>, fields: Fields): readonly Manifest[] => [
  secret(data),
  secure({}, { clientValidation: fields }),
];
const ofOdd = (text: string) => clients({ "ca.crt": text }, { caSecret: "odd" });
const list = (text: string, more: Fields = { caSecret: "ca" }) =>
  clients({ "crl.pem": text }, { crlSecret: "odd", ...more });

const clientCertificates: readonly Guilty[] = [
  odd("an authority of clients that is no PEM", ofOdd("none"), validation),
  odd("an authority of clients with junk behind it", ofOdd(material.ca + junk), validation),
  odd(
    "an authority of clients with half a block behind it",
    ofOdd(`${material.ca}-----BEGIN CERTIFICATE-----\nAAAA`),
    validation,
  ),
  odd("an authority of clients that is a list of revocations", ofOdd(material.crl), validation),
  odd("an authority of clients with bytes missing", ofOdd(truncated(material.ca)), validation),
  odd(
    "an authority of clients that is not there",
    secure({}, { clientValidation: { caSecret: "odd-nowhere" } }),
    validation,
  ),
  odd("clients that nobody vouches for", secure({}, { clientValidation: {} }), validation),
  odd(
    "a list without an authority",
    list(material.crl, { skipClientCertValidation: true }),
    validation,
  ),
  odd("a list that is no PEM", list("none"), validation),
  odd(
    "a list with junk behind it",
    list(`${material.crl}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`),
    validation,
  ),
  odd("a list that is a certificate", list(material.ca), validation),
  odd("a list with bytes missing", list(truncated(material.crl)), validation),
  odd(
    "a list that is not there",
    secure({}, { clientValidation: { caSecret: "ca", crlSecret: "odd-nowhere" } }),
    validation,
  ),
];

/** The same block with the last 30 bytes gone. */
function truncated(pem: string): string {
  const [, type = "", body = ""] = /-----BEGIN ([^-]+)-----([^-]+)/.exec(pem) ?? [];
  const bytes = Uint8Array.fromBase64(body.replace(/\s/g, ""));
  return `-----BEGIN ${type}-----\n${bytes.slice(0, -30).toBase64()}\n-----END ${type}-----\n`;
}

const providers = (provider: Fields) => secure({ jwtProviders: [{ name: "issuer", ...provider }] });
const remote = (fields: Fields) =>
  providers({ remoteJWKS: { uri: "https://keys.example/", ...fields } });
const local = (text: string): readonly Manifest[] => [
  secret({ keys: text }),
  providers({ localJWKS: { secretName: "odd", key: "keys" } }),
];
const first = "spec.virtualhost.jwtProviders[0]";

const tokens: readonly Guilty[] = [
  odd("keys at no host", remote({ uri: "https:///keys" }), `${first}.remoteJWKS.uri`),
  odd(
    "keys at a host with an underscore",
    remote({ uri: "https://a_b.example/" }),
    `${first}.remoteJWKS.uri`,
  ),
  odd(
    "keys at port 70,000",
    remote({ uri: "https://a.example:70000/" }),
    `${first}.remoteJWKS.uri`,
  ),
  odd(
    "keys at a port of words",
    remote({ uri: "https://a.example:http/" }),
    `${first}.remoteJWKS.uri`,
  ),
  odd(
    "keys at a scheme of the future",
    remote({ uri: "ftp://a.example/" }),
    `${first}.remoteJWKS.uri`,
  ),
  odd("keys at a line break", remote({ uri: "https://a.example/\n" }), `${first}.remoteJWKS.uri`),
  odd(
    "keys at a host of 256 letters",
    remote({
      uri: `https://${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${
        "e".repeat(20)
      }/`,
    }),
    `${first}.remoteJWKS`,
  ),
  odd(
    "keys kept for centuries",
    remote({ cacheDuration: "2562047h" }),
    `${first}.remoteJWKS.cacheDuration`,
  ),
  odd(
    "keys kept for less than a millisecond",
    remote({ cacheDuration: "1ns" }),
    `${first}.remoteJWKS.cacheDuration`,
  ),
  odd(
    "keys waited for for centuries",
    remote({ timeout: "2562047h" }),
    `${first}.remoteJWKS.timeout`,
  ),
  odd(
    "keys waited for for less than no time",
    remote({ timeout: "-5s" }),
    `${first}.remoteJWKS.timeout`,
    { beyond: "schema" },
  ),
  odd("keys of an authority that is none", [
    secret({ "ca.crt": "none" }),
    remote({ validation: { caSecret: "odd", subjectName: "a" } }),
  ], `${first}.remoteJWKS`),
  odd("a set of no keys", local(`{"keys":[]}`), `${first}.localJWKS`),
  odd("a set of junk", local("junk"), `${first}.localJWKS`),
  odd("a set of an unknown type", local(`{"keys":[{"kty":"XYZ"}]}`), `${first}.localJWKS`),
  odd("a set of half a key", local(`{"keys":[{"kty":"RSA","n":"AQAB"}]}`), `${first}.localJWKS`),
  odd(
    "a set of a key off the curve",
    local(`{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`),
    `${first}.localJWKS`,
  ),
  odd(
    "a set that is not there",
    providers({ localJWKS: { secretName: "odd-nowhere", key: "keys" } }),
    `${first}.localJWKS`,
  ),
  odd(
    "two providers of one name",
    secure({
      jwtProviders: [1, 2].map(() => ({
        name: "issuer",
        remoteJWKS: { uri: "https://keys.example/" },
      })),
    }),
    "spec.virtualhost.jwtProviders[1].name",
  ),
  odd(
    "two places for keys",
    providers({
      remoteJWKS: { uri: "https://keys.example/" },
      localJWKS: { secretName: "odd", key: "keys" },
    }),
    first,
    { beyond: "schema" },
  ),
  odd(
    "a route with a provider that is not there",
    secureRoute({ jwtVerificationPolicy: { require: "odd" } }),
    "spec",
  ),
];

function secureRoute(fields: Fields): Manifest {
  return {
    ...secure({}),
    spec: {
      virtualhost: { fqdn: "odd.guilty.test", tls: { secretName: "tls" } },
      routes: [{ services: [{ name: "web", port: 80 }], ...fields }],
    },
  };
}

/** See {@link Guilty}. */
export const listeners: readonly Guilty[] = [...certificates, ...clientCertificates, ...tokens];
