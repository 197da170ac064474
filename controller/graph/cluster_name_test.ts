import assert from "node:assert/strict";
import { clusterName, hashName } from "./cluster_name.ts";

Deno.test("cluster names are those Contour's users know", () => {
  const service = { namespace: "default", service: "kuard", port: 8080 };
  assert.equal(clusterName(service, ""), "default/kuard/8080/da39a3ee5e");
  assert.equal(clusterName(service, "Cookie"), "default/kuard/8080/e4f81994fe");
  assert.equal(clusterName(service, "h2c"), "default/kuard/8080/f4f94965ec");
  assert.equal(clusterName(service, "/healthz"), "default/kuard/8080/bc862a33ca");
  assert.equal(clusterName(service, "10s0.50000010"), "default/kuard/8080/bb34a26054");
  assert.equal(
    clusterName({
      namespace: "it-is-a-truth-universally-acknowledged-that-a-single-man",
      service: "an-extremely-long-name-for-a-service",
      port: 80,
    }, ""),
    "it-is-a--a3f945/an-extre-a3f945/80/da39a3ee5e",
  );
});

Deno.test("long names are shortened from the last part on", () => {
  assert.equal(
    hashName(60, [
      "default",
      "my-service-name",
      "my-very-very-long-service-host-name.my.domainname",
    ]),
    "default/my-service-name/my-very-very--c4d2d4",
  );
  assert.equal(
    hashName(60, ["a".repeat(60)]),
    "11ee391211c6256460b6ed375957fadd8061cafbb31daf967db875aebd5a",
  );
});
