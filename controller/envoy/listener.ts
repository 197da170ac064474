import type { GlobalServices } from "../graph/mod.ts";
import { appendRepeated, encode, type Message } from "../../proto/mod.ts";
import { globalExtensions } from "./global_services.ts";
import { httpConnectionManager } from "./http_connection_manager.ts";
import { extensionName, listenerNames } from "./names.ts";
import type { ConnectionOptions, EnvoyOptions, ListenerOptions } from "./options.ts";
import { type Resource, resourceOf, types } from "./resource.ts";
import { tracingField } from "./tracing.ts";

/**
 * The plain listener. One filter chain takes every connection. `routing` says where routes come from
 * and which filters requests pass.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto
 */
export function plainListener(
  options: EnvoyOptions,
  services: GlobalServices,
  routing: Message,
): Resource {
  const listenerFilters = proxyProtocol(options);
  const manager = httpConnectionManager(listenerNames.http, options.http, options, {
    ...routing,
    ...tracingField(services.tracing),
  });
  return resourceOf({
    type: types.listener,
    name: listenerNames.http,
    body: encode(types.listener, {
      ...listener(listenerNames.http, options.http, options.connections),
      ...(listenerFilters.length === 0 ? {} : { listenerFilters }),
      filterChains: [{ filters: [manager] }],
    }),
    clusters: globalExtensions(services).map(extensionName),
  });
}

/** The bytes of the TLS listener, whose filter chains are encoded already and sorted by host. */
export function secureListener(
  options: EnvoyOptions,
  filterChains: readonly Uint8Array[],
): Uint8Array {
  const head = encode(types.listener, {
    ...listener(listenerNames.https, options.https, options.connections),
    listenerFilters: [...proxyProtocol(options), tlsInspector(options)],
  });
  return appendRepeated(head, types.listener, "filterChains", filterChains);
}

function proxyProtocol({ connections = {} }: EnvoyOptions): readonly Message[] {
  if (!connections.useProxyProtocol) return [];
  const type = "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol";
  return [{
    name: "envoy.filters.listener.proxy_protocol",
    typedConfig: { "@type": type },
  }];
}

function tlsInspector({ tls = {} }: EnvoyOptions): Message {
  return {
    name: "envoy.filters.listener.tls_inspector",
    typedConfig: {
      "@type": "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
      ...(tls.takesFingerprints ? { enableJa3Fingerprinting: { value: true } } : {}),
      ...(tls.takesJa4Fingerprints ? { enableJa4Fingerprinting: { value: true } } : {}),
    },
  };
}

function listener(
  name: string,
  { address, port }: ListenerOptions,
  connections: ConnectionOptions = {},
): Message {
  const { bufferLimitBytes, exactBalance, maxAcceptsPerEvent } = connections;
  return {
    name,
    address: {
      socketAddress: {
        address,
        portValue: port,
        ...(address === "::" ? { ipv4Compat: true } : {}),
      },
    },
    ...(bufferLimitBytes === undefined
      ? {}
      : { perConnectionBufferLimitBytes: { value: bufferLimitBytes } }),
    ...(exactBalance ? { connectionBalanceConfig: { exactBalance: {} } } : {}),
    ...(maxAcceptsPerEvent === undefined
      ? {}
      : { maxConnectionsToAcceptPerSocketEvent: { value: maxAcceptsPerEvent } }),
    socketOptions: [...keepAlive, ...marks(address, connections)],
  };
}

/**
 * What routers on the way go by. A socket of IPv4 has no traffic class; where Contour sets one all
 * the same, Envoy does not listen at all.
 */
function marks(
  address: string,
  { typeOfService = 0, trafficClass = 0 }: ConnectionOptions,
): readonly Message[] {
  return [
    ...(typeOfService === 0 ? [] : [socketOption("Set IPv4 TOS field", 0, 1, typeOfService)]),
    ...(trafficClass === 0 || !address.includes(":")
      ? []
      : [socketOption("Set IPv6 Traffic Class field", 41, 67, trafficClass)]),
  ];
}

function socketOption(description: string, level: number, name: number, value: number): Message {
  return { description, level, name, intValue: value, state: "STATE_LISTENING" };
}

/** Makes the kernel notice clients that are gone. */
// Numbers of Linux, which is where Envoy runs: SOL_SOCKET 1, IPPROTO_TCP 6.
export const keepAlive: readonly Message[] = [
  socketOption("Enable TCP keep-alive", 1, 9, 1),
  socketOption("TCP keep-alive initial idle time", 6, 4, 45),
  socketOption("TCP keep-alive time between probes", 6, 5, 5),
  socketOption("TCP keep-alive probe count", 6, 6, 9),
];
