import { encodeAny, type Message } from "../../proto/mod.ts";

/** A filter of one of Envoy's HTTP extensions, `cors.v3.Cors` for instance. */
export function httpFilter(name: string, type: string, config: Message = {}): Message {
  return { name, typedConfig: encodeAny(`envoy.extensions.filters.http.${type}`, config) };
}

/** A filter that runs a Lua script. */
export function luaFilter(name: string, script: string): Message {
  return httpFilter(name, "lua.v3.Lua", { defaultSourceCode: { inlineString: script } });
}
