import { z } from "zod";
import { SourceMetadata } from "./ingress_source.ts";

const validation = z.object({ caSecret: z.string(), subjectName: z.string() });

const service = z.object({
  name: z.string(),
  port: z.int(),
  weight: z.int().optional(),
  strategy: z.string().optional(),
  healthCheck: z.object({
    path: z.string().optional(),
    host: z.string().optional(),
    intervalSeconds: z.int().optional(),
    timeoutSeconds: z.int().optional(),
    unhealthyThresholdCount: z.int().optional(),
    healthyThresholdCount: z.int().optional(),
  }).optional(),
  validation: validation.optional(),
});

const delegate = z.object({ name: z.string(), namespace: z.string().optional() });

/** The object that HTTPProxy replaced. */
export const IngressRoute = z.object({
  apiVersion: z.literal("contour.heptio.com/v1beta1"),
  kind: z.literal("IngressRoute"),
  metadata: SourceMetadata,
  spec: z.object({
    virtualhost: z.object({
      fqdn: z.string(),
      tls: z.object({
        secretName: z.string().optional(),
        minimumProtocolVersion: z.string().optional(),
        passthrough: z.boolean().optional(),
      }).optional(),
    }).optional(),
    routes: z.array(z.object({
      match: z.string(),
      services: z.array(service).optional(),
      delegate: delegate.optional(),
      enableWebsockets: z.boolean().optional(),
      permitInsecure: z.boolean().optional(),
      prefixRewrite: z.string().optional(),
      timeoutPolicy: z.object({ request: z.string().optional() }).optional(),
      retryPolicy: z.object({
        count: z.int().optional(),
        perTryTimeout: z.string().optional(),
      }).optional(),
    })).optional(),
    tcpproxy: z.object({
      services: z.array(service).optional(),
      delegate: delegate.optional(),
    }).optional(),
  }),
  status: z.looseObject({}).optional(),
});
/** See {@link IngressRoute}. */
export type IngressRoute = z.infer<typeof IngressRoute>;
/** A Service of an IngressRoute. */
export type IngressRouteService = z.infer<typeof service>;

/** The older form of today's TLSCertificateDelegation. */
export const OldDelegation = z.object({
  apiVersion: z.literal("contour.heptio.com/v1beta1"),
  kind: z.literal("TLSCertificateDelegation"),
  metadata: SourceMetadata,
  spec: z.object({
    delegations: z.array(z.object({
      secretName: z.string(),
      targetNamespaces: z.array(z.string()),
    })),
  }),
  status: z.looseObject({}).optional(),
});
/** See {@link OldDelegation}. */
export type OldDelegation = z.infer<typeof OldDelegation>;
