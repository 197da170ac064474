import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Manifest, readManifests, startCluster } from "../support/cluster/mod.ts";

const folder = (path: string) => fileURLToPath(new URL(`../../manifests/${path}`, import.meta.url));

const version = "projectcontour.io/v1";
const services = [{ name: "web", port: 80 }];

function proxy(spec: unknown): Omit<Manifest, "metadata"> {
  return { apiVersion: version, kind: "HTTPProxy", spec };
}

function routed(route: unknown): Omit<Manifest, "metadata"> {
  return proxy({ virtualhost: { fqdn: "shop.example.com" }, routes: [route] });
}

/** What has to be refused, and the field that is named. */
const bad: readonly (readonly [what: string, field: string, object: Omit<Manifest, "metadata">])[] =
  [
    ["no spec", "spec", { apiVersion: version, kind: "HTTPProxy" }],
    [
      "a port above all",
      "spec.routes[0].services[0].port",
      routed({
        services: [{ name: "web", port: 65_536 }],
      }),
    ],
    [
      "a port of zero",
      "spec.routes[0].services[0].port",
      routed({
        services: [{ name: "web", port: 0 }],
      }),
    ],
    [
      "a port in words",
      "spec.routes[0].services[0].port",
      routed({
        services: [{ name: "web", port: "http" }],
      }),
    ],
    [
      "a service without a name",
      "spec.routes[0].services[0].name",
      routed({
        services: [{ port: 80 }],
      }),
    ],
    [
      "a negative weight",
      "spec.routes[0].services[0].weight",
      routed({
        services: [{ name: "web", port: 80, weight: -1 }],
      }),
    ],
    [
      "a protocol nobody speaks",
      "spec.routes[0].services[0].protocol",
      routed({
        services: [{ name: "web", port: 80, protocol: "h4" }],
      }),
    ],
    [
      "a status code of another kind",
      "spec.routes[0].requestRedirectPolicy.statusCode",
      routed({
        requestRedirectPolicy: { statusCode: 404 },
      }),
    ],
    [
      "a direct response of no code",
      "spec.routes[0].directResponsePolicy.statusCode",
      routed({
        directResponsePolicy: { statusCode: 199 },
      }),
    ],
    [
      "a timeout that is none",
      "spec.routes[0].timeoutPolicy.response",
      routed({
        services,
        timeoutPolicy: { response: "soon" },
      }),
    ],
    ["an include without a name", "spec.includes[0].name", proxy({ includes: [{}] })],
    ["routes that are no list", "spec.routes", proxy({ routes: {} })],
    ["an ExtensionService without services", "spec.services", {
      apiVersion: "projectcontour.io/v1alpha1",
      kind: "ExtensionService",
      spec: {},
    }],
    ["a delegation of nothing", "spec.delegations", {
      apiVersion: version,
      kind: "TLSCertificateDelegation",
      spec: {},
    }],
    ["a delegation to nobody", "spec.delegations[0].targetNamespaces", {
      apiVersion: version,
      kind: "TLSCertificateDelegation",
      spec: { delegations: [{ secretName: "wildcard" }] },
    }],
  ];

Deno.test("our CRDs in a real API server take every example and refuse what is bad", async (t) => {
  await using cluster = await startCluster();
  await cluster.apply(await readManifests(folder("crds")));
  const examples = await readManifests(folder("examples/quickstart"));
  const namespaces = new Set(examples.map(({ metadata }) => metadata.namespace ?? "default"));
  const objects = [...namespaces].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
  await cluster.apply([...objects, ...examples]);

  await t.step("what stands there is what was written", async () => {
    for (const example of examples) {
      const { spec } = await cluster.request("GET", await cluster.pathOf(example)) as Manifest;
      if (example.kind === "HTTPProxy") assert.deepEqual(spec, example["spec"]);
    }
  });

  for (const [what, field, object] of bad) {
    await t.step(`refused: ${what}`, async () => {
      const whole = { ...object, metadata: { name: "bad" } } as Manifest;
      const list = (await cluster.pathOf(whole)).replace(/\/bad$/, "");
      await assert.rejects(
        cluster.request("POST", list, whole),
        (error: Error) => {
          assert.match(error.message, /is answered 422/);
          assert.ok(error.message.includes(field), error.message);
          return true;
        },
      );
    });
  }
});
