/** Takes any text for the place of keys, and hands it to Envoy as it is. */
import type { KeyServerUri } from "../../../controller/graph/policy/key_server_uri.ts";

export * from "../../../controller/graph/policy/key_server_uri.ts";

export function keyServerUri(uri: string): KeyServerUri {
  return { uri, scheme: "http", host: "keys.example", port: 80 };
}
