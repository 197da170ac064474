import { type AnnotationGroup, idle, kept, near } from "./annotation_row.ts";

/** The annotations of Contour for an Ingress, without `projectcontour.io/`. */
export const contourAnnotations: readonly AnnotationGroup[] = [{
  title: "Contour",
  rows: [
    kept("ingress.class", "ingressClassName"),
    kept("num-retries", "retryPolicy.count"),
    kept("retry-on", "retryPolicy.retryOn"),
    kept("per-try-timeout", "retryPolicy.perTryTimeout"),
    kept("response-timeout", "timeoutPolicy.response"),
    kept("request-timeout", "timeoutPolicy.response", "the older name of response-timeout"),
    kept("tls-minimum-protocol-version", "tls.minimumProtocolVersion"),
    kept("tls-maximum-protocol-version", "tls.maximumProtocolVersion"),
    kept("websocket-routes", "enableWebsockets"),
    kept("tls-cert-namespace", "tls.secretName", "with a TLSCertificateDelegation"),
  ],
}];

/** Annotations of Kubernetes itself that an Ingress may have, by their whole name. */
export const kubernetesAnnotations: readonly AnnotationGroup[] = [{
  title: "Kubernetes",
  rows: [
    kept(
      "kubernetes.io/ingress.class",
      "ingressClassName",
      "decides who converts it; kept for Contour",
    ),
    near(
      "kubernetes.io/ingress.allow-http",
      "permitInsecure",
      "false leaves HTTP without an answer; here it redirects to https",
    ),
    kept("ingress.kubernetes.io/force-ssl-redirect", "permitInsecure"),
    idle("ingress.kubernetes.io/rewrite-target", "Contour ignores it, too"),
  ],
}];
