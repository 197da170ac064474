import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { int32, stringMap } from "./values.ts";

/** One endpoint: a set of addresses of the same backend, of which the first is used. */
export const Endpoint = z.object({
  addresses: z.array(z.string()).min(1).max(100),
  conditions: z.object({
    ready: z.boolean().optional(),
    serving: z.boolean().optional(),
    terminating: z.boolean().optional(),
  }).optional(),
  hostname: z.string().optional(),
  nodeName: z.string().optional(),
  zone: z.string().optional(),
  targetRef: z.looseObject({}).optional(),
  deprecatedTopology: stringMap().optional(),
  hints: z.object({
    forZones: z.array(z.object({ name: z.string() })).optional(),
    forNodes: z.array(z.object({ name: z.string() })).optional(),
  }).optional(),
});
/** See {@link Endpoint}. */
export type Endpoint = Immutable<z.infer<typeof Endpoint>>;

/** A port at which all endpoints of the slice listen. */
export const EndpointPort = z.object({
  /** Equal to the name of the Service's port, which may be empty. */
  name: z.string().default(""),
  protocol: z.string().default("TCP"),
  port: int32().min(1).max(65_535).optional(),
  appProtocol: z.string().optional(),
});
/** See {@link EndpointPort}. */
export type EndpointPort = Immutable<z.infer<typeof EndpointPort>>;

/** See https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const EndpointSlice = z.object({
  apiVersion: z.literal("discovery.k8s.io/v1"),
  kind: z.literal("EndpointSlice"),
  metadata: Metadata,
  addressType: z.enum(["IPv4", "IPv6", "FQDN"]),
  endpoints: z.array(Endpoint).default([]),
  ports: z.array(EndpointPort).default([]),
});
/** See {@link EndpointSlice}. */
export type EndpointSlice = Immutable<z.infer<typeof EndpointSlice>>;
