/** How an Envoy proves itself to the controller, and checks that it speaks to the right one. */
import { type Message, toJson } from "../../proto/mod.ts";

/** Files in PEM. The controller's certificate must be for the DNS name `contour`. */
export interface XdsTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /**
   * A folder for files through which Envoy notices that the certificates were replaced. Without
   * it they are read once.
   */
  readonly resourcesDir?: string;
}

const tlsType = "envoy.extensions.transport_sockets.tls.v3";
const certificateName = "contour_xds_tls_certificate";
const validationName = "contour_xds_tls_validation_context";

/** The transport socket of the cluster that is the controller. */
export function xdsTransportSocket(tls: XdsTls): Message {
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: {
      "@type": `${tlsType}.UpstreamTlsContext`,
      commonTlsContext: tls.resourcesDir === undefined ? inline(tls) : bySds(tls.resourcesDir),
    },
  };
}

/** The files of `resourcesDir` by path, none without it. */
export function sdsConfig(tls: XdsTls): ReadonlyMap<string, string> {
  if (tls.resourcesDir === undefined) return new Map();
  const paths = sdsPaths(tls.resourcesDir);
  return new Map([
    [paths.certificate, secretFile({ name: certificateName, tlsCertificate: certificate(tls) })],
    [paths.validation, secretFile({ name: validationName, validationContext: validation(tls) })],
  ]);
}

function sdsPaths(resourcesDir: string) {
  const folder = `${resourcesDir.replace(/\/+$/, "")}/sds`;
  return {
    certificate: `${folder}/xds-tls-certificate.json`,
    validation: `${folder}/xds-validation-context.json`,
  };
}

function inline(tls: XdsTls): Message {
  return {
    tlsParams: { tlsMaximumProtocolVersion: "TLSv1_3" },
    tlsCertificates: [certificate(tls)],
    validationContext: validation(tls),
  };
}

function bySds(resourcesDir: string): Message {
  const paths = sdsPaths(resourcesDir);
  const secret = (name: string, path: string): Message => ({
    name,
    sdsConfig: { resourceApiVersion: "V3", pathConfigSource: { path } },
  });
  return {
    tlsParams: {
      tlsMaximumProtocolVersion: "TLSv1_3",
      // Spelt out so that certificates on the curve P-521 can be used.
      signatureAlgorithms: [
        ["ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"],
        ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha384"],
        ["ecdsa_secp521r1_sha512", "rsa_pss_rsae_sha512", "rsa_pkcs1_sha512"],
        ["rsa_pkcs1_sha1"],
      ].flat(),
    },
    tlsCertificateSdsSecretConfigs: [secret(certificateName, paths.certificate)],
    validationContextSdsSecretConfig: secret(validationName, paths.validation),
  };
}

function certificate({ certFile, keyFile }: XdsTls): Message {
  return { certificateChain: { filename: certFile }, privateKey: { filename: keyFile } };
}

function validation({ caFile }: XdsTls): Message {
  return {
    trustedCa: { filename: caFile },
    matchTypedSubjectAltNames: [{ sanType: "DNS", matcher: { exact: "contour" } }],
  };
}

/** A file that Envoy reads as the answer to a question for the secret. */
function secretFile(secret: Message): string {
  const response = { resources: [{ "@type": `${tlsType}.Secret`, ...secret }] };
  const json = toJson("envoy.service.discovery.v3.DiscoveryResponse", response);
  return JSON.stringify(json, null, 2) + "\n";
}
