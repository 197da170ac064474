import type { SecretRef, ServingCertificate } from "../graph/mod.ts";
import { secretName } from "./names.ts";
import { encodedResource, type Resource, types } from "./resource.ts";

/**
 * The certificate and key of a Secret. That they are usable and belong together was checked when
 * the Secret was read. The body holds a private key: it goes to Envoy and nowhere else.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/secret.proto
 */
export function secretResource(
  ref: SecretRef,
  { certificateChain, privateKey }: ServingCertificate,
): Resource {
  const bytes = (text: string) => ({ inlineBytes: new TextEncoder().encode(text) });
  const name = secretName(ref);
  return encodedResource({
    type: types.secret,
    name,
    message: {
      name,
      tlsCertificate: {
        certificateChain: bytes(certificateChain),
        privateKey: bytes(privateKey),
      },
    },
  });
}
