import assert from "node:assert/strict";
import { decode, type Message, typeName } from "../../proto/mod.ts";
import type { VirtualHost } from "../graph/mod.ts";
import {
  createLayout,
  defaultEnvoyOptions,
  type HostFragment,
  hostFragment,
  type Layout,
  type LayoutKind,
  type Resource,
  type ResourceDelta,
  type ResourceRef,
} from "./mod.ts";
import { generator } from "./tests/generator.ts";
import { answer, host, overTls, proxy, route } from "./tests/model.ts";

const kinds: readonly LayoutKind[] = ["scoped", "flat"];

function fragment(host: VirtualHost): HostFragment {
  return hostFragment(host, defaultEnvoyOptions);
}

function change(...hosts: readonly VirtualHost[]) {
  return {
    hosts: { changed: new Map(hosts.map((host) => [host.fqdn, fragment(host)])), removed: [] },
  };
}

function remove(...removed: readonly string[]) {
  return { hosts: { changed: new Map<string, HostFragment>(), removed } };
}

/** `Listener ingress_http`, with the type in its short form. */
function shortName({ typeUrl, name }: ResourceRef): string {
  return `${typeUrl.split(".").at(-1)} ${name}`;
}

function names({ changed, removed }: ResourceDelta): Record<string, readonly string[]> {
  return { changed: changed.map(shortName), removed: removed.map(shortName) };
}

function served(layout: Layout): ReadonlyMap<string, Resource> {
  return new Map([...layout.resources()].map((resource) => [shortName(resource), resource]));
}

function message(layout: Layout, name: string): Message {
  const resource = served(layout).get(name);
  assert.ok(resource, `${name} is not served`);
  return decode(typeName(resource.typeUrl), resource.body);
}

function listIn(message: Message, field: string): readonly Message[] {
  const list = message[field];
  return Array.isArray(list) ? list : [];
}

Deno.test("scoped: what an edit sends", () => {
  const layout = createLayout("scoped", defaultEnvoyOptions);
  assert.deepEqual([...layout.resources()], []);
  assert.deepEqual(names(layout.update(change())), {
    changed: ["ScopedRouteConfiguration http/~"],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(host("a.example"), host("b.example")))), {
    changed: [
      "Listener ingress_http",
      "ScopedRouteConfiguration http/a.example",
      "ScopedRouteConfiguration http/b.example",
    ],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(host("a.example")))), { changed: [], removed: [] });
  assert.deepEqual(names(layout.update(change(host("a.example", [answer("/", "new")])))), {
    changed: ["ScopedRouteConfiguration http/a.example"],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(host("*.example")))), {
    changed: ["ScopedRouteConfiguration http/~"],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(overTls(host("b.example"))))), {
    changed: ["Listener ingress_https", "RouteConfiguration https/b.example"],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(overTls(host("b.example", [answer("/", "new")]))))), {
    changed: [
      "RouteConfiguration https/b.example",
      "ScopedRouteConfiguration http/b.example",
    ],
    removed: [],
  });
  assert.deepEqual(names(layout.update(remove("a.example", "b.example", "*.example"))), {
    changed: ["ScopedRouteConfiguration http/~"],
    removed: [
      "Listener ingress_http",
      "Listener ingress_https",
      "RouteConfiguration https/b.example",
      "ScopedRouteConfiguration http/a.example",
      "ScopedRouteConfiguration http/b.example",
    ],
  });
});

Deno.test("flat: what an edit sends", () => {
  const layout = createLayout("flat", defaultEnvoyOptions);
  assert.deepEqual(names(layout.update(change())), {
    changed: ["RouteConfiguration ingress_http"],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(host("b.example"), overTls(host("a.example"))))), {
    changed: [
      "Listener ingress_http",
      "Listener ingress_https",
      "RouteConfiguration https/a.example",
      "RouteConfiguration ingress_http",
    ],
    removed: [],
  });
  assert.deepEqual(names(layout.update(change(host("a.example")))), {
    changed: [],
    removed: ["Listener ingress_https", "RouteConfiguration https/a.example"],
  });
  const hosts = listIn(message(layout, "RouteConfiguration ingress_http"), "virtualHosts");
  assert.deepEqual(hosts.map(({ domains }) => domains), [["a.example"], ["b.example"]]);
});

Deno.test("a scope holds its RouteConfiguration and switches the script for strangers off", () => {
  const layout = createLayout("scoped", defaultEnvoyOptions);
  layout.update(change(host("a.example", [])));
  assert.equal(served(layout).has("ScopedRouteConfiguration http/a.example"), false);
  layout.update(change(host("a.example", [answer("/", "a")])));
  const { routeConfiguration, ...scope } = message(
    layout,
    "ScopedRouteConfiguration http/a.example",
  );
  assert.deepEqual(scope, {
    name: "http/a.example",
    key: { fragments: [{ stringKey: "http||a.example" }] },
  });
  const { virtualHosts, ...configuration } = routeConfiguration as Message;
  assert.deepEqual(configuration, {
    name: "http/a.example",
    requestHeadersToAdd: [{
      header: { key: "x-request-start", value: "t=%START_TIME(%s.%3f)%" },
    }],
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: { value: 65_536 },
    typedPerFilterConfig: {
      "envoy.filters.http.lua.scope_miss": {
        "@type": "envoy.config.route.v3.FilterConfig",
        disabled: true,
      },
    },
  });
  const [virtualHost] = virtualHosts as readonly Message[];
  assert.deepEqual(virtualHost?.["requestHeadersToRemove"], ["x-contour-scope"]);
  assert.deepEqual(virtualHost?.["metadata"], {
    filterMetadata: {
      "envoy.filters.http.lua.scope_miss": { fields: { known: { boolValue: true } } },
    },
  });
});

Deno.test("routes wait for their clusters, and the TLS listener for those it copies bytes to", () => {
  const layout = createLayout("scoped", defaultEnvoyOptions);
  const passthrough: VirtualHost = {
    ...host("t.example", []),
    secure: {
      kind: "passthrough",
      proxy: { clusters: [{ cluster: { ...tcpCluster, name: "default/db/80/0" }, weight: 1 }] },
    },
  };
  layout.update(
    change(overTls(host("a.example", [route({ plain: "redirect-to-https" })])), passthrough),
  );
  const needs = (name: string) => served(layout).get(name)?.needs?.map(shortName);
  assert.equal(needs("ScopedRouteConfiguration http/a.example"), undefined);
  assert.deepEqual(needs("RouteConfiguration https/a.example"), [
    "Cluster default/echo/80/da39a3ee5e",
  ]);
  assert.deepEqual(needs("Listener ingress_https"), ["Cluster default/db/80/0"]);
});

const tcpCluster = fragment(host("x.example")).clusters[0] ?? assert.fail();

for (const kind of kinds) {
  Deno.test(`${kind}: the order of changes does not matter`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = generator(seed);
      const pick = (limit: number) => Math.floor(random() * limit);
      const live = createLayout(kind, defaultEnvoyOptions);
      const replica = new Map<string, Resource>();
      const hosts = new Map<string, VirtualHost>();
      for (let step = 0; step < 40; step++) {
        const fqdn = ["a", "b", "c", "*", "*.d"][pick(5)] + ".example";
        let delta: ResourceDelta;
        if (random() < 0.3) {
          hosts.delete(fqdn);
          delta = live.update(remove(fqdn));
        } else {
          const routes = Array.from({ length: pick(3) }, (_, i) => answer(`/${i}`, `${pick(3)}`));
          const plain = host(fqdn, routes);
          const next = random() < 0.5 ? plain : overTls(plain);
          hosts.set(fqdn, next);
          delta = live.update(change(next));
        }
        for (const resource of delta.changed) replica.set(shortName(resource), resource);
        for (const ref of delta.removed) assert.ok(replica.delete(shortName(ref)));
        const cold = createLayout(kind, defaultEnvoyOptions);
        cold.update(change(...hosts.values()));
        assert.deepEqual(sorted(served(live)), sorted(served(cold)), `seed ${seed}`);
        assert.deepEqual(sorted(replica), sorted(served(cold)), `seed ${seed}`);
      }
    }
  });
}

function sorted(
  resources: ReadonlyMap<string, Resource>,
): readonly (readonly [string, Resource])[] {
  return [...resources].sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * An Envoy behind a management server: it is sent what it does not have, one answer at a time, and
 * refuses whatever mentions the Secret `default/bad` or answers "bad".
 */
class FakeEnvoy {
  readonly layout: Layout;
  readonly has = new Map<string, Resource>();
  readonly refused = new Map<string, string>();
  readonly culprits: string[] = [];

  constructor(kind: LayoutKind) {
    this.layout = createLayout(kind, defaultEnvoyOptions);
  }

  /** One resource is sent and answered; says whether there was one to send. */
  step(): boolean {
    const all = served(this.layout);
    for (const name of this.has.keys()) if (!all.has(name)) this.has.delete(name);
    for (const [name, resource] of all) {
      const { version, body } = resource;
      if (this.has.get(name)?.version === version || this.refused.get(name) === version) continue;
      const text = new TextDecoder().decode(body);
      if (text.includes("default/bad") || text.includes("bad answer")) {
        this.refused.set(name, version);
        const verdict = this.layout.refused(resource, version, "it is bad");
        this.culprits.push(...verdict.culprits.map(({ fqdn }) => fqdn));
      } else {
        this.has.set(name, resource);
        const verdict = this.layout.accepted(resource, version);
        this.culprits.push(...verdict.culprits.map(({ fqdn }) => fqdn));
      }
      return true;
    }
    return false;
  }

  settle(): void {
    for (let i = 0; this.step(); i++) assert.ok(i < 1000, "Envoy is asked again and again");
  }
}

function withBadCertificate(host: VirtualHost): VirtualHost {
  const tls = overTls(host);
  const certificate = { namespace: "default", name: "bad" };
  return tls.secure?.kind === "http"
    ? { ...tls, secure: { ...tls.secure, tls: { ...tls.secure.tls, certificate } } }
    : tls;
}

function chains(layout: Layout): readonly string[] {
  return listIn(message(layout, "Listener ingress_https"), "filterChains")
    .map((chain) => JSON.stringify((chain["filterChainMatch"] as Message)["serverNames"]));
}

for (const kind of kinds) {
  Deno.test(`${kind}: all who have rules for a refused host are named`, () => {
    const envoy = new FakeEnvoy(kind);
    const sharedWith = [{ kind: "Ingress", namespace: "default", name: "i" } as const];
    const shared = host("z.example", [answer("/", "bad answer")], { sharedWith });
    envoy.layout.update(change(host("a.example"), shared));
    envoy.settle();
    const [culprit] = envoy.layout.culprits();
    assert.deepEqual([culprit?.owner, culprit?.sharedWith], [proxy("z.example"), sharedWith]);
  });

  Deno.test(`${kind}: a refused TLS host is named, and twenty others go on changing`, () => {
    const envoy = new FakeEnvoy(kind);
    const others = Array.from({ length: 20 }, (_, i) => `h${i}.example`);
    envoy.layout.update(change(...others.map((fqdn) => overTls(host(fqdn)))));
    envoy.settle();
    envoy.layout.update(change(withBadCertificate(host("z.example", [answer("/", "z")]))));
    envoy.settle();
    assert.deepEqual(envoy.culprits, ["z.example"]);
    assert.equal(chains(envoy.layout).length, 20);
    assert.deepEqual(envoy.layout.culprits(), [{
      fqdn: "z.example",
      owner: proxy("z.example"),
      ref: {
        typeUrl: "type.googleapis.com/envoy.config.listener.v3.Listener",
        name: "ingress_https",
      },
      message: "it is bad",
    }]);
    envoy.layout.update(change(overTls(host("new.example"))));
    envoy.settle();
    assert.ok(chains(envoy.layout).includes('["new.example"]'));
    envoy.layout.update(change(overTls(host("z.example"))));
    envoy.settle();
    assert.equal(chains(envoy.layout).length, 22);
    assert.deepEqual(envoy.layout.culprits(), []);
  });

  Deno.test(`${kind}: a refused wildcard host costs its neighbours nothing`, () => {
    const envoy = new FakeEnvoy(kind);
    envoy.layout.update(change(
      host("*.a.example", [answer("/", "a")]),
      host("*.b.example", [answer("/", "bad answer")]),
      host("*.c.example", [answer("/", "c")]),
    ));
    envoy.settle();
    assert.deepEqual(envoy.culprits, ["*.b.example"]);
    envoy.layout.update(change(host("*.b.example", [answer("/", "good answer")])));
    envoy.settle();
    envoy.layout.update(change(host("*.b.example", [answer("/", "bad answer")])));
    envoy.settle();
    const name = kind === "scoped"
      ? "ScopedRouteConfiguration http/~"
      : "RouteConfiguration ingress_http";
    const body = new TextDecoder().decode(envoy.has.get(name)?.body);
    assert.ok(body.includes("good answer"), "the last accepted form is kept");
    assert.deepEqual(envoy.layout.culprits().map(({ fqdn }) => fqdn), ["*.b.example"]);
  });

  Deno.test(`${kind}: random hosts, some refused`, () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = generator(seed);
      const envoy = new FakeEnvoy(kind);
      const wanted = new Map<string, VirtualHost>();
      const bad = new Set<string>();
      for (let step = 0; step < 50; step++) {
        const fqdn = `${["a", "b", "c", "d", "*"][Math.floor(random() * 5)]}.example`;
        const dice = random();
        if (dice < 0.15) {
          wanted.delete(fqdn);
          bad.delete(fqdn);
          envoy.layout.update(remove(fqdn));
        } else if (dice < 0.5) {
          const plain = host(fqdn, [answer("/", `${Math.floor(random() * 3)}`)]);
          const isBad = random() < 0.4;
          const next = isBad ? withBadCertificate(plain) : overTls(plain);
          wanted.set(fqdn, next);
          if (isBad) bad.add(fqdn);
          else bad.delete(fqdn);
          envoy.layout.update(change(next));
        } else envoy.step();
      }
      envoy.settle();
      const culprits = envoy.layout.culprits().map(({ fqdn }) => fqdn);
      assert.deepEqual(culprits, [...bad].sort(), `seed ${seed}`);
      // All that Envoy should have, it has, in the form that is served.
      assert.deepEqual(sorted(envoy.has), sorted(served(envoy.layout)), `seed ${seed}`);
      // Without the culprits it is what anyone would make of the hosts.
      for (const fqdn of bad) {
        envoy.layout.update(remove(fqdn));
        wanted.delete(fqdn);
      }
      envoy.settle();
      const cold = createLayout(kind, defaultEnvoyOptions);
      cold.update(change(...wanted.values()));
      assert.deepEqual(sorted(served(envoy.layout)), sorted(served(cold)), `seed ${seed}`);
    }
  });

  Deno.test(`${kind}: services of all hosts are a matter of the plain listener, while there is one`, () => {
    const extension = { namespace: "default", name: "limits" };
    const server = { extension, serverName: "", timeout: { kind: "default" } } as const;
    const settings = { failOpen: false, limitHeaders: false, resourceExhausted: false };
    const services = { rateLimits: { server, domain: "contour", ...settings } };
    const layout = createLayout(kind, defaultEnvoyOptions);
    layout.update({ ...change(), services });
    layout.update(change(host("a.example")));
    const listener = served(layout).get("Listener ingress_http");
    assert.deepEqual(listener?.needs?.map(({ name }) => name), ["extension/default/limits"]);
    assert.deepEqual(names(layout.update({ ...change(), services })), { changed: [], removed: [] });
    const without = names(layout.update({ ...change(), services: {} }));
    assert.deepEqual(without, { changed: ["Listener ingress_http"], removed: [] });
    layout.update(remove("a.example"));
    assert.deepEqual(names(layout.update({ ...change(), services })), { changed: [], removed: [] });
  });

  Deno.test(`${kind}: a listener refused for its address is nobody's fault`, () => {
    const layout = createLayout(kind, defaultEnvoyOptions);
    layout.update(change(overTls(host("a.example")), overTls(host("b.example"))));
    const listener = served(layout).get("Listener ingress_https") ?? assert.fail();
    const words = "cannot bind '0.0.0.0:8443': Address already in use";
    const verdict = layout.refused(listener, listener.version, words);
    assert.deepEqual(verdict, { delta: { changed: [], removed: [] }, culprits: [] });
    assert.equal(chains(layout).length, 2);
  });

  Deno.test(`${kind}: a resource of one host names its owner`, () => {
    const layout = createLayout(kind, defaultEnvoyOptions);
    layout.update(change(overTls(host("a.example")), host("b.example")));
    const own = served(layout).get("RouteConfiguration https/a.example") ?? assert.fail();
    const hosts = [{ fqdn: "a.example", owner: proxy("a.example") }];
    assert.deepEqual(layout.hostsOf(own), hosts);
    const listener = served(layout).get("Listener ingress_https") ?? assert.fail();
    assert.deepEqual(layout.hostsOf(listener), hosts);
    const plain = served(layout).get("Listener ingress_http") ?? assert.fail();
    assert.deepEqual(layout.hostsOf(plain).map(({ fqdn }) => fqdn), ["a.example", "b.example"]);
    assert.deepEqual(layout.refused(own, "stale", "?").culprits, []);
    const { culprits, delta } = layout.refused(own, own.version, "no such thing");
    assert.deepEqual(culprits.map(({ fqdn, message }) => [fqdn, message]), [
      ["a.example", "no such thing"],
    ]);
    assert.deepEqual(delta, { changed: [], removed: [] });
    layout.update(change(overTls(host("a.example", [answer("/", "mended")]))));
    assert.deepEqual(layout.culprits(), []);
  });
}

Deno.test("the chain for clients who name no host stands once, as long as somebody asks for it", () => {
  const asking = (fqdn: string, secret = "fallback"): VirtualHost => ({
    ...overTls(host(fqdn)),
    secure: {
      kind: "http",
      tls: { certificate, minimumVersion: "1.2", maximumVersion: "1.3" },
      fallbackCertificate: { namespace: "default", name: secret },
    },
  });
  const fallbackChains = (layout: Layout) =>
    listIn(message(layout, "Listener ingress_https"), "filterChains")
      .filter(({ name }) => name === "fallback-certificate");
  for (const kind of kinds) {
    const layout = createLayout(kind, defaultEnvoyOptions);
    layout.update(change(asking("a.test"), asking("b.test"), overTls(host("c.test"))));
    assert.equal(fallbackChains(layout).length, 1);
    const hosts = listIn(
      message(layout, "RouteConfiguration ingress_fallbackcert"),
      "virtualHosts",
    );
    assert.deepEqual(hosts.map(({ name }) => name), ["a.test", "b.test"]);
    layout.update(change(asking("b.test", "another"), asking("d.test", "another")));
    assert.equal(fallbackChains(layout).length, 1, "never two that match the same");
    layout.update(change(...["a.test", "b.test", "d.test"].map((fqdn) => overTls(host(fqdn)))));
    assert.equal(fallbackChains(layout).length, 0);
    assert.ok(!served(layout).has("RouteConfiguration ingress_fallbackcert"));
  }
});

Deno.test("a host that is refused there leaves an empty table behind, not a listener that waits", () => {
  const layout = createLayout("flat", defaultEnvoyOptions);
  const only: VirtualHost = {
    ...overTls(host("a.test")),
    secure: {
      kind: "http",
      tls: { certificate, minimumVersion: "1.2", maximumVersion: "1.3" },
      fallbackCertificate: certificate,
    },
  };
  layout.update(change(only));
  const refused = served(layout).get("RouteConfiguration ingress_fallbackcert");
  assert.ok(refused);
  const { culprits } = layout.refused(refused, refused.version, "no");
  assert.deepEqual(culprits.map(({ fqdn }) => fqdn), ["a.test"]);
  const table = message(layout, "RouteConfiguration ingress_fallbackcert");
  assert.deepEqual(listIn(table, "virtualHosts"), []);
});

const certificate = { namespace: "default", name: "certificate" };

for (const kind of kinds) {
  Deno.test(`whom a refused Secret of another host made look guilty goes free, ${kind}`, () => {
    const layout = createLayout(kind, defaultEnvoyOptions);
    const listener = () => served(layout).get("Listener ingress_https") ?? assert.fail();
    const chains = () =>
      listIn(message(layout, "Listener ingress_https"), "filterChains").flatMap((chain) =>
        (chain["filterChainMatch"] as { readonly serverNames?: readonly string[] }).serverNames ??
          []
      );
    layout.update(change(overTls(host("a.example")), overTls(host("good.example"))));
    layout.accepted(listener(), listener().version);
    const secret = fragment(overTls(host("a.example"))).secure?.certificate ?? assert.fail();

    // The listener that brings somebody new mentions the Secret, too.
    layout.update(change({
      ...overTls(host("new.example")),
      secure: otherCertificate(overTls(host("new.example"))),
    }));
    layout.refused(listener(), listener().version, "Error adding listener: no such curve\n");
    assert.deepEqual(layout.culprits().map(({ fqdn }) => fqdn), ["new.example"]);
    layout.withhold(new Map([[secret, { message: "no such curve", isTaken: false }]]));
    assert.deepEqual(layout.culprits(), []);
    assert.deepEqual(chains(), ["new.example"]);

    // Mended, all are there.
    layout.accepted(listener(), listener().version);
    layout.withhold(new Map());
    assert.deepEqual(chains(), ["a.example", "good.example", "new.example"]);
  });
}

for (const kind of kinds) {
  Deno.test(`a Secret is not blamed for the authorities of a host, ${kind}`, () => {
    const layout = createLayout(kind, defaultEnvoyOptions);
    const chains = () =>
      listIn(message(layout, "Listener ingress_https"), "filterChains").flatMap((chain) =>
        (chain["filterChainMatch"] as { readonly serverNames?: readonly string[] }).serverNames ??
          []
      );
    const checking = (caBundle: string): VirtualHost => {
      const virtualHost = overTls(host("checking.example"));
      const { secure } = virtualHost;
      if (secure?.kind !== "http") return assert.fail();
      const clientValidation = { caBundle, acceptUntrusted: false, required: true };
      return { ...virtualHost, secure: { ...secure, tls: { ...secure.tls, clientValidation } } };
    };
    layout.update(change(overTls(host("a.example")), checking("none")));
    const secret = fragment(checking("none")).secure?.certificate ?? assert.fail();
    const refused = { message: "Failed to load trusted CA certificates", isTaken: true };
    layout.withhold(new Map([[secret, refused]]));
    assert.deepEqual(chains(), ["a.example"]);
    // Who shares the Secret stays, and the host is back as soon as it changes.
    layout.update(change(checking("another")));
    assert.deepEqual(chains(), ["a.example", "checking.example"]);
  });
}

function otherCertificate({ secure }: VirtualHost): NonNullable<VirtualHost["secure"]> {
  if (secure?.kind !== "http") return assert.fail();
  const certificate = { namespace: "other", name: "certificate" };
  return { ...secure, tls: { ...secure.tls, certificate } };
}
