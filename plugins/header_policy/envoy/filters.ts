import type { Message } from "./message.ts";
import { droppingScript } from "./dropping.ts";

/**
 * The filters of the plugin by name, in the order in which requests pass them; responses come the
 * other way. What changes responses stands before all other filters, so that it also sees the answers
 * of those; what changes requests stands behind them, so that they see what the client sent.
 *
 * None of them does anything where nothing is said to it, so they are always on: Envoy decides which
 * filters are on before it knows the route of a wildcard host.
 */
export const filterNames = {
  responseDrop: "response-drop",
  response: "response",
  responseRead: "response-read",
  requestRead: "request-read",
  request: "request",
  requestDrop: "request-drop",
} as const;

/** Full names of the messages that configure the filters. */
export const filterTypes = {
  lua: "envoy.extensions.filters.http.lua.v3.Lua",
  composite: "envoy.extensions.filters.http.composite.v3.Composite",
  headerToMetadata: "envoy.extensions.filters.http.header_to_metadata.v3.Config",
} as const;

/** Configures the script that takes headers away; it runs where a route names it. */
export function dropFilter(direction: "request" | "response"): Message {
  return { sourceCodes: { [scriptName]: { inlineString: droppingScript(direction) } } };
}

/** What a route says to have the script run, or not. */
export function dropSetting(isOn: boolean): Message {
  return {
    "@type": "envoy.extensions.filters.http.lua.v3.LuaPerRoute",
    ...(isOn ? { name: scriptName } : { disabled: true }),
  };
}

const scriptName = "drop";
