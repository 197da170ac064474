import assert from "node:assert/strict";
import { type Manifest, readManifests, startCluster } from "../support/cluster/mod.ts";
import { examples, manifestsAt, pluginAccess, withNamespaces } from "./installed.ts";

interface Unnamed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: unknown;
}

const services = [{ name: "web", port: 80 }];

function object(version: string, kind: string, spec: unknown): Unnamed {
  return { apiVersion: `projectcontour.io/${version}`, kind, spec };
}

const proxy = (spec: unknown) => object("v1", "HTTPProxy", spec);
const host = (virtualhost: unknown) => proxy({ virtualhost, routes: [{ services }] });
const route = (fields: object) =>
  proxy({ virtualhost: { fqdn: "shop.example.com" }, routes: [{ services, ...fields }] });
const target = (fields: object) => route({ services: [{ name: "web", port: 80, ...fields }] });
const delegation = (spec: unknown) => object("v1", "TLSCertificateDelegation", spec);
const extension = (spec: object) => object("v1alpha1", "ExtensionService", { services, ...spec });
const configuration = (spec: unknown) => object("v1alpha1", "ContourConfiguration", spec);

/** What has to be refused, and the field that is named. */
const bad: readonly (readonly [what: string, field: string, object: Unnamed])[] = [
  ["no spec", "spec", proxy(undefined)],
  ["routes that are no list", "spec.routes", proxy({ routes: {} })],
  ["a host without a name", "spec.virtualhost.fqdn", host({})],
  ["a host of another type", "spec.virtualhost", host("shop.example.com")],
  ["a name that is a number", "spec.virtualhost.fqdn", host({ fqdn: 7 })],
  [
    "a TLS version nobody speaks",
    "spec.virtualhost.tls.maximumProtocolVersion",
    host({ fqdn: "a.test", tls: { maximumProtocolVersion: 1.3 } }),
  ],
  [
    "passthrough in words",
    "spec.virtualhost.tls.passthrough",
    host({ fqdn: "a.test", tls: { passthrough: "yes" } }),
  ],
  ["an include without a name", "spec.includes[0].name", proxy({ includes: [{}] })],
  ["a port above all", "spec.routes[0].services[0].port", target({ port: 65_536 })],
  ["a port of zero", "spec.routes[0].services[0].port", target({ port: 0 })],
  ["a port in words", "spec.routes[0].services[0].port", target({ port: "http" })],
  ["a port with a fraction", "spec.routes[0].services[0].port", target({ port: 80.5 })],
  [
    "a service without a name",
    "spec.routes[0].services[0].name",
    route({ services: [{ port: 80 }] }),
  ],
  [
    "a service without a port",
    "spec.routes[0].services[0].port",
    route({ services: [{ name: "web" }] }),
  ],
  ["a negative weight", "spec.routes[0].services[0].weight", target({ weight: -1 })],
  ["a protocol nobody speaks", "spec.routes[0].services[0].protocol", target({ protocol: "h4" })],
  [
    "validation without a CA",
    "spec.routes[0].services[0].validation.caSecret",
    target({ validation: { subjectName: "web" } }),
  ],
  [
    "two names of which the first is another",
    "spec.routes[0].services[0].validation",
    target({ validation: { caSecret: "ca", subjectName: "web", subjectNames: ["b", "web"] } }),
  ],
  [
    "a redirect of another kind",
    "spec.routes[0].requestRedirectPolicy.statusCode",
    route({ requestRedirectPolicy: { statusCode: 404 } }),
  ],
  [
    "a redirect to another scheme",
    "spec.routes[0].requestRedirectPolicy.scheme",
    route({ requestRedirectPolicy: { scheme: "ftp" } }),
  ],
  [
    "a direct response of no code",
    "spec.routes[0].directResponsePolicy.statusCode",
    route({ directResponsePolicy: { statusCode: 199 } }),
  ],
  [
    "a timeout that is none",
    "spec.routes[0].timeoutPolicy.response",
    route({ timeoutPolicy: { response: "soon" } }),
  ],
  [
    "a timeout without a unit",
    "spec.routes[0].timeoutPolicy.idle",
    route({ timeoutPolicy: { idle: "5" } }),
  ],
  [
    "fewer retries than none",
    "spec.routes[0].retryPolicy.count",
    route({ retryPolicy: { count: -2 } }),
  ],
  [
    "a reason to retry that there is not",
    "spec.routes[0].retryPolicy.retryOn[0]",
    route({ retryPolicy: { retryOn: ["always"] } }),
  ],
  [
    "a limit without requests",
    "spec.routes[0].rateLimitPolicy.local.requests",
    route({ rateLimitPolicy: { local: { unit: "second" } } }),
  ],
  [
    "a limit by the week",
    "spec.routes[0].rateLimitPolicy.local.unit",
    route({ rateLimitPolicy: { local: { requests: 1, unit: "week" } } }),
  ],
  [
    "a health check without a path",
    "spec.routes[0].healthCheckPolicy.path",
    route({ healthCheckPolicy: {} }),
  ],
  [
    "a filter of other addresses",
    "spec.routes[0].ipAllowPolicy[0].source",
    route({ ipAllowPolicy: [{ source: "Proxy", cidr: "10.0.0.0/8" }] }),
  ],
  [
    "a cookie without a name",
    "spec.routes[0].cookieRewritePolicies[0].name",
    route({ cookieRewritePolicies: [{ secure: true }] }),
  ],
  [
    "a hashed header without a name",
    "spec.routes[0].loadBalancerPolicy.requestHashPolicies",
    route({ loadBalancerPolicy: { requestHashPolicies: "all" } }),
  ],
  [
    "a header without a value",
    "spec.routes[0].requestHeadersPolicy.set[0].value",
    route({
      requestHeadersPolicy: { set: [{ name: "x-team", value: 7 }] },
    }),
  ],
  [
    "a tcpproxy with a bad port",
    "spec.tcpproxy.services[0].port",
    proxy({
      tcpproxy: { services: [{ name: "db", port: -1 }] },
    }),
  ],
  ["an ExtensionService without services", "spec.services", extension({ services: [] })],
  ["an ExtensionService over FTP", "spec.protocol", extension({ protocol: "ftp" })],
  ["an old API of Envoy", "spec.protocolVersion", extension({ protocolVersion: "v2" })],
  ["a delegation of nothing", "spec.delegations", delegation({})],
  [
    "a delegation to nobody",
    "spec.delegations[0].targetNamespaces",
    delegation({ delegations: [{ secretName: "wildcard" }] }),
  ],
  [
    "a delegation of no Secret",
    "spec.delegations[0].secretName",
    delegation({ delegations: [{ targetNamespaces: ["*"] }] }),
  ],
  [
    "a port of xDS above all",
    "spec.xdsServer.port",
    configuration({ xdsServer: { port: 70_000 } }),
  ],
  [
    "a server header of another kind",
    "spec.envoy.listener.serverHeaderTransformation",
    configuration({ envoy: { listener: { serverHeaderTransformation: "hide" } } }),
  ],
  [
    "a version of HTTP to come",
    "spec.envoy.defaultHTTPVersions[0]",
    configuration({ envoy: { defaultHTTPVersions: ["HTTP/4"] } }),
  ],
  [
    "hops in words",
    "spec.envoy.network.numTrustedHops",
    configuration({ envoy: { network: { numTrustedHops: "two" } } }),
  ],
  [
    "rate limits without a service",
    "spec.rateLimitService.extensionService",
    configuration({ rateLimitService: { domain: "shop" } }),
  ],
  [
    "a Gateway without a name",
    "spec.gateway.gatewayRef.name",
    configuration({ gateway: { gatewayRef: { namespace: "edge" } } }),
  ],
  [
    "a tag without a name",
    "spec.tracing.customTags[0].tagName",
    configuration({
      tracing: {
        extensionService: { namespace: "edge", name: "traces" },
        customTags: [{ literal: "edge" }],
      },
    }),
  ],
];

/** Of ContourConfigurations the examples have none. */
const configured: Manifest = {
  ...configuration({
    xdsServer: { address: "0.0.0.0", port: 8001, tls: { insecure: false } },
    ingress: { classNames: ["contour"] },
    envoy: {
      listener: {
        tls: { minimumProtocolVersion: "1.3" },
        "per-connection-buffer-limit-bytes": 4096,
      },
      logging: { accessLogFormat: "json", accessLogJSONFields: ["@timestamp", "path"] },
      timeouts: { requestTimeout: "30s", connectionIdleTimeout: "infinity" },
      runtimeSettings: { "re2.max_program_size.error_level": "200" },
    },
    policy: { requestHeaders: { set: { "x-edge": "%HOSTNAME%" }, remove: ["x-debug"] } },
    tracing: {
      extensionService: { namespace: "edge", name: "traces" },
      customTags: [{ tagName: "edge", literal: "west" }],
    },
  }),
  metadata: { name: "contour", namespace: "default" },
};

Deno.test("our CRDs in a real API server take every example and refuse what is bad", async (t) => {
  await using cluster = await startCluster();
  await cluster.apply(await readManifests(manifestsAt("crds")));
  await cluster.apply(pluginAccess.filter(({ kind }) => kind === "CustomResourceDefinition"));
  const good = [...await examples(), configured];
  await cluster.apply(withNamespaces(good).filter(({ kind }) => kind === "Namespace"));

  await t.step("what stands there is what was written", async () => {
    // One by one: some have the same name.
    for (const example of good) {
      await cluster.apply([example]);
      const { spec, status } = await cluster.request(
        "GET",
        await cluster.pathOf(example),
      ) as Manifest;
      const at = `${example.kind} ${example.metadata.namespace}/${example.metadata.name}`;
      if (example.apiVersion.startsWith("projectcontour.io/")) {
        assert.ok(holds(spec, example["spec"]), at);
      }
      if (example.kind === "HTTPProxy") {
        assert.deepEqual(status, {
          currentStatus: "NotReconciled",
          description: "Waiting for controller",
        });
      }
    }
  });

  for (const [what, field, object] of bad) {
    await t.step(`refused: ${what}`, async () => {
      const whole = { ...object, metadata: { name: "bad" } };
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

/** Whether all of a value is in another, which may have defaults beside it. */
function holds(whole: unknown, part: unknown): boolean {
  if (typeof part !== "object" || part === null) return whole === part;
  if (typeof whole !== "object" || whole === null) return false;
  return Object.entries(part).every(([name, value]) =>
    holds((whole as Record<string, unknown>)[name], value)
  );
}
