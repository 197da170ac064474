import { query } from "../query/mod.ts";
import type { KeyServer, KeyServerCluster } from "./model.ts";
import { caBundle } from "./secret.ts";

/**
 * What Envoy has to know of a server of keys. `undefined` for a moment at most: the certificates it
 * is checked against are gone, and whoever asked for it is about to ask no more.
 */
export const keyServerCluster = query(
  "key-server-cluster",
  (db, server: KeyServer): KeyServerCluster | undefined => {
    if (server.validation === undefined) return { server };
    const bundle = caBundle(db, server.validation.caSecret);
    return bundle.ok ? { server, caBundle: bundle.pem } : undefined;
  },
);
