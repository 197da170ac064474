import { settingsRefusals } from "../envoy/mod.ts";
import type { Configuration, Endpoint } from "./configuration.ts";
import { settingsOf } from "./effects.ts";

/**
 * What does not go together in a configuration, a sentence each. Asked when all sources have had
 * their say: each by itself may be right.
 */
export function conflicts(
  configuration: Configuration,
  { watchNamespaces = [] }: { readonly watchNamespaces?: readonly string[] } = {},
): readonly string[] {
  const { health, metrics, envoy } = configuration;
  const found: string[] = [];
  const needPlaces = (whose: string, one: typeof metrics, other: Endpoint) => {
    if (one.tls === undefined || !samePlace(one, other)) return;
    found.push(`${whose} metrics over TLS and health cannot both be at ${place(one)}`);
  };
  needPlaces("The controller's", metrics, health);
  needPlaces("Envoy's", envoy.metrics, envoy.health);
  const limited = envoy.omEnforcedHealth;
  if (limited !== undefined) {
    for (const [name, other] of [["health", envoy.health], ["metrics", envoy.metrics]] as const) {
      if (!samePlace(limited, other)) continue;
      found.push(`Envoy's ${name} and health within limits cannot both be at ${place(other)}`);
    }
  }
  const services = settingsOf(configuration);
  found.push(...settingsRefusals(services));
  if (watchNamespaces.length === 0) return found;
  const needed: [what: string, namespaces: readonly string[]][] = [
    ["the root namespace", configuration.rootNamespaces],
    ["the namespace of the fallback certificate", one(configuration.fallbackCertificate)],
    ["the namespace of Envoy's client certificate", one(envoy.clientCertificate)],
    ["the namespace of the authorization server", one(services.globalAuthorization?.extensionRef)],
    ["the namespace of the rate limit service", one(services.rateLimitService?.extensionService)],
    ["the namespace of the collector of traces", one(services.tracing?.extensionService)],
  ];
  for (const [what, namespaces] of needed) {
    for (const namespace of namespaces) {
      if (watchNamespaces.includes(namespace)) continue;
      found.push(`"${namespace}" is ${what}, but not among the watched namespaces`);
    }
  }
  return found;
}

function one(
  reference: { readonly namespace?: string | undefined } | undefined,
): readonly string[] {
  return reference?.namespace === undefined ? [] : [reference.namespace];
}

function samePlace(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

function place({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
