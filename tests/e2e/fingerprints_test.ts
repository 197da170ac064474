/** Fingerprints of clients' TLS, for logs and headers. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { startBackend } from "../support/backend.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { secureRoot } from "./going_round.ts";
import { documents, service, tlsSecret } from "./manifest.ts";

for (const layout of layouts) {
  for (const isTaken of [true, false]) {
    Deno.test(`fingerprints of clients are ${isTaken ? "" : "not "}taken, ${layout}`, async () => {
      const validity = validityAround(new Date(), 30);
      const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
      const certificate = await authority.issue({
        dnsNames: ["host.secure.test"],
        validity,
        algorithm: "ecdsa",
      });
      await using backend = await startBackend({ name: "a" });
      await using gateway = await startGateway({
        layout,
        manifest: documents(
          tlsSecret("certificate", certificate),
          service("a", [backend]),
          secureRoot("host.secure.test", {}, [{
            services: [{ name: "a", port: 80 }],
            responseHeadersPolicy: {
              set: [
                { name: "x-ja3", value: "%TLS_JA3_FINGERPRINT%" },
                { name: "x-ja4", value: "%TLS_JA4_FINGERPRINT%" },
              ],
            },
          }]),
        ),
        envoy: { tls: { takesFingerprints: isTaken, takesJa4Fingerprints: isTaken } },
      });
      const tls = { ca: authority.certificate };
      const { headers } = await gateway.ask({ host: "host.secure.test", tls });
      const [ja3 = "", ja4 = ""] = [headers["x-ja3"], headers["x-ja4"]];
      assert.match(ja3, isTaken ? /^[0-9a-f]{32}$/ : /^-?$/);
      assert.match(ja4, isTaken ? /^t13[id]\w{6}_[0-9a-f]{12}_[0-9a-f]{12}$/ : /^-?$/);
    });
  }
}
