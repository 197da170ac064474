import { testInPodNetwork } from "../support/pod_network.ts";

Deno.test("contour serve in a cluster: routes, statuses, probes and pages", async () => {
  await testInPodNetwork(new URL("./serve_inside.ts", import.meta.url), 120_000);
});
