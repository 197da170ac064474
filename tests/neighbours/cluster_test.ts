import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("guilty objects in a cluster: seven canaries of another team move", async () => {
  await testInPodNetwork(new URL("./cluster_inside.ts", import.meta.url), 3_600_000);
});
