import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { readFiles } from "../../controller/files/mod.ts";
import { parts } from "../main.ts";
import { backendManifests, certificateManifest } from "./manifests.ts";

Deno.test("the quickstart with what the demo adds has no problem at all", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-quickstart-" });
  try {
    const validity = validityAround(new Date(), 1);
    const algorithm = "ecdsa";
    const authority = await makeAuthority({ commonName: "CA", validity, algorithm });
    const issued = await authority.issue({ dnsNames: ["pay.localhost"], validity, algorithm });
    await Deno.writeTextFile(join(folder, "certificate.yaml"), certificateManifest(issued));
    const backends = ["welcome", "catalog-v1", "catalog-v2", "checkout"].map((name, index) => ({
      name,
      address: "127.0.0.1",
      port: 10_000 + index,
    }));
    await Deno.writeTextFile(join(folder, "backends.yaml"), backendManifests(backends));

    const example = fileURLToPath(
      new URL("../../manifests/examples/quickstart", import.meta.url),
    );
    const { objects, diagnostics } = await readFiles({
      paths: [example, folder],
      namespace: "default",
    });
    assert.deepEqual(diagnostics, []);
    const statuses = await parts.statuses(objects, { ingressClassNames: [], rootNamespaces: [] });
    assert.deepEqual(statuses.flatMap(({ diagnostics }) => diagnostics), []);
    assert.deepEqual(
      statuses.map(({ key, status }) => `${key.namespace}/${key.name} ${status?.currentStatus}`)
        .sort(),
      [
        "platform/shop valid",
        "team-catalog/catalog valid",
        "team-checkout/checkout valid",
        "team-checkout/pay valid",
      ],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
