import assert from "node:assert/strict";
import { eventually } from "../../tests/support/wait.ts";
import {
  admit,
  definePlugin,
  inProcess,
  type Json,
  type PluginService,
  type ServiceAddress,
} from "../plugin/mod.ts";
import { startServices } from "./mod.ts";

/** Runs one service until the test is over. */
async function running(start: PluginService["start"]) {
  const plugin = definePlugin({
    contract: 1,
    name: "one",
    summary: "One.",
    services: [{ name: "service", start }],
  });
  const stop = new AbortController();
  const lines: string[] = [];
  const services = await startServices({
    plugins: admit([{ plugin: inProcess(plugin), from: "test" }]).plugins,
    startService: () => ({ settings, ...rest }) => start({ ...rest, settings }),
  }, { log: (level, message) => lines.push(`${level} ${message}`), signal: stop.signal });
  return {
    services,
    lines,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await services.ended;
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

Deno.test("a service is found, fed, and has metrics and health", async () => {
  const fed = new Map<string, Json>();
  await using one = await running(({ signal, feed, metrics, health }) => {
    metrics(() => `fed ${fed.size}`);
    const follow = async () => {
      for await (const { changed, removed } of feed) {
        for (const [key, value] of changed) fed.set(key, value);
        for (const key of removed) fed.delete(key);
        health(fed.has("bad") ? "it was fed something bad" : undefined);
      }
    };
    void follow();
    const address = { address: "127.0.0.1", port: 4 };
    return Promise.resolve({ address, done: untilAborted(signal) });
  });
  const { services } = one;
  assert.deepEqual(services.addresses.get("one"), {
    service: { address: "127.0.0.1", port: 4 },
  });
  const feed = (changed: Record<string, Json>, removed: readonly string[] = []) =>
    services.feed(new Map([["one", { changed: new Map(Object.entries(changed)), removed }]]));
  feed({ a: 1, bad: 2 });
  await eventually("it is fed", () => fed.size === 2);
  assert.equal(await services.metrics(), "fed 2\n");
  assert.deepEqual(services.troubles(), ["it was fed something bad"]);
  feed({}, ["bad"]);
  await eventually("it is well", () => services.troubles().length === 0);
  assert.deepEqual([...fed], [["a", 1]]);
});

Deno.test("a service that fails is started again where it was, and fed anew", async () => {
  const starts: (ServiceAddress | undefined)[] = [];
  const fed: Json[][] = [];
  let fail = (_: Error) => {};
  await using one = await running(({ signal, feed, previous }) => {
    starts.push(previous);
    const broken = Promise.withResolvers<void>();
    fail = broken.reject;
    void (async () => {
      for await (const { changed } of feed) fed.push([starts.length, ...changed.keys()]);
    })();
    const done = Promise.race([broken.promise, untilAborted(signal)]);
    return Promise.resolve({ address: { address: "127.0.0.1", port: 9 }, done });
  });
  one.services.feed(new Map([["one", { changed: new Map([["a", 1]]), removed: [] }]]));
  await eventually("it is fed", () => fed.length === 1);
  fail(new Error("no more"));
  await eventually("it runs again", () => starts.length === 2);
  await eventually("it is fed again", () => fed.length === 2);
  assert.deepEqual(starts, [undefined, { address: "127.0.0.1", port: 9 }]);
  assert.deepEqual(fed, [[1, "a"], [2, "a"]]);
  assert.ok(one.lines.some((line) => line.startsWith("error A service failed")));
});
