import type { EnvoyReach } from "./outside.ts";
import { type HostPort, type RateLimitPluginSettings, readHostPort } from "./plugin_settings.ts";

/** The port for Envoys that run elsewhere: that of the Service `contour` in our installation. */
export const servicePort = 8003;

/** Where the service listens. */
export function listenPlace({ listen }: RateLimitPluginSettings, envoys: EnvoyReach): HostPort {
  const given = listen === undefined ? undefined : readHostPort(listen);
  if (given !== undefined) return given;
  return envoys.kind === "beside"
    ? { address: "127.0.0.1", port: 0 }
    : { address: envoys.listen, port: servicePort };
}

/** Where Envoys find the service that listens there. */
export function placeForEnvoys(
  { address }: RateLimitPluginSettings,
  envoys: EnvoyReach,
  listen: HostPort,
): HostPort {
  const given = address === undefined ? undefined : readHostPort(address);
  if (given !== undefined) return given;
  const here = everywhere.get(listen.address);
  if (envoys.kind === "elsewhere" && here !== undefined) {
    return { address: envoys.host, port: listen.port };
  }
  return { address: here ?? listen.address, port: listen.port };
}

/** Whoever listens everywhere is found here. */
const everywhere: ReadonlyMap<string, string> = new Map([["0.0.0.0", "127.0.0.1"], ["::", "::1"]]);

/** How both sides prove who they are; `undefined`: they do not. */
export function serviceTls(
  { tls: { certificate, key, ca, envoyResources = "/config/resources" } = {} }:
    RateLimitPluginSettings,
  envoys: EnvoyReach,
): ServiceTls | undefined {
  if (certificate !== undefined && key !== undefined && ca !== undefined) {
    return { certificate, key, ca, envoyResources };
  }
  const own = envoys.kind === "elsewhere" ? envoys.tls : undefined;
  return own === undefined ? undefined : { ...own, envoyResources };
}

/** Files of the service, and the folder in which Envoys have theirs. */
export interface ServiceTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  readonly envoyResources: string;
}
