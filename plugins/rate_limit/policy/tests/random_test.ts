/** Whatever users may write, Envoy takes it, and the service is asked about nothing it does not know. */
import assert from "node:assert/strict";
import { policy, proxy, startStage } from "./stage.ts";
import { randomLimit, seeded } from "./random_limit.ts";

Deno.test("Envoy takes limits by chance", async () => {
  const random = seeded(11);
  const names = Array.from({ length: 60 }, (_, i) => `host-${i}`);
  await using stage = await startStage({ settings: { failOpen: false, timeout: "5s" } });
  await stage.apply(...names.flatMap((name) => [
    proxy(name, { prefixes: ["/", "/a"] }),
    policy(
      name,
      `{kind: HTTPProxy, name: ${name}}`,
      JSON.stringify([randomLimit(random), randomLimit(random)]),
    ),
  ]));
  const answered = new Set<number>();
  for (const host of names.map((name) => `${name}.test`)) {
    const headers = { "x-user": "a", "x-cost": "3", "x": "", a: "b" };
    answered.add((await stage.ask({ host, path: "/a?q=1", headers })).status);
    answered.add((await stage.ask({ host, method: "POST", from: "127.0.0.9" })).status);
  }
  const told = stage.complaints().filter((line) => !line.includes("no request passes"));
  assert.deepEqual(told, []);
  // Anything the service could not answer would be 500.
  assert.deepEqual([...answered].filter((status) => status !== 200 && status !== 429), []);
});
