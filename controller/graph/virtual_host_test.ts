import assert from "node:assert/strict";
import { type ObjectKey, parseObject } from "../api/mod.ts";
import { LiveDb, Outputs } from "../query/mod.ts";
import { defaultSettings, settingsInput, Store } from "../store/mod.ts";
import { ingressVerdict, matchHost, matchRoute, type Route, virtualHost } from "./mod.ts";

/** Objects that come and go. */
class World {
  readonly #db = new LiveDb();
  readonly #store = new Store(this.#db, new Outputs(this.#db, []), () => []);

  constructor(...objects: readonly object[]) {
    this.#db.set(settingsInput, "settings", defaultSettings);
    this.apply(...objects);
  }

  apply(...objects: readonly object[]): void {
    const applied = objects.map((json) => {
      const result = parseObject(json, { strict: true });
      return result.kind === "object" ? result.object : assert.fail(JSON.stringify(result));
    });
    this.#store.apply({ applied });
  }

  delete(kind: ObjectKey["kind"], name: string): void {
    this.#store.apply({ deleted: [{ kind, namespace: "default", name }] });
  }

  host(fqdn: string) {
    return virtualHost(this.#db, fqdn);
  }

  /** The rules of a host in a line each, and where they are served. */
  lines(fqdn: string): string[] {
    return (this.host(fqdn)?.routes ?? []).map(line);
  }

  problems(name: string): string[] {
    const verdict = ingressVerdict(this.#db, { namespace: "default", name });
    return (verdict?.diagnostics ?? []).map(({ code, path }) => `${code} ${path}`);
  }
}

function line({ match: { path }, action, plain, secure }: Route): string {
  const text = path.kind === "regex" ? path.regex : path.kind === "exact" ? path.path : path.prefix;
  const target = action.kind === "forward" ? action.clusters[0]?.cluster.service : action.kind;
  const places = [plain === "serve" ? "" : ` plain ${plain}`, secure ? ` secure ${secure}` : ""];
  return `${text} ${target}${places.join("")}`;
}

function ingress(
  name: string,
  rules: readonly (readonly [host: string, path: string, service: string])[],
  metadata: object = {},
): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, ...metadata },
    spec: {
      rules: rules.map(([host, path, service]) => ({
        ...(host === "" ? {} : { host }),
        http: {
          paths: [{
            path,
            pathType: "Prefix",
            backend: { service: { name: service, port: { number: 80 } } },
          }],
        },
      })),
    },
  };
}

function proxy(name: string, fqdn: string): object {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name },
    spec: { virtualhost: { fqdn }, routes: [{ services: [{ name: "b", port: 80 }] }] },
  };
}

function service(name: string): object {
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports: [{ port: 80 }] } };
}

const created = (year: number) => ({ creationTimestamp: `${year}-01-01T00:00:00Z` });

Deno.test("a path appears with its Service and goes with it", () => {
  const world = new World(
    ingress("i", [["h.test", "/", "a"], ["h.test", "/b", "b"]]),
    service("a"),
  );
  assert.deepEqual(world.lines("h.test"), ["/ a"]);
  assert.deepEqual(world.problems("i"), ["CTR310 spec.rules[1].http.paths[0].backend.service"]);
  world.apply(service("b"));
  assert.deepEqual(world.lines("h.test"), ["/b b", "/ a"]);
  assert.deepEqual(world.problems("i"), []);
  world.delete("Service", "a");
  world.delete("Service", "b");
  assert.equal(world.host("h.test"), undefined);
});

Deno.test("the oldest Ingress has what several want, and the next one when it is gone", () => {
  const world = new World(
    service("a"),
    service("b"),
    ingress("undated", [["h.test", "/", "b"]]),
    ingress("young", [["h.test", "/", "b"], ["h.test", "/y", "b"]], created(2024)),
    ingress("old", [["H.test", "/", "a"]], created(2023)),
  );
  assert.deepEqual(world.lines("h.test"), ["/y b", "/ a"]);
  const host = world.host("h.test");
  assert.deepEqual([host?.owner.name, host?.sharedWith?.map(({ name }) => name)], ["old", [
    "young",
  ]]);
  assert.deepEqual(world.problems("young"), ["CTR317 spec.rules[0].http.paths[0]"]);
  assert.deepEqual(world.problems("undated"), ["CTR317 spec.rules[0].http.paths[0]"]);
  world.delete("Ingress", "old");
  assert.deepEqual(world.lines("h.test"), ["/y b", "/ b"]);
  assert.deepEqual(world.problems("young"), []);
});

Deno.test("a host changes hands between a root and an Ingress", () => {
  const world = new World(service("a"), service("b"), ingress("i", [["h.test", "/", "a"]]));
  assert.deepEqual(world.lines("h.test"), ["/ a"]);
  world.apply(proxy("p", "h.test"));
  assert.deepEqual(world.lines("h.test"), ["/ b"]);
  assert.equal(world.host("h.test")?.owner.kind, "HTTPProxy");
  world.apply(proxy("rival", "h.test"));
  assert.deepEqual(world.lines("h.test"), ["/ a"]);
  assert.equal(world.host("h.test")?.owner.kind, "Ingress");
  world.delete("HTTPProxy", "p");
  world.delete("HTTPProxy", "rival");
  world.delete("Ingress", "i");
  assert.equal(world.host("h.test"), undefined);
});

Deno.test("an Ingress of another class has no part in a host", () => {
  const foreign = { annotations: { "kubernetes.io/ingress.class": "nginx" } };
  const world = new World(service("a"), ingress("i", [["h.test", "/", "a"]], foreign));
  assert.equal(world.host("h.test"), undefined);
  world.apply(ingress("i", [["h.test", "/", "a"]]));
  assert.deepEqual(world.lines("h.test"), ["/ a"]);
});

Deno.test("a request goes to its own host, then to a wildcard, then to the host of all others", () => {
  const hosts = ["a.test", "*.test", "*"];
  const host = (authority: string) => matchHost(authority, (fqdn) => hosts.includes(fqdn));
  assert.equal(host("A.test:80"), "a.test");
  assert.equal(host("b.test"), "*.test");
  assert.equal(host("b.example"), "*");
  assert.equal(matchHost("b.example", (fqdn) => fqdn === "*.test"), undefined);
});

Deno.test("a rule takes no requests on a listener where it is not", () => {
  const annotations = { "kubernetes.io/ingress.allow-http": "false" };
  const world = new World(service("a"), ingress("i", [["h.test", "/", "a"]], { annotations }));
  const host = world.host("h.test") ?? assert.fail();
  const request = { method: "GET", authority: "h.test", path: "/", headers: new Map() };
  assert.equal(matchRoute(host, { ...request, tls: false }).route, undefined);
  assert.equal(matchRoute(host, { ...request, tls: true }).route?.plain, "absent");
});
