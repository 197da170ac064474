import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { int32 } from "./values.ts";

/** Where an Ingress sends requests. */
export const IngressBackend = z.object({
  service: z.object({
    name: z.string(),
    port: z.object({ name: z.string().optional(), number: int32().optional() }).optional(),
  }).optional(),
  resource: z.object({
    apiGroup: z.string().optional(),
    kind: z.string(),
    name: z.string(),
  }).optional(),
});
/** See {@link IngressBackend}. */
export type IngressBackend = Immutable<z.infer<typeof IngressBackend>>;

/** See https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export const Ingress = z.object({
  apiVersion: z.literal("networking.k8s.io/v1"),
  kind: z.literal("Ingress"),
  metadata: Metadata,
  spec: z.object({
    ingressClassName: z.string().optional(),
    defaultBackend: IngressBackend.optional(),
    tls: z.array(z.object({
      hosts: z.array(z.string()).optional(),
      secretName: z.string().optional(),
    })).optional(),
    rules: z.array(z.object({
      host: z.string().optional(),
      http: z.object({
        paths: z.array(z.object({
          path: z.string().optional(),
          pathType: z.enum(["Exact", "Prefix", "ImplementationSpecific"]),
          backend: IngressBackend,
        })),
      }).optional(),
    })).optional(),
  }).default({}),
  status: z.looseObject({}).optional(),
});
/** See {@link Ingress}. */
export type Ingress = Immutable<z.infer<typeof Ingress>>;
