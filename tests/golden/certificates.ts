import { parseObject, type Secret } from "../../controller/api/mod.ts";
import { type Authority, makeAuthority, type Validity } from "../../controller/certs/mod.ts";
// After our own certificates, which load what this library needs to find in place.
import { X509CertificateGenerator, X509CrlGenerator } from "@peculiar/x509";

/** A Secret to be made for a case: `default/cert for a.example.com (expired)`. */
export interface CertificateRequest {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly form: CertificateForm;
}

/** What is odd about the Secret. */
export type CertificateForm = keyof typeof forms;

/** Reads the text of a `# certificate:` line. */
export function parseCertificateRequest(text: string): CertificateRequest {
  const [, namespace, name, host, form = "valid"] =
    /^([\w-]+)\/([\w.-]+) for ([\w.*-]+)(?: \(([\w-]+)\))?$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined || host === undefined) {
    throw new Error(`Cannot read "${text}": write "namespace/name for host (form)"`);
  }
  if (!isForm(form)) {
    throw new Error(`No such form: "${form}": choose of ${Object.keys(forms)}`);
  }
  return { namespace, name, host, form };
}

/** The Secret. Nothing in it is the same twice but its names and dates, so it must not be printed. */
export async function certificateSecret(request: CertificateRequest): Promise<Secret> {
  const { namespace, name, host, form } = request;
  const known = stringDataByForm.get(`${host} ${form}`) ?? forms[form](host);
  stringDataByForm.set(`${host} ${form}`, known);
  const result = parseObject({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    type: form === "other-type" ? "example.com/token" : "kubernetes.io/tls",
    stringData: await known,
  }, { strict: true });
  if (result.kind !== "object" || result.object.kind !== "Secret") {
    throw new Error(`Cannot make Secret ${namespace}/${name}`);
  }
  return result.object;
}

type StringData = Readonly<Record<string, string>>;

/** Making keys takes time, and cases share nothing but the text of what they ask for. */
const stringDataByForm = new Map<string, Promise<StringData>>();

const forms = {
  "valid": (host: string) => leaf(host, lasting),
  "expired": (host: string) => leaf(host, past),
  "not-yet-valid": (host: string) => leaf(host, future),
  "wrong-key": async (host: string) => ({
    ...await leaf(host, lasting),
    "tls.key": (await leaf(host, lasting))["tls.key"],
  }),
  "rsa1024": (host: string) => selfSigned(host, { ...rsa, modulusLength: 1024 }),
  "two-keys": async (host: string) => {
    const { "tls.crt": certificate, "tls.key": key } = await leaf(host, lasting);
    return { "tls.crt": certificate, "tls.key": key + key };
  },
  "no-key": async (host: string) => ({
    "tls.crt": (await leaf(host, lasting))["tls.crt"],
    "tls.key": "",
  }),
  "no-pem": () =>
    Promise.resolve({ "tls.crt": "a chain that is none", "tls.key": "a key that is none" }),
  "ca": async () => ({ "ca.crt": (await authority()).certificate }),
  "crl": async () => ({ "crl.pem": await emptyRevocationList() }),
  "ca-no-pem": () => Promise.resolve({ "ca.crt": "a bundle that is none" }),
  "other-type": (host: string) => leaf(host, lasting),
} satisfies Record<string, (host: string) => Promise<StringData>>;

function isForm(text: string): text is CertificateForm {
  return Object.hasOwn(forms, text);
}

const lasting = years(2020, 2120);
const past = years(2018, 2020);
const future = years(2100, 2120);

function years(first: number, last: number): Validity {
  return { notBefore: new Date(Date.UTC(first, 0)), notAfter: new Date(Date.UTC(last, 0)) };
}

let shared: Promise<Authority> | undefined;

function authority(): Promise<Authority> {
  shared ??= makeAuthority({ commonName: "Golden", algorithm: "ecdsa", validity: lasting });
  return shared;
}

async function leaf(host: string, validity: Validity) {
  const { certificate, privateKey } = await (await authority()).issue({
    dnsNames: [host],
    algorithm: "ecdsa",
    validity,
  });
  return { "tls.crt": certificate, "tls.key": privateKey };
}

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** With a kind of key that our own authority does not issue. */
async function selfSigned(host: string, algorithm: RsaHashedKeyGenParams) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: [{ CN: [host] }],
    ...lasting,
    keys,
    signingAlgorithm: { name: algorithm.name },
  });
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toBase64();
  return {
    "tls.crt": `${certificate.toString("pem")}\n`,
    "tls.key": `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}

/** A list of an authority of its own, which has revoked nothing. */
async function emptyRevocationList(): Promise<string> {
  const keys = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign", "verify"],
  );
  const list = await X509CrlGenerator.create({
    issuer: "CN=Golden",
    thisUpdate: lasting.notBefore,
    nextUpdate: lasting.notAfter,
    signingKey: keys.privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  // The library's own PEM bears a label that OpenSSL does not know.
  const lines = new Uint8Array(list.rawData).toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join("\n")}\n-----END X509 CRL-----\n`;
}
