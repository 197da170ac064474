import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("what of a cluster is seen: kinds, rights, namespaces, classes, addresses", async () => {
  await testInPodNetwork(new URL("./scope_inside.ts", import.meta.url), 120_000);
});
