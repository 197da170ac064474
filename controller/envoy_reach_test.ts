import assert from "node:assert/strict";
import { configure } from "./configuration/mod.ts";
import { envoyReach } from "./envoy_reach.ts";
import type { ClusterOptions, EnvoyChoice, FilesOptions } from "./serve_options.ts";

const cluster: ClusterOptions = {
  kind: "cluster",
  access: { inCluster: true },
  watchNamespaces: [],
  disabledKinds: [],
};
const files: FilesOptions = { kind: "files", paths: ["a.yaml"], namespace: "default" };
const certificates = {
  caFile: "/certs/ca.crt",
  certFile: "/certs/tls.crt",
  keyFile: "/certs/tls.key",
};

function reach(
  source: ClusterOptions | FilesOptions,
  xds: { readonly address: string; readonly insecure?: boolean },
  envoy: EnvoyChoice = { kind: "external" },
) {
  const configured = configure({
    flags: { xdsServer: { ...xds, tls: { ...certificates, insecure: xds.insecure ?? false } } },
    namespace: "edge",
  });
  assert.ok(configured.ok);
  const { configuration } = configured;
  return envoyReach({
    source,
    envoy,
    configuration: {
      ...configuration,
      xds: {
        ...configuration.xds,
        address: xds.address,
        insecure: xds.insecure ?? false,
        tls: certificates,
      },
    },
  });
}

Deno.test("Envoys of a cluster come by the Service, with the certificates of xDS", () => {
  const tls = { certificate: "/certs/tls.crt", key: "/certs/tls.key", ca: "/certs/ca.crt" };
  const elsewhere = { kind: "elsewhere", listen: "0.0.0.0", host: "contour.edge" };
  assert.deepEqual(reach(cluster, { address: "0.0.0.0" }), { ...elsewhere, tls });
  assert.deepEqual(reach(cluster, { address: "0.0.0.0", insecure: true }), elsewhere);
});

Deno.test("Envoys are beside us with files, as our own, and where xDS is for this machine alone", () => {
  const beside = { kind: "beside" };
  assert.deepEqual(reach(files, { address: "0.0.0.0" }), beside);
  assert.deepEqual(reach(cluster, { address: "0.0.0.0" }, { kind: "managed" }), beside);
  for (const address of ["127.0.0.1", "127.0.0.2", "::1", "localhost"]) {
    assert.deepEqual(reach(cluster, { address }), beside);
  }
});
