import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("the certificates of controller and Envoy are exchanged while both run", async () => {
  await testInPodNetwork(new URL("./certificates_inside.ts", import.meta.url), 120_000);
});
