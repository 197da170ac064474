import type {
  ClientValidation,
  SecretRef,
  TlsTermination,
  UpstreamProtocol,
} from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { secretName } from "./names.ts";
import type { TlsOptions } from "./options.ts";

/**
 * The transport socket of a filter chain that terminates TLS. `alpn` is empty where what is inside
 * is not known to be HTTP.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
 */
export function downstreamTls(
  tls: TlsTermination,
  alpn: readonly string[],
  options: TlsOptions = {},
): Message {
  const { minimumVersion = "1.2", maximumVersion = "1.3" } = options;
  return transportSocket("DownstreamTlsContext", {
    commonTlsContext: {
      tlsParams: tlsParameters({
        ...options,
        minimumVersion: tls.minimumVersion > minimumVersion ? tls.minimumVersion : minimumVersion,
        maximumVersion: tls.maximumVersion < maximumVersion ? tls.maximumVersion : maximumVersion,
      }),
      ...(alpn.length === 0 ? {} : { alpnProtocols: alpn }),
      tlsCertificateSdsSecretConfigs: [{ name: secretName(tls.certificate), sdsConfig: ads }],
      ...(tls.clientValidation === undefined
        ? {}
        : { validationContext: clientValidation(tls.clientValidation) }),
    },
    ...(tls.clientValidation === undefined
      ? {}
      : { requireClientCertificate: { value: tls.clientValidation.required } }),
  });
}

/** How certificates of clients are judged. */
function clientValidation(validation: ClientValidation): Message {
  const { caBundle, acceptUntrusted, revocation } = validation;
  const pem = (text: string) => ({ inlineBytes: new TextEncoder().encode(text) });
  return {
    ...(caBundle === undefined ? {} : { trustedCa: pem(caBundle) }),
    trustChainVerification: acceptUntrusted ? "ACCEPT_UNTRUSTED" : "VERIFY_TRUST_CHAIN",
    ...(revocation === undefined
      ? {}
      : { crl: pem(revocation.lists), onlyVerifyLeafCertCrl: revocation.leafOnly }),
  };
}

/** What a cluster needs to know to speak TLS. */
export interface UpstreamTls {
  readonly protocol: UpstreamProtocol;
  /** "" for none. */
  readonly sni: string;
  /** Absent: any certificate will do. */
  readonly validation?: {
    /** PEM. */
    readonly caBundle: string;
    readonly subjectNames: readonly string[];
  };
  /** Shown to servers that ask for a certificate. Absent: none is. */
  readonly clientCertificate?: SecretRef | undefined;
}

/** The transport socket of a cluster; `undefined` where it speaks without TLS. */
export function upstreamTls(
  { protocol, sni, validation, clientCertificate }: UpstreamTls,
  options: TlsOptions = {},
): Message | undefined {
  if (protocol !== "tls" && protocol !== "h2") return undefined;
  return transportSocket("UpstreamTlsContext", {
    commonTlsContext: {
      tlsParams: tlsParameters(options),
      ...(clientCertificate === undefined ? {} : {
        tlsCertificateSdsSecretConfigs: [{
          name: secretName(clientCertificate),
          sdsConfig: ads,
        }],
      }),
      ...(validation === undefined ? {} : {
        validationContext: {
          trustedCa: { inlineBytes: new TextEncoder().encode(validation.caBundle) },
          matchTypedSubjectAltNames: validation.subjectNames.map((name) => ({
            sanType: "DNS",
            matcher: { exact: name },
          })),
        },
      }),
      ...(protocol === "h2" ? { alpnProtocols: ["h2"] } : {}),
    },
    ...(sni === "" ? {} : { sni }),
  });
}

/** Used up to TLS 1.2. Brackets hold ciphers of equal preference: the client's order decides. */
const defaultCipherSuites = [
  "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
  "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];

function tlsParameters({
  minimumVersion = "1.2",
  maximumVersion = "1.3",
  cipherSuites = defaultCipherSuites,
  curves,
}: TlsOptions): Message {
  return {
    tlsMinimumProtocolVersion: protocolVersions[minimumVersion],
    tlsMaximumProtocolVersion: protocolVersions[maximumVersion],
    cipherSuites,
    ...(curves === undefined ? {} : { ecdhCurves: curves }),
  };
}

const protocolVersions = { "1.2": "TLSv1_2", "1.3": "TLSv1_3" } as const;

function transportSocket(context: string, fields: Message): Message {
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: {
      "@type": `envoy.extensions.transport_sockets.tls.v3.${context}`,
      ...fields,
    },
  };
}
