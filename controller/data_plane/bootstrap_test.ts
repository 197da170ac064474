import assert from "node:assert/strict";
import { check, decode, encode, type Json } from "../../proto/mod.ts";
import { makeAuthority, validityAround } from "../certs/mod.ts";
import {
  bootstrap,
  bootstrapFiles,
  bootstrapJson,
  type BootstrapOptions,
  bootstrapType,
  envoyBinary,
} from "./mod.ts";

const plain: BootstrapOptions = {
  node: { id: "envoy-1", cluster: "contour" },
  xds: { address: "127.0.0.1", port: 8001 },
  admin: { path: "/admin/admin.sock" },
};
const tls = { caFile: "/certs/ca.crt", certFile: "/certs/tls.crt", keyFile: "/certs/tls.key" };

const variants: Readonly<Record<string, BootstrapOptions>> = {
  "all defaults": { xds: { address: "::1", port: 1 }, admin: { address: "127.0.0.1", port: 9001 } },
  "with statistics": plain,
  "a controller by name": { ...plain, xds: { address: "contour.example", port: 8001 } },
  "limits": { ...plain, maxHeapBytes: 2 ** 31, maxDownstreamConnections: 50_000 },
  "TLS": { ...plain, xds: { ...plain.xds, tls } },
  "TLS with rotation": { ...plain, xds: { ...plain.xds, tls: { ...tls, resourcesDir: "/res" } } },
};

for (const [name, options] of Object.entries(variants)) {
  Deno.test(`bootstrap: ${name} keeps Envoy's rules`, () => {
    const message = bootstrap(options);
    assert.deepEqual(check(bootstrapType, message), []);
    assert.deepEqual(
      encode(bootstrapType, decode(bootstrapType, encode(bootstrapType, message))),
      encode(bootstrapType, message),
    );
    assert.equal(bootstrapJson(options), bootstrapJson(options));
  });
}

Deno.test("bootstrap: a real Envoy accepts every variant", async () => {
  const binary = await envoyBinary();
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  try {
    const files = await certificates(folder);
    for (const [name, options] of Object.entries(variants)) {
      // The paths must exist for Envoy, so those of the variants are moved.
      const { resourcesDir } = options.xds.tls ?? {};
      const moved: BootstrapOptions = options.xds.tls === undefined ? options : {
        ...options,
        xds: {
          ...options.xds,
          tls: { ...files, ...(resourcesDir ? { resourcesDir: folder } : {}) },
        },
      };
      await Deno.mkdir(`${folder}/sds`, { recursive: true });
      for (const [path, text] of bootstrapFiles(moved)) await Deno.writeTextFile(path, text);
      await Deno.writeTextFile(`${folder}/bootstrap.json`, bootstrapJson(moved));
      const { success, stderr } = await new Deno.Command(binary, {
        args: [
          "--mode",
          "validate",
          "-c",
          `${folder}/bootstrap.json`,
          "--service-node",
          "n",
          "--service-cluster",
          "c",
          "--log-level",
          "warning",
        ],
      }).output();
      assert.ok(success, `${name}: ${new TextDecoder().decode(stderr)}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The certificates of an Envoy, as PEM files. */
async function certificates(folder: string) {
  const validity = validityAround(new Date(), 30);
  const made = { validity, algorithm: "ecdsa" } as const;
  const authority = await makeAuthority({ commonName: "test", ...made });
  const { certificate, privateKey } = await authority.issue({ dnsNames: ["envoy"], ...made });
  const files = {
    caFile: `${folder}/ca.crt`,
    certFile: `${folder}/tls.crt`,
    keyFile: `${folder}/tls.key`,
  };
  await Deno.writeTextFile(files.caFile, authority.certificate);
  await Deno.writeTextFile(files.certFile, certificate);
  await Deno.writeTextFile(files.keyFile, privateKey);
  return files;
}

/** What stands at a path of the JSON: `["admin", "address"]`. */
function at(options: BootstrapOptions, ...path: readonly (string | number)[]): Json | undefined {
  let here: unknown = JSON.parse(bootstrapJson(options));
  for (const part of path) here = Object(here)[part];
  return here as Json | undefined;
}

Deno.test("bootstrap: asks for everything over one delta stream", () => {
  assert.deepEqual(at(plain, "dynamic_resources"), {
    lds_config: { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" },
    cds_config: { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" },
    ads_config: {
      api_type: "DELTA_GRPC",
      grpc_services: [{
        envoy_grpc: {
          cluster_name: "contour",
          authority: "contour",
          retry_policy: { retry_back_off: { base_interval: "0.250s", max_interval: "2s" } },
        },
      }],
      set_node_on_first_message_only: true,
      transport_api_version: "V3",
    },
  });
  assert.deepEqual(at(plain, "node"), { id: "envoy-1", cluster: "contour" });
  assert.equal(at(plain, "deferred_stat_options", "enable_deferred_creation_stats"), true);
});

Deno.test("bootstrap: the controller's cluster", () => {
  const type = (options: BootstrapOptions) =>
    at(options, "static_resources", "clusters", 0, "type");
  assert.equal(type({ ...plain, xds: { address: "contour.example", port: 8001 } }), "STRICT_DNS");
  assert.equal(type({ ...plain, xds: { address: "::1", port: 8001 } }), "STATIC");
  const family = { ...plain, dnsLookupFamily: "v4" } as const;
  assert.equal(at(family, "static_resources", "clusters", 0, "dns_lookup_family"), "V4_ONLY");
  assert.equal(
    at({ ...plain, namespace: "edge" }, "static_resources", "clusters", 0, "alt_stat_name"),
    "edge_contour_8001",
  );
});

Deno.test("bootstrap: limits of regular expressions come before the admin console's layer", () => {
  assert.deepEqual(at(plain, "layered_runtime", "layers"), [
    {
      name: "static",
      static_layer: {
        "re2.max_program_size.error_level": 1_048_576,
        "re2.max_program_size.warn_level": 1000,
      },
    },
    { name: "admin", admin_layer: {} },
  ]);
});

Deno.test("bootstrap: admin on a socket or a port, its log nowhere", () => {
  assert.deepEqual(at(plain, "admin", "address"), {
    pipe: { path: "/admin/admin.sock", mode: 420 },
  });
  const tcp = { ...plain, admin: { address: "127.0.0.1", port: 9001 } };
  assert.deepEqual(at(tcp, "admin", "address"), {
    socket_address: { protocol: "TCP", address: "127.0.0.1", port_value: 9001 },
  });
  assert.equal(at(plain, "admin", "access_log", 0, "typed_config", "path"), "/dev/null");
});

Deno.test("bootstrap: overload limits each by itself", () => {
  assert.equal(at({ ...plain, maxHeapBytes: 0 }, "overload_manager"), undefined);
  const connections = { ...plain, maxDownstreamConnections: 5 };
  assert.equal(at(connections, "overload_manager", "actions"), undefined);
  assert.equal(at(connections, "overload_manager", "refresh_interval"), "0.250s");
  const heap = at({ ...plain, maxHeapBytes: 1000 }, "overload_manager", "actions");
  assert.deepEqual(heap, [
    {
      name: "envoy.overload_actions.shrink_heap",
      triggers: [{ name: "envoy.resource_monitors.fixed_heap", threshold: { value: 0.95 } }],
    },
    {
      name: "envoy.overload_actions.stop_accepting_requests",
      triggers: [{ name: "envoy.resource_monitors.fixed_heap", threshold: { value: 0.98 } }],
    },
  ]);
});

Deno.test("bootstrap: certificates by file, or through files that may be replaced", () => {
  const context = (options: BootstrapOptions) =>
    at(
      options,
      "static_resources",
      "clusters",
      0,
      "transport_socket",
      "typed_config",
      "common_tls_context",
    );
  assert.deepEqual(context({ ...plain, xds: { ...plain.xds, tls } }), {
    tls_params: { tls_maximum_protocol_version: "TLSv1_3" },
    tls_certificates: [{
      certificate_chain: { filename: "/certs/tls.crt" },
      private_key: { filename: "/certs/tls.key" },
    }],
    validation_context: {
      trusted_ca: { filename: "/certs/ca.crt" },
      match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: "contour" } }],
    },
  });
  const rotating = { ...plain, xds: { ...plain.xds, tls: { ...tls, resourcesDir: "/res/" } } };
  assert.deepEqual([...bootstrapFiles(rotating).keys()], [
    "/res/sds/xds-tls-certificate.json",
    "/res/sds/xds-validation-context.json",
  ]);
  const [certificate] = bootstrapFiles(rotating).values();
  assert.deepEqual(JSON.parse(certificate ?? ""), {
    resources: [{
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
      name: "contour_xds_tls_certificate",
      tls_certificate: {
        certificate_chain: { filename: "/certs/tls.crt" },
        private_key: { filename: "/certs/tls.key" },
      },
    }],
  });
  assert.equal(bootstrapFiles(plain).size, 0);
});
