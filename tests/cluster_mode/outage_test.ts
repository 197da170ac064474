import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("an API server that fails takes nothing away, and is followed again", async () => {
  await testInPodNetwork(new URL("./outage_inside.ts", import.meta.url), 120_000);
});
