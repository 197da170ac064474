import { appendRepeated, encode, type Message } from "../../proto/mod.ts";
import { listenerNames } from "./names.ts";
import type { ListenerOptions } from "./options.ts";
import { types } from "./resource.ts";

/**
 * The bytes of the plain listener. One filter chain takes every connection.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto
 */
export function plainListener(options: ListenerOptions, filterChain: Message): Uint8Array {
  return encode(types.listener, {
    ...listener(listenerNames.http, options),
    filterChains: [filterChain],
  });
}

/** The bytes of the TLS listener, whose filter chains are encoded already and sorted by host. */
export function secureListener(
  options: ListenerOptions,
  filterChains: readonly Uint8Array[],
): Uint8Array {
  const head = encode(types.listener, {
    ...listener(listenerNames.https, options),
    listenerFilters: [{
      name: "envoy.filters.listener.tls_inspector",
      typedConfig: { "@type": "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector" },
    }],
  });
  return appendRepeated(head, types.listener, "filterChains", filterChains);
}

function listener(name: string, { address, port }: ListenerOptions): Message {
  return {
    name,
    address: {
      socketAddress: {
        address,
        portValue: port,
        ...(address === "::" ? { ipv4Compat: true } : {}),
      },
    },
    socketOptions: keepAlive,
  };
}

function socketOption(description: string, level: number, name: number, value: number): Message {
  return { description, level, name, intValue: value, state: "STATE_LISTENING" };
}

// Numbers of Linux, which is where Envoy runs: SOL_SOCKET 1, IPPROTO_TCP 6.
const keepAlive: readonly Message[] = [
  socketOption("Enable TCP keep-alive", 1, 9, 1),
  socketOption("TCP keep-alive initial idle time", 6, 4, 45),
  socketOption("TCP keep-alive time between probes", 6, 5, 5),
  socketOption("TCP keep-alive probe count", 6, 6, 9),
];
