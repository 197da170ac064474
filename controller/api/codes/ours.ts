import type { CodeRow } from "./row.ts";

/** CTR301 to CTR399: what Contour has no word for. */
export const ourCodes = {
  CTR301: {
    name: "NotYetSupported",
    title: "Field not carried out yet",
    severity: "warning",
    explanation:
      "The field is known and valid, but this version does not translate it. The rest of the object is served. It is said once for each such field of an object, so that nothing is dropped in silence.",
  },
  CTR302: {
    name: "KindNotYetSupported",
    title: "Kind not carried out yet",
    severity: "warning",
    explanation: "The kind is known and the object valid, but this version makes no routes of it.",
  },
  CTR303: {
    name: "EnvoyRule",
    title: "Value that Envoy would refuse",
    severity: "error",
    explanation:
      "What the object translates to breaks one of the rules that Envoy checks on what it receives. It is held back, because Envoy would refuse it together with its neighbours.",
  },
  CTR304: {
    name: "RefusedByEnvoy",
    title: "Refused by Envoy",
    severity: "error",
    explanation:
      "Envoy answered that it does not accept what the object translates to; its own words are in the message. That Envoy goes on with the last form it accepted, if there was one. The object is tried again when it changes.",
  },
  CTR305: {
    name: "CertificateExpired",
    title: "Certificate expired",
    severity: "warning",
    explanation:
      "The certificate is past its last day. It is served all the same, since a late certificate is more use than none, but clients will refuse it. Renew it.",
  },
  CTR306: {
    name: "CertificateExpiresSoon",
    title: "Certificate expires soon",
    severity: "warning",
    explanation: "The certificate is near its last day. Renew it in time.",
  },
} as const satisfies Record<string, CodeRow>;
