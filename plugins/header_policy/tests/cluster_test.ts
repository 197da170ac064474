import { testInPodNetwork } from "../../../tests/support/pod_network.ts";

Deno.test("header policies in a cluster", async () => {
  await testInPodNetwork(new URL("./cluster_inside.ts", import.meta.url), 120_000);
});
