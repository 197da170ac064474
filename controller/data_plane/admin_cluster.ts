import { duration, type Message } from "../../proto/mod.ts";
import { type Address, addressMessage } from "./address.ts";

/** The admin interface as a cluster, for the listeners through which Envoy tells how it is. */
export function adminCluster({ admin, adminStatPort, namespace }: {
  readonly admin: Address;
  readonly adminStatPort: number | undefined;
  readonly namespace: string;
}): Message {
  const port = adminStatPort ?? ("port" in admin ? admin.port : 9001);
  return {
    name: "envoy-admin",
    altStatName: `${namespace}_envoy-admin_${port}`,
    type: "STATIC",
    connectTimeout: duration(250),
    lbPolicy: "ROUND_ROBIN",
    loadAssignment: {
      clusterName: "envoy-admin",
      endpoints: [{ lbEndpoints: [{ endpoint: { address: addressMessage(admin) } }] }],
    },
  };
}
