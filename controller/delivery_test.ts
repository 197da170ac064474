/** Refusals are told to the objects behind them, and taken back when they are over. */
import assert from "node:assert/strict";
import { decode } from "../proto/mod.ts";
import { type ObjectKey, readManifest } from "./api/mod.ts";
import { makeAuthority, validityAround } from "./certs/mod.ts";
import { deliver, type Refusal } from "./delivery.ts";
import { defaultEnvoyOptions } from "./envoy/mod.ts";
import { defaultSettings } from "./store/mod.ts";
import { Translation } from "./translation/mod.ts";
import {
  CLUSTER,
  LISTENER,
  type Resource,
  ResourceCache,
  type ResourceRef,
  SCOPED_ROUTE_CONFIGURATION,
  SECRET,
  type XdsEvent,
} from "./xds/mod.ts";

const node = { id: "test", cluster: "contour" };
const authority = await makeAuthority({
  commonName: "test",
  validity: validityAround(new Date(), 30),
  algorithm: "ecdsa",
});
const certificate = await authority.issue({
  dnsNames: ["*.test"],
  validity: validityAround(new Date(), 30),
  algorithm: "ecdsa",
});

const host = (name: string, rest: string, tls = "") => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${name} }
spec:
  virtualhost: { fqdn: ${name}.test${tls} }
  ${rest}
---`;
const routes = "routes: [{ services: [{ name: backend, port: 80 }] }]";
const tcp = (service: string) => `tcpproxy: { services: [{ name: ${service}, port: 80 }] }`;
const secured = ", tls: { secretName: certificate }";
const others = [
  ...["backend", "old", "new", "newer"].map((name) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: [{ port: 80 }] },
    })
  ),
  JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "certificate" },
    stringData: { "tls.crt": certificate.certificate, "tls.key": certificate.privateKey },
  }),
  "",
].join("\n---\n");

/** A controller whose Envoy is played by the test. */
class Bench {
  readonly cache = new ResourceCache();
  readonly refusals: Refusal[] = [];
  readonly #translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout: "scoped",
  });
  readonly #delivery = deliver({
    translation: this.#translation,
    cache: this.cache,
    onRefused: (refusal) => this.refusals.push(refusal),
  });

  apply(manifest: string): void {
    const { objects, diagnostics } = readManifest(manifest, { file: "test.yaml" });
    assert.deepEqual(diagnostics, []);
    this.#translation.apply({ applied: objects.map(({ object }) => object) });
    this.#settle();
  }

  /** Envoy refuses a resource, as it is served now unless another version is given. */
  refuse({ typeUrl, name }: ResourceRef, message: string, version?: string): void {
    const ref = { typeUrl, name };
    const what = { ref, version: version ?? this.served(ref).version, message };
    this.#hear({ kind: "refused", node, ...what, since: 0, fallback: "left-out" });
  }

  /** Envoy takes a resource as it is served now. */
  accept({ typeUrl, name }: ResourceRef): void {
    const { version } = this.served({ typeUrl, name });
    const resources = [{ name, version }];
    this.#hear({ kind: "acknowledged", node, typeUrl, resources, removed: [] });
  }

  /** Envoy takes what it refused before. */
  recover({ typeUrl, name }: ResourceRef): void {
    const { version } = this.served({ typeUrl, name });
    this.#hear({ kind: "recovered", node, ref: { typeUrl, name }, version });
  }

  /** Where the filter chain of a host leads, as it is served now. */
  targetOf(serverName: string): string | undefined {
    const { body } = this.served(listener);
    const { filterChains } = decode("envoy.config.listener.v3.Listener", body);
    const chains = Array.isArray(filterChains) ? filterChains : [];
    const chain = chains.map((chain) => JSON.stringify(chain))
      .find((text) => text.includes(`"${serverName}"`));
    return /"default\/(\w+)\/80/.exec(chain ?? "")?.[1];
  }

  /** What Envoy's refusals are to the status of an HTTPProxy. */
  told(name: string): readonly string[] {
    const status = this.#translation.statuses.get(`HTTPProxy/default/${name}`);
    return (status?.diagnostics ?? []).map(({ message }) => message);
  }

  /** The resource as it is served now. */
  served(ref: ResourceRef): Resource {
    const resource = this.cache.get(ref);
    assert.ok(resource, `${ref.name} is not served`);
    return resource;
  }

  #hear(event: XdsEvent): void {
    if (this.#delivery.handle(event)) this.#settle();
  }

  #settle(): void {
    while (this.#delivery.publish(this.#translation.settleNow()));
  }
}

const scope = (name: string) => ({
  typeUrl: SCOPED_ROUTE_CONFIGURATION,
  name: `http/${name}.test`,
});
const proxy = (name: string): ObjectKey => ({ kind: "HTTPProxy", namespace: "default", name });
const listener = { typeUrl: LISTENER, name: "ingress_https" };

Deno.test("a host that is refused is told so until it changes", () => {
  const bench = new Bench();
  bench.apply(others + host("bad", routes) + host("good", routes));
  bench.refuse(scope("bad"), "no such thing");
  assert.deepEqual(bench.told("bad"), ["no such thing"]);
  assert.deepEqual(bench.told("good"), []);
  assert.deepEqual(bench.refusals, [{
    objects: [proxy("bad")],
    typeUrl: SCOPED_ROUTE_CONFIGURATION,
    resource: "http/bad.test",
    node: "test",
    message: "no such thing",
  }]);
  bench.apply(host("bad", routes.replace("}]", "}], enableWebsockets: true")));
  assert.deepEqual(bench.told("bad"), []);
});

Deno.test("a refusal of what is not served any more is nobody's", () => {
  const bench = new Bench();
  bench.apply(others + host("changing", routes));
  const { version } = bench.served(scope("changing"));
  bench.apply(host("changing", routes.replace("}]", "}], enableWebsockets: true")));
  bench.refuse(scope("changing"), "too late", version);
  assert.deepEqual(bench.told("changing"), []);
  assert.deepEqual(bench.refusals, []);
});

Deno.test("a chain of the shared listener is found among the others, which are served", () => {
  const bench = new Bench();
  const names = ["a", "b", "c", "d", "e"];
  const chains = (service: string) =>
    names.map((name) => host(name, tcp(service), secured)).join("");
  bench.apply(others + chains("old"));
  bench.accept(listener);
  bench.apply(chains("new"));
  assert.equal(bench.targetOf("c.test"), "new");
  // This Envoy takes anything but the new form of c.test.
  for (let i = 0; i < 20 && bench.told("c").length === 0; i++) {
    if (bench.targetOf("c.test") === "new") bench.refuse(listener, "no such thing");
    else bench.accept(listener);
  }
  bench.accept(listener);
  assert.deepEqual(names.map((name) => bench.told(name)), [[], [], ["no such thing"], [], []]);
  assert.deepEqual(
    names.map((name) => bench.targetOf(`${name}.test`)),
    ["new", "new", "old", "new", "new"],
  );
  assert.deepEqual(bench.refusals.map(({ objects }) => objects), [[proxy("c")]]);

  bench.apply(host("c", tcp("newer"), secured));
  assert.equal(bench.targetOf("c.test"), "newer");
  assert.deepEqual(bench.told("c"), []);
});

Deno.test("a cluster or certificate that is refused is told to the hosts that use it", () => {
  const bench = new Bench();
  bench.apply(others + host("plain", routes) + host("secure", routes, secured));
  bench.refuse({ typeUrl: SECRET, name: "default/certificate" }, "bad key");
  assert.deepEqual(bench.told("secure"), ["bad key"]);
  assert.deepEqual(bench.told("plain"), []);
  const [cluster] = bench.cache.ofType(CLUSTER).values();
  assert.ok(cluster);
  bench.refuse(cluster, "bad cluster");
  assert.deepEqual(bench.told("secure"), ["bad key; bad cluster"]);
  assert.deepEqual(bench.told("plain"), ["bad cluster"]);
  assert.deepEqual(bench.refusals.map(({ objects }) => objects), [
    [{ kind: "Secret", namespace: "default", name: "certificate" }, proxy("secure")],
    [{ kind: "Service", namespace: "default", name: "backend" }, proxy("plain"), proxy("secure")],
  ]);
  bench.recover(cluster);
  assert.deepEqual(bench.told("plain"), []);
  assert.deepEqual(bench.told("secure"), ["bad key"]);
});

Deno.test("an address in use is reported, and blamed on nobody", () => {
  const bench = new Bench();
  bench.apply(others + host("secure", routes, secured));
  bench.refuse(listener, "cannot bind '0.0.0.0:8443': Address already in use");
  assert.deepEqual(bench.told("secure"), []);
  assert.deepEqual(bench.refusals.map(({ objects }) => objects), [[]]);
});
