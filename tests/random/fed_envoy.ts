/** One Envoy that is given one configuration after another, over the same stream. */
import type { Resource } from "../../controller/envoy/mod.ts";
import { ResourceCache, serveXds, systemClock, type XdsEvent } from "../../controller/xds/mod.ts";
import { type ListenPlace, listenPlace, startEnvoy, type TestEnvoy } from "../support/envoy.ts";
import { eventually } from "../support/wait.ts";

/** See {@link feedEnvoy}. */
export interface FedEnvoy extends AsyncDisposable {
  readonly place: ListenPlace;
  readonly envoy: TestEnvoy;
  /** Replaces all that is served. Resolves with what went wrong, once nothing waits any more. */
  readonly feed: (resources: Iterable<Resource>) => Promise<readonly XdsEvent[]>;
}

/**
 * What must not happen between us and an Envoy that takes everything. Answers may take their time on
 * a machine that is busy; that they come is waited for.
 */
const trouble: readonly XdsEvent["kind"][] = [
  "disconnected",
  "held-too-long",
  "refused",
  "stream-failed",
];

/** Starts an Envoy without anything to serve. */
export async function feedEnvoy(): Promise<FedEnvoy> {
  const cache = new ResourceCache();
  const stop = new AbortController();
  const events: XdsEvent[] = [];
  const server = await serveXds({
    address: "127.0.0.1",
    port: 0,
    cache,
    clock: systemClock,
    signal: stop.signal,
    onEvent: (event) => events.push(event),
  });
  const envoy = await startEnvoy({ xdsPort: server.port });
  const feed = async (resources: Iterable<Resource>) => {
    const changed = [...resources];
    const kept = new Set(changed.map(({ typeUrl, name }) => `${typeUrl} ${name}`));
    const removed = cache.typeUrls().flatMap((typeUrl) =>
      [...cache.ofType(typeUrl).keys()].map((name) => ({ typeUrl, name }))
    ).filter(({ typeUrl, name }) => !kept.has(`${typeUrl} ${name}`));
    events.length = 0;
    cache.apply({ changed, removed });
    await eventually("Envoy has all there is", () => {
      server.pump();
      const nodes = server.nodes();
      return nodes.length === 1 && nodes.every(({ isSynced }) => isSynced);
    }, { withinMs: 20_000 });
    await eventually("nothing waits in Envoy", envoy.isWarm, { withinMs: 20_000 });
    return events.filter(({ kind }) => trouble.includes(kind));
  };
  return {
    place: listenPlace(),
    envoy,
    feed,
    async [Symbol.asyncDispose]() {
      await envoy[Symbol.asyncDispose]();
      stop.abort();
      await server.close();
    },
  };
}
