import assert from "node:assert/strict";
import { CLUSTER, NodeStates, type Resource, ResourceCache } from "./mod.ts";

function cluster(name: string, version = "1"): Resource {
  return { typeUrl: CLUSTER, name, version, body: new Uint8Array() };
}

function ref(name: string) {
  return { typeUrl: CLUSTER, name };
}

Deno.test("an equal version is no change, nor is the removal of nothing", () => {
  const cache = new ResourceCache();
  let told = 0;
  cache.watch(() => told++);
  assert.deepEqual(cache.apply({ changed: [cluster("a")], removed: [] }), [ref("a")]);
  assert.deepEqual(cache.apply({ changed: [cluster("a")], removed: [ref("b")] }), []);
  assert.deepEqual(cache.apply({ changed: [cluster("a", "2")], removed: [] }), [ref("a")]);
  assert.deepEqual(cache.apply({ changed: [], removed: [ref("a")] }), [ref("a")]);
  assert.equal(told, 3);
  assert.equal(cache.get(ref("a")), undefined);
});

Deno.test("each cursor sees every change once", () => {
  const cache = new ResourceCache();
  cache.apply({ changed: [cluster("before")], removed: [] });
  const [one, two] = [cache.cursor(), cache.cursor()];
  cache.apply({ changed: [cluster("a")], removed: [] });
  assert.deepEqual(one.read(), [ref("a")]);
  cache.apply({ changed: [cluster("b")], removed: [ref("a")] });
  assert.deepEqual(one.read(), [ref("b"), ref("a")]);
  assert.deepEqual(two.read(), [ref("a"), ref("b"), ref("a")]);
  assert.deepEqual(two.read(), []);
});

Deno.test("log entries are dropped once every cursor has passed them, or is closed", () => {
  const cache = new ResourceCache();
  cache.apply({ changed: [cluster("a")], removed: [] });
  assert.equal(cache.pendingChanges, 0, "nobody reads");
  const [one, two] = [cache.cursor(), cache.cursor()];
  cache.apply({ changed: [cluster("b"), cluster("c")], removed: [] });
  one.read();
  assert.equal(cache.pendingChanges, 2);
  two.close();
  assert.equal(cache.pendingChanges, 0);
});

Deno.test("a cursor that is too far behind is told so, once, and the log stays bounded", () => {
  const cache = new ResourceCache({ maxChanges: 8 });
  const [slow, quick] = [cache.cursor(), cache.cursor()];
  for (let version = 0; version < 100; version++) {
    cache.apply({ changed: [cluster("a", String(version))], removed: [] });
    assert.deepEqual(quick.read(), [ref("a")]);
    assert.ok(cache.pendingChanges <= 8);
  }
  assert.equal(slow.read(), "behind");
  assert.deepEqual(slow.read(), []);
});

Deno.test("of the Envoys that went away the last ones are remembered, for a time", () => {
  const nodes = new NodeStates({ maxAway: 2, maxAwayMs: 100 });
  const ids = () => nodes.all().map(({ node }) => node.id);
  const states = ["a", "b", "c"].map((id) => nodes.connect({ id, cluster: "" }, 0));
  states.forEach((state, index) => nodes.disconnect(state, index));
  assert.deepEqual(ids(), ["b", "c"]);
  assert.equal(nodes.connect({ id: "b", cluster: "" }, 50), states[1]);
  nodes.connect({ id: "d", cluster: "" }, 103);
  assert.deepEqual(ids(), ["b", "d"]);
});
