import type { Message } from "../../proto/mod.ts";

/** Everything that Envoy looks up by name comes over the one stream it has with us. */
export const ads: Message = { ads: {}, resourceApiVersion: "V3" };
