import { testInPodNetwork } from "../../../tests/support/pod_network.ts";

Deno.test("rate limit policies in a cluster, with Envoys on other machines", async () => {
  await testInPodNetwork(new URL("./cluster_inside.ts", import.meta.url), 180_000);
});
