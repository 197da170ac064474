import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { int32, intOrString, port, stringMap } from "./values.ts";

/** A port of a Service. */
export const ServicePort = z.object({
  name: z.string().optional(),
  protocol: z.string().default("TCP"),
  appProtocol: z.string().optional(),
  port: port(),
  targetPort: intOrString().optional(),
  nodePort: int32().optional(),
});
/** See {@link ServicePort}. */
export type ServicePort = Immutable<z.infer<typeof ServicePort>>;

/** See https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export const Service = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata: Metadata,
  spec: z.object({
    type: z.string().default("ClusterIP"),
    ports: z.array(ServicePort).optional(),
    selector: stringMap().optional(),
    clusterIP: z.string().optional(),
    clusterIPs: z.array(z.string()).optional(),
    externalName: z.string().optional(),
    externalIPs: z.array(z.string()).optional(),
    externalTrafficPolicy: z.string().optional(),
    internalTrafficPolicy: z.string().optional(),
    trafficDistribution: z.string().optional(),
    healthCheckNodePort: int32().optional(),
    ipFamilies: z.array(z.string()).optional(),
    ipFamilyPolicy: z.string().optional(),
    loadBalancerClass: z.string().optional(),
    loadBalancerIP: z.string().optional(),
    loadBalancerSourceRanges: z.array(z.string()).optional(),
    allocateLoadBalancerNodePorts: z.boolean().optional(),
    publishNotReadyAddresses: z.boolean().optional(),
    sessionAffinity: z.string().optional(),
    sessionAffinityConfig: z.object({
      clientIP: z.object({ timeoutSeconds: int32().optional() }).optional(),
    }).optional(),
  }).default({ type: "ClusterIP" }),
  status: z.looseObject({
    loadBalancer: z.looseObject({
      ingress: z.array(z.looseObject({
        ip: z.string().optional(),
        hostname: z.string().optional(),
      })).optional(),
    }).optional(),
  }).optional(),
});
/** See {@link Service}. */
export type Service = Immutable<z.infer<typeof Service>>;
