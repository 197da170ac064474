import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("what HTTPProxies and Ingresses ask for in a cluster", async () => {
  await testInPodNetwork(new URL("./cases_inside.ts", import.meta.url), 120_000);
});
