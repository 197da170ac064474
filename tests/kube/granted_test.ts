import { envoyBinary } from "../../controller/data_plane/mod.ts";
import { clusterBinary } from "../support/cluster/mod.ts";
import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("the installation works with what it grants itself", async () => {
  // Inside nothing can be fetched.
  await envoyBinary();
  for (const name of ["etcd", "kube-apiserver"] as const) await clusterBinary(name);
  await testInPodNetwork(new URL("./granted_inside.ts", import.meta.url), 180_000);
});
