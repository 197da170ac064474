import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("replicas come and go, one of them leads, and Envoys serve on", async () => {
  await testInPodNetwork(new URL("./replicas_inside.ts", import.meta.url), 120_000);
});
