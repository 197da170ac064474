import type { Manifest } from "../../../support/cluster/mod.ts";
import type { Draw, Fields } from "./draw.ts";
import { serviceName, servicePort } from "./names.ts";
import type { Classes } from "./proxy.ts";
import { loadBalancerPolicy, timeoutPolicy, upstreamValidation } from "./policies.ts";
import { secretForms } from "./surroundings.ts";

/** An ExtensionService with any of its fields. */
export function extensionService(
  draw: Draw,
  { namespace, name, namespaces }: {
    readonly namespace: string;
    readonly name: string;
    readonly namespaces: readonly string[];
  },
): Manifest {
  const protocol = draw.value([undefined, "h2", "h2c"], [], ["tls"]);
  return {
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { namespace, name },
    spec: {
      services: draw.some(2, () => ({
        name: serviceName(draw),
        port: servicePort(draw),
        ...draw.maybe(0.2, "weight", () => draw.below(10)),
      })),
      ...(protocol === undefined ? {} : { protocol }),
      ...((protocol ?? "h2") === "h2" || draw.errs()
        ? draw.maybe(0.4, "validation", () => upstreamValidation(draw, namespaces))
        : {}),
      ...draw.maybe(0.3, "loadBalancerPolicy", () => loadBalancerPolicy(draw)),
      ...draw.maybe(0.4, "timeoutPolicy", () => timeoutPolicy(draw)),
      ...draw.maybe(0.2, "circuitBreakerPolicy", () => ({ maxConnections: 5 })),
      ...draw.maybe(0.1, "protocolVersion", () => draw.value(["v3"], [], ["v2"])),
    },
  };
}

/** Secrets of a namespace that others may use. */
export function delegation(
  draw: Draw,
  { namespace, name, namespaces }: {
    readonly namespace: string;
    readonly name: string;
    readonly namespaces: readonly string[];
  },
): Manifest {
  const secrets = ["cert", "cert", "ca", "ca", "crl", "all", ...Object.keys(secretForms)];
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "TLSCertificateDelegation",
    metadata: { namespace, name },
    spec: {
      delegations: draw.some(4, () => ({
        secretName: draw.of(secrets),
        targetNamespaces: draw.of([["*"], namespaces, ["*", "elsewhere"], [], ["elsewhere"]]),
      })),
    },
  };
}

/** An Ingress; what is wrong with it shows in no status, but its host meets those of HTTPProxies. */
export function ingress(
  draw: Draw,
  { namespace, name, domain, classes }: {
    readonly namespace: string;
    readonly name: string;
    readonly domain: string;
    readonly classes: Classes;
  },
): Manifest {
  const host = draw.of([`i.${domain}`, `r0.${namespace}.${domain}`, `*.${domain}`]);
  const annotated: Fields = {
    ...draw.maybe(0.2, "projectcontour.io/ingress.class", () => draw.of(classes.names)),
    ...draw.maybe(0.2, "kubernetes.io/ingress.class", () => draw.of(classes.names)),
  };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      namespace,
      name,
      ...(Object.keys(annotated).length === 0 ? {} : { annotations: annotated }),
    },
    spec: {
      ...draw.maybe(0.3, "ingressClassName", () => draw.of(classes.names)),
      rules: [{
        host,
        http: {
          paths: [{
            path: "/",
            pathType: "Prefix",
            backend: {
              service: { name: serviceName(draw), port: { number: draw.of([80, 443, 81]) } },
            },
          }],
        },
      }],
      ...draw.maybe(0.4, "tls", () => [{
        hosts: [host],
        secretName: draw.value(["cert"], ["missing", "notes"]),
      }]),
    },
  };
}
