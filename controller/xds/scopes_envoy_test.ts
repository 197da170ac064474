/** Scopes that Envoy refuses among scopes that it takes, with a real Envoy. */
import assert from "node:assert/strict";
import { encode, type Message } from "../../proto/mod.ts";
import { type ListenPlace, listenPlace, startEnvoy } from "../../tests/support/envoy.ts";
import { send } from "../../tests/support/http_client.ts";
import { eventually } from "../../tests/support/wait.ts";
import {
  LISTENER,
  type Resource,
  ResourceCache,
  SCOPED_ROUTE_CONFIGURATION,
  serveXds,
  systemClock,
  type XdsServer,
} from "./mod.ts";

Deno.test("a bad scope costs its own host alone, at the first load and in an edit", async () => {
  const hosts = Array.from({ length: 200 }, (_, host) => `host-${host}`);
  const bad = new Set(["host-0", "host-77", "host-199"]);
  const good = hosts.filter((host) => !bad.has(host));
  const scopes = hosts.map((host) => scope(host, bad.has(host) ? "bad" : "first"));
  await withEnvoy(scopes, async ({ apply, answers, refused, isSynced }) => {
    await eventually("all other hosts answer", async () => {
      assert.deepEqual(await answers(good), good.map((host) => `200 ${host} first`));
      return isSynced();
    }, { withinMs: 30_000 });
    assert.deepEqual(refused(), [...bad].sort());
    assert.deepEqual(await answers([...bad]), ["404 ", "404 ", "404 "]);

    const edited = good.slice(20, 50);
    const [broken = "", ...others] = edited.toReversed();
    const worked = new Set<string>();
    apply(edited.map((host) => scope(host, host === broken ? "bad" : "second")));
    await eventually("the others show the edit", async () => {
      for (const answer of await answers(edited)) worked.add(answer.split(" ")[0] ?? "");
      assert.deepEqual(await answers(others), others.map((host) => `200 ${host} second`));
      return isSynced();
    }, { withinMs: 20_000 });
    assert.deepEqual([...worked], ["200"], "every host answers at any time");
    assert.deepEqual(await answers([broken]), [`200 ${broken} first`]);
    assert.deepEqual(refused(), [...bad, broken].sort());

    apply([...bad, broken].map((host) => scope(host, "third")));
    await eventually("the mended ones show their new form", async () => {
      const mended = [...bad, broken];
      assert.deepEqual(await answers(mended), mended.map((host) => `200 ${host} third`));
      return isSynced();
    });
    assert.deepEqual(refused(), []);
    assert.deepEqual(await answers([good[0] ?? ""]), [`200 ${good[0]} first`]);
  });
});

/** What the test works with. */
interface Bench {
  apply(changed: readonly Resource[]): void;
  /** Status and body of each host. */
  answers(hosts: readonly string[]): Promise<string[]>;
  /** The hosts whose scope Envoy does not take. */
  refused(): string[];
  isSynced(): boolean;
}

async function withEnvoy(
  scopes: readonly Resource[],
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const place = listenPlace();
  const cache = new ResourceCache();
  cache.apply({ changed: [listener(place), ...scopes], removed: [] });
  const stop = new AbortController();
  const server: XdsServer = await serveXds({
    address: "127.0.0.1",
    port: 0,
    cache,
    clock: systemClock,
    onEvent: () => {},
    signal: stop.signal,
  });
  const answer = async (host: string) => {
    const target = { address: place.address, port: place.http };
    const { status, body } = await send(target, { host, headers: { "x-scope": host } });
    return `${status} ${body}`;
  };
  try {
    await using envoy = await startEnvoy({ xdsPort: server.port });
    await envoy.ready();
    await run({
      apply: (changed) => {
        cache.apply({ changed, removed: [] });
      },
      answers: (hosts) => Promise.all(hosts.map(answer)),
      refused: () =>
        server.nodes().flatMap((node) => node.refused.map(({ ref }) => ref.name)).sort(),
      isSynced: () => server.nodes().some(({ isSynced }) => isSynced),
    });
  } finally {
    stop.abort();
    await server.close();
  }
}

/** A scope whose only host answers with its name and a word; `"bad"` is one that Envoy refuses. */
function scope(host: string, word: string): Resource {
  const bad = { safeRegex: { regex: "\\p{LC}" } };
  const body = encode("envoy.config.route.v3.ScopedRouteConfiguration", {
    name: host,
    key: { fragments: [{ stringKey: host }] },
    routeConfiguration: {
      name: host,
      virtualHosts: [{
        name: host,
        domains: ["*"],
        routes: [{
          match: word === "bad" ? bad : { prefix: "/" },
          directResponse: { status: 200, body: { inlineString: `${host} ${word}` } },
        }],
      }],
    },
  });
  return { typeUrl: SCOPED_ROUTE_CONFIGURATION, name: host, version: word, body };
}

/** A plain listener that finds the scope of a request by a header. */
function listener({ address, http }: ListenPlace): Resource {
  const ads: Message = { ads: {}, resourceApiVersion: "V3" };
  const extractor = { name: "x-scope", elementSeparator: ":", index: 0 };
  const body = encode("envoy.config.listener.v3.Listener", {
    name: "http",
    address: { socketAddress: { address, portValue: http } },
    filterChains: [{
      filters: [{
        name: "http",
        typedConfig: {
          "@type":
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          statPrefix: "http",
          scopedRoutes: {
            name: "http",
            scopeKeyBuilder: { fragments: [{ headerValueExtractor: extractor }] },
            rdsConfigSource: ads,
            scopedRds: { scopedRdsConfigSource: ads },
          },
          httpFilters: [{
            name: "router",
            typedConfig: { "@type": "envoy.extensions.filters.http.router.v3.Router" },
          }],
        },
      }],
    }],
  });
  return { typeUrl: LISTENER, name: "http", version: "1", body };
}
