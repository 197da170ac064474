import type { Manifest } from "../../../support/cluster/mod.ts";

/** The Services that stand in every namespace of every world. */
export function services(namespace: string): readonly Manifest[] {
  const service = (
    name: string,
    spec: Readonly<Record<string, unknown>>,
    annotations?: Readonly<Record<string, string>>,
  ): Manifest => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name, ...(annotations === undefined ? {} : { annotations }) },
    spec,
  });
  const port = (port: number, more: Readonly<Record<string, unknown>> = {}) => ({
    name: `p${port}`,
    port,
    protocol: "TCP",
    ...more,
  });
  const external = (externalName: string) => ({
    type: "ExternalName",
    externalName,
    ports: [port(80), port(443)],
  });
  const upstream = "projectcontour.io/upstream-protocol";
  return [
    service("web", { ports: [port(80), port(443), port(8080)] }),
    service("api", { ports: [port(80), port(443)] }),
    service("secure", { ports: [port(80), port(443, { appProtocol: "https" })] }),
    service("marked", { ports: [port(80), port(443)] }, { [`${upstream}.h2`]: "443,p80" }),
    service("mixed", {
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
        port(80),
      ],
    }),
    service("outside", external("elsewhere.example")),
    service("itself", external("localhost")),
    service("loopback", external("127.0.0.1")),
    service("bare", { clusterIP: "None" }),
  ];
}

/** The Secrets that stand in every namespace of every world, and what is odd about each. */
export const secretForms = {
  cert: "a certificate and its key",
  ca: "a bundle of authorities",
  crl: "a revocation list",
  all: "a certificate, an authority and a revocation list",
  other: "of a type nobody serves",
  nothing: "without data",
  notes: "texts that are no PEM",
  "two-keys": "a certificate and two keys",
  "no-key": "a certificate and an empty key",
  "key-first": "a key where the certificate should be",
  "cert-key": "a certificate where the key should be",
  torn: "PEM whose end is missing",
  nameless: "a certificate for nobody",
  "no-der": "PEM of what is no certificate",
} as const;

/** The name of a Secret in {@link secretForms}. */
export type SecretForm = keyof typeof secretForms;

/** The PEM that Secrets are made from. */
export interface Pem {
  readonly certificate: string;
  readonly privateKey: string;
  /** A certificate without a subject and without alternative names, with its key. */
  readonly nameless: { readonly certificate: string; readonly privateKey: string };
  readonly authority: string;
  readonly revocations: string;
}

/** Those Secrets. */
export function secrets(namespace: string, pem: Pem): readonly Manifest[] {
  return Object.entries(contents(pem)).map(([name, stringData]) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    type: name === "other" ? "example.com/other" : name === "cert" ? "kubernetes.io/tls" : "Opaque",
    stringData,
  }));
}

function contents(pem: Pem): Readonly<Record<SecretForm, Readonly<Record<string, string>>>> {
  const { certificate, privateKey, authority, revocations, nameless } = pem;
  const serving = { "tls.crt": certificate, "tls.key": privateKey };
  const checking = { "ca.crt": authority, "crl.pem": revocations };
  const notes = {
    "tls.crt": "a note",
    "tls.key": "a note",
    "ca.crt": "a note",
    "crl.pem": "a note",
  };
  const torn = "-----BEGIN CERTIFICATE-----\nAAAA\n";
  const noDer = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  return {
    cert: serving,
    ca: { "ca.crt": authority },
    crl: { "crl.pem": revocations },
    all: { ...serving, ...checking },
    other: { ...serving, ...checking },
    nothing: {},
    notes,
    "two-keys": { ...serving, "tls.key": privateKey + privateKey, "ca.crt": authority + authority },
    "no-key": { ...serving, "tls.key": "", "ca.crt": "", "crl.pem": "" },
    "key-first": { ...serving, "tls.crt": privateKey + certificate, "ca.crt": privateKey },
    "cert-key": { ...serving, "tls.key": certificate, "crl.pem": certificate },
    torn: { "tls.crt": torn, "tls.key": torn, "ca.crt": torn, "crl.pem": torn },
    nameless: { "tls.crt": nameless.certificate, "tls.key": nameless.privateKey },
    "no-der": { ...serving, "tls.crt": noDer, "ca.crt": noDer },
  };
}
