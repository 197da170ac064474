/** What the suites use of cert-manager: Issuers that sign themselves or by a CA, and Certificates. */
import { Buffer } from "node:buffer";
// First, for what it defines before the package below is loaded.
import "../../controller/certs/mod.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type AnyObject, type Api, corePath } from "./api.ts";
import type { Manifest } from "../support/cluster/mod.ts";

interface Issuer {
  readonly spec: { readonly selfSigned?: unknown; readonly ca?: { readonly secretName: string } };
}

interface Certificate extends AnyObject {
  readonly spec: {
    readonly secretName: string;
    readonly commonName?: string;
    readonly dnsNames?: readonly string[];
    readonly emailAddresses?: readonly string[];
    readonly subject?: {
      readonly organizationalUnits?: readonly string[];
      readonly serialNumber?: string;
    };
    readonly isCA?: boolean;
    readonly usages?: readonly string[];
    readonly issuerRef: { readonly name: string };
  };
}

const group = "/apis/cert-manager.io/v1";

/** The kinds, without their schemas. */
export const issuerDefinitions: readonly Manifest[] = ["Certificate", "Issuer"].map((kind) => {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.cert-manager.io` },
    spec: {
      group: "cert-manager.io",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      }],
    },
  };
});

/** Fulfils every Certificate, as soon as its Issuer can, and again when its Secret is deleted. */
export function startIssuer(api: Api): void {
  const certificates = new Map<string, Certificate>();
  const open = new Set<string>();
  let working = false;
  const work = async () => {
    if (working) return;
    working = true;
    for (const uid of [...open]) {
      const certificate = certificates.get(uid);
      try {
        if (certificate === undefined || await fulfil(api, certificate)) open.delete(uid);
      } catch (error) {
        // With its namespace it goes as well.
        if (/ is answered (403|404): /.test(String(error))) open.delete(uid);
        else console.error(`Certificate ${certificate?.metadata.name}:`, error);
      }
    }
    working = false;
    if (open.size > 0) setTimeout(work, 100);
  };
  api.follow<Certificate>(`${group}/certificates`, (certificate, state) => {
    const { uid } = certificate.metadata;
    if (state === "gone") certificates.delete(uid);
    else {
      if (!certificates.has(uid)) open.add(uid);
      certificates.set(uid, certificate);
    }
    void work();
  });
  api.follow<AnyObject>("/api/v1/secrets", ({ metadata }, state) => {
    if (state === "present") return;
    for (const [uid, { metadata: { namespace }, spec }] of certificates) {
      if (namespace === metadata.namespace && spec.secretName === metadata.name) open.add(uid);
    }
    void work();
  });
}

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

async function fulfil(api: Api, { metadata, spec }: Certificate): Promise<boolean> {
  const { namespace, name } = metadata;
  const issuerPath = `${group}/namespaces/${namespace}/issuers/${spec.issuerRef.name}`;
  const issuer = await api.find(issuerPath) as Issuer | undefined;
  if (issuer === undefined) return false;
  const keys = await crypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const authority = issuer.spec.ca &&
    await readAuthority(api, namespace, issuer.spec.ca.secretName);
  if (issuer.spec.ca !== undefined && authority === undefined) return false;
  const subject = [
    ...(spec.commonName === undefined ? [] : [{ CN: [spec.commonName] }]),
    ...(spec.subject?.organizationalUnits ?? []).map((unit) => ({ OU: [unit] })),
  ];
  const alternatives = [
    ...(spec.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(spec.emailAddresses ?? []).map((value) => ({ type: "email" as const, value })),
  ];
  const hour = 3_600_000;
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: authority?.certificate.subjectName ?? subject,
    publicKey: keys.publicKey,
    signingKey: authority?.key ?? keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + 24 * hour),
    extensions: [
      new BasicConstraintsExtension(spec.isCA ?? false, undefined, true),
      new KeyUsagesExtension(keyUsages(spec.usages), true),
      ...extendedKeyUsages(spec.usages),
      ...(alternatives.length === 0
        ? []
        // Without a subject the names have to be critical.
        : [new SubjectAlternativeNameExtension(alternatives, subject.length === 0)]),
    ],
  });
  const pem = `${certificate.toString("pem")}\n`;
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  await api.request(
    "PATCH",
    `${corePath("secrets", namespace, spec.secretName)}?fieldManager=issuer&force=true`,
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { namespace, name: spec.secretName },
      data: {
        "tls.crt": encoded(pem),
        "tls.key": encoded(`${PemConverter.encode(privateKey, "PRIVATE KEY")}\n`),
        "ca.crt": encoded(
          authority === undefined ? pem : `${authority.certificate.toString("pem")}\n`,
        ),
      },
    },
    "application/apply-patch+yaml",
  );
  const now = new Date().toISOString();
  const condition = {
    type: "Ready",
    status: "True",
    reason: "Ready",
    message: "issued",
    lastTransitionTime: `${now.slice(0, 19)}Z`,
  };
  await api.request("PATCH", `${group}/namespaces/${namespace}/certificates/${name}/status`, {
    status: { conditions: [condition] },
  });
  return true;
}

async function readAuthority(api: Api, namespace: string, name: string) {
  const secret = await api.find(corePath("secrets", namespace, name)) as
    | { readonly data: Readonly<Record<string, string>> }
    | undefined;
  if (secret === undefined) return undefined;
  const text = (key: string) => Buffer.from(secret.data[key] ?? "", "base64").toString();
  const key = PemConverter.decodeFirst(text("tls.key"));
  return {
    certificate: new X509Certificate(text("tls.crt")),
    key: await crypto.subtle.importKey("pkcs8", key, algorithm, false, ["sign"]),
  };
}

/** What cert-manager makes of its words for usages; without any these two. */
function keyUsages(usages: readonly string[] = ["digital signature", "key encipherment"]): number {
  const flags: Readonly<Record<string, number>> = {
    "signing": KeyUsageFlags.digitalSignature,
    "digital signature": KeyUsageFlags.digitalSignature,
    "key encipherment": KeyUsageFlags.keyEncipherment,
    "cert sign": KeyUsageFlags.keyCertSign,
    "crl sign": KeyUsageFlags.cRLSign,
  };
  const sum = usages.reduce((sum, usage) => sum | (flags[usage] ?? 0), 0);
  return sum === 0 ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment : sum;
}

function extendedKeyUsages(usages: readonly string[] = []): ExtendedKeyUsageExtension[] {
  const extended = [
    ...(usages.includes("server auth") ? [ExtendedKeyUsage.serverAuth] : []),
    ...(usages.includes("client auth") ? [ExtendedKeyUsage.clientAuth] : []),
  ];
  return extended.length === 0 ? [] : [new ExtendedKeyUsageExtension(extended)];
}
