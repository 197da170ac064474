import assert from "node:assert/strict";
import { decode } from "../../proto/mod.ts";
import type { Endpoint } from "../graph/mod.ts";
import { loadAssignmentResource, secretResource } from "./mod.ts";

const ref = { name: "default/echo/http", namespace: "default", service: "echo", portName: "http" };

function assignment(...endpoints: readonly Endpoint[]) {
  const { value, diagnostics } = loadAssignmentResource(ref, { name: ref.name, endpoints });
  const message = decode("envoy.config.endpoint.v3.ClusterLoadAssignment", value.body);
  return { message, diagnostics };
}

Deno.test("endpoints, with a port for health checks", () => {
  const { message, diagnostics } = assignment(
    { address: "10.0.0.1", port: 8080 },
    { address: "fd00::1", port: 8080, healthPort: 9090 },
  );
  assert.deepEqual(message, {
    clusterName: "default/echo/http",
    endpoints: [{
      lbEndpoints: [
        { endpoint: { address: { socketAddress: { address: "10.0.0.1", portValue: 8080 } } } },
        {
          endpoint: {
            address: { socketAddress: { address: "fd00::1", portValue: 8080 } },
            healthCheckConfig: { portValue: 9090 },
          },
        },
      ],
      loadBalancingWeight: { value: 1 },
    }],
  });
  assert.deepEqual(diagnostics, []);
});

Deno.test("no endpoints are an answer too", () => {
  assert.deepEqual(assignment().message, { clusterName: "default/echo/http" });
});

Deno.test("endpoints that Envoy would refuse are left out and told", () => {
  const { message, diagnostics } = assignment(
    { address: "pod.example", port: 80 },
    { address: "10.0.0.1", port: 0 },
    { address: "10.0.0.2", port: 80 },
  );
  assert.ok(JSON.stringify(message).includes("10.0.0.2"));
  assert.ok(!JSON.stringify(message).includes("10.0.0.1"));
  assert.equal(diagnostics.length, 1);
  assert.match(diagnostics[0]?.message ?? "", /pod\.example:80 .*10\.0\.0\.1:0/);
});

Deno.test("a certificate bears the name of its Secret, whatever is in it", () => {
  const secret = { namespace: "default", name: "tls" };
  const first = secretResource(secret, { certificateChain: "chain", privateKey: "key" });
  const second = secretResource(secret, { certificateChain: "other", privateKey: "key" });
  assert.equal(first.name, "default/tls");
  assert.equal(second.name, first.name);
  assert.notEqual(second.version, first.version);
  const bytes = (text: string) => ({ inlineBytes: new TextEncoder().encode(text) });
  assert.deepEqual(
    decode("envoy.extensions.transport_sockets.tls.v3.Secret", first.body),
    {
      name: "default/tls",
      tlsCertificate: { certificateChain: bytes("chain"), privateKey: bytes("key") },
    },
  );
});
