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
  CTR307: {
    name: "TooManyRoutes",
    title: "More routes than a host may have",
    severity: "error",
    explanation:
      "Includes multiply: with two includes at each of seventeen levels a host has 65,536 routes, which nobody wrote and every change has to work through. What is included beyond the limit is left out, the rest is served. The limit is that of `--max-routes-per-host`.",
  },
  CTR310: {
    name: "IngressBackendNotFound",
    title: "Backend of an Ingress not found",
    severity: "error",
    explanation:
      "The Service does not exist, has no such port, or may not be used. The path is left out, as Contour does it, so its requests go to a broader path if there is one. The path is served as soon as the Service is there.",
  },
  CTR311: {
    name: "IngressBackendNotSupported",
    title: "Backend of an Ingress that is no Service",
    severity: "error",
    explanation:
      "Only Services can be backends. A path whose backend is a resource of another kind is left out.",
  },
  CTR312: {
    name: "IngressTLSNotValid",
    title: "TLS of an Ingress not valid",
    severity: "error",
    explanation:
      "The Secret is missing, holds no certificate that can be served, or belongs to another namespace that has not delegated it; or the versions of TLS exclude each other. The hosts are served without TLS, unless another Ingress provides it.",
  },
  CTR313: {
    name: "IngressPathNotValid",
    title: "Path of an Ingress not valid",
    severity: "error",
    explanation:
      "The path cannot be matched: it does not begin with a slash, holds a ? or #, which are no part of a path, or is a regular expression that Envoy would refuse. It is left out, the other paths of the rule are served.",
  },
  CTR314: {
    name: "IngressHostNotValid",
    title: "Host of an Ingress not valid",
    severity: "error",
    explanation:
      "The host is neither a DNS name nor one with *. in front. The rule is left out. A rule without a host takes the requests that no other host does.",
  },
  CTR315: {
    name: "IngressAnnotationNotValid",
    title: "Value of an annotation not valid",
    severity: "warning",
    explanation:
      "The annotation is known but its value is not one it can have, or has no effect here. The default holds instead.",
  },
  CTR316: {
    name: "IngressAnnotationUnsupported",
    title: "Annotation without effect",
    severity: "warning",
    explanation:
      "The annotation looks as if it were meant for Contour, but an Ingress has none of this name. Mostly it is a spelling mistake, or belongs on a Service.",
  },
  CTR317: {
    name: "IngressConflict",
    title: "Rule of an Ingress replaced by another",
    severity: "warning",
    explanation:
      "Another rule matches the very same requests and takes them. An HTTPProxy comes before an Ingress; of two Ingresses the older comes first, then the one whose namespace and name come first; within one Ingress the later rule replaces the earlier.",
  },
  CTR318: {
    name: "IngressTLSUnused",
    title: "TLS of an Ingress without effect",
    severity: "warning",
    explanation:
      "The entry names no hosts, or a host that no rule of an Ingress has, or one whose TLS is decided by an HTTPProxy or an older Ingress.",
  },
} as const satisfies Record<string, CodeRow>;
