import assert from "node:assert/strict";
import { Containment } from "./containment.ts";
import { generator } from "./tests/generator.ts";

/** An Envoy that takes what is sent to it, or leaves it, as a whole. */
class FakeEnvoy {
  readonly parts = new Containment<string>((a, b) => a === b);
  readonly wanted = new Map<string, string>();
  readonly found: string[] = [];
  /** How often something was sent. */
  sent = 0;
  accepted = new Map<string, string>();
  /** Sent and not answered, oldest first. */
  readonly inFlight: { readonly version: string; readonly content: Map<string, string> }[] = [];
  readonly #isBad: (content: ReadonlyMap<string, string>) => boolean;

  constructor(
    isBad = (content: ReadonlyMap<string, string>) =>
      [...content.values()].some((form) => form.startsWith("bad")),
  ) {
    this.#isBad = isBad;
  }

  set(name: string, form: string): void {
    this.wanted.set(name, form);
    if (this.parts.set(name, form)) this.send();
  }

  delete(name: string): void {
    this.wanted.delete(name);
    if (this.parts.delete(name)) this.send();
  }

  content(): Map<string, string> {
    const names = [...this.parts.names()].sort();
    assert.equal(new Set(names).size, names.length);
    return new Map(names.map((name) => [name, this.parts.part(name) ?? ""]));
  }

  send(): void {
    const content = this.content();
    const version = JSON.stringify([...content]);
    this.parts.served(version);
    this.inFlight.push({ version, content });
    this.sent++;
  }

  /** Answers the oldest question. */
  answer(): void {
    const oldest = this.inFlight.shift();
    if (oldest === undefined) return;
    const { version, content } = oldest;
    if (this.#isBad(content)) {
      const { culprit, changed } = this.parts.refused(version);
      if (culprit !== undefined) this.found.push(culprit);
      if (changed) this.send();
    } else {
      this.accepted = content;
      if (this.parts.accepted(version)) this.send();
    }
  }

  settle(): void {
    for (let i = 0; this.inFlight.length > 0; i++) {
      assert.ok(i < 10_000, "the search does not end");
      this.answer();
    }
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `h${i}`);
}

Deno.test("what is accepted is served as it is", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1");
  envoy.set("b", "1");
  envoy.settle();
  envoy.set("a", "2");
  envoy.settle();
  assert.deepEqual(envoy.accepted, new Map([["a", "2"], ["b", "1"]]));
  assert.equal(envoy.sent, 3);
});

Deno.test("a bad change goes back to the last accepted form", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1");
  envoy.set("b", "1");
  envoy.settle();
  envoy.set("a", "bad");
  envoy.settle();
  assert.deepEqual(envoy.found, ["a"]);
  assert.deepEqual(envoy.content(), new Map([["a", "1"], ["b", "1"]]));
  assert.equal(envoy.sent, 4);
});

Deno.test("a new part that is bad is left out, and let in when it changes", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1");
  envoy.settle();
  envoy.set("b", "bad");
  envoy.settle();
  assert.deepEqual(envoy.content(), new Map([["a", "1"]]));
  assert.equal(envoy.parts.isCulprit("b"), true);
  const sent = envoy.sent;
  envoy.set("b", "bad");
  assert.equal(envoy.sent, sent, "the same form is not tried again");
  envoy.set("b", "2");
  envoy.settle();
  assert.equal(envoy.parts.isCulprit("b"), false);
  assert.deepEqual(envoy.content(), new Map([["a", "1"], ["b", "2"]]));
});

Deno.test("a culprit that goes back to its accepted form asks nothing of Envoy", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1");
  envoy.settle();
  envoy.set("a", "bad");
  envoy.settle();
  const sent = envoy.sent;
  envoy.set("a", "1");
  assert.equal(envoy.parts.isCulprit("a"), false);
  assert.equal(envoy.sent, sent);
});

Deno.test("a deleted culprit is forgotten", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1");
  envoy.settle();
  envoy.set("a", "bad");
  envoy.settle();
  envoy.delete("a");
  envoy.settle();
  assert.deepEqual(envoy.content(), new Map());
  assert.equal(envoy.parts.isCulprit("a"), false);
});

for (const [count, bad] of [[1, 1], [2, 1], [1000, 1], [1000, 3], [4096, 8], [64, 64]] as const) {
  Deno.test(`a first load of ${count} with ${bad} bad`, () => {
    const envoy = new FakeEnvoy();
    const names = numbers(count);
    const culprits = names.filter((_, i) => i % Math.floor(count / bad) === 0).slice(0, bad);
    for (const name of names) {
      envoy.parts.set(name, culprits.includes(name) ? "bad" : "good");
    }
    envoy.send();
    envoy.settle();
    assert.deepEqual([...envoy.found].sort(), [...culprits].sort());
    assert.equal(envoy.content().size, count - bad);
    // Halving costs at most two questions a level and culprit.
    const most = 2 + 2 * bad * (1 + Math.ceil(Math.log2(count / bad)));
    assert.ok(envoy.sent <= most, `${envoy.sent} questions, at most ${most}`);
  });
}

Deno.test("others change while a culprit is looked for, after one answer at most", () => {
  const envoy = new FakeEnvoy();
  for (const name of numbers(256)) envoy.parts.set(name, name === "h77" ? "bad" : "good");
  envoy.send();
  envoy.answer();
  for (let i = 0; envoy.found.length === 0; i++) {
    assert.ok(i < 100);
    envoy.set("other", `form ${i}`);
    envoy.answer();
    assert.equal(envoy.content().get("other"), `form ${i}`, "laid out after one answer");
    envoy.answer();
  }
  assert.deepEqual(envoy.found, ["h77"]);
});

Deno.test("two parts that only clash cost the later one", () => {
  const envoy = new FakeEnvoy((content) => content.get("a") === "x" && content.get("b") === "x");
  envoy.set("a", "x");
  envoy.settle();
  envoy.set("b", "x");
  envoy.settle();
  assert.deepEqual(envoy.found, ["b"]);
  assert.deepEqual(envoy.content(), new Map([["a", "x"]]));
});

Deno.test("an answer to an older version counts for what has not changed since", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "1"); // first version
  envoy.set("a", "bad"); // second version
  envoy.answer(); // the first is accepted, although "a" has moved on
  envoy.answer(); // the second is refused
  assert.deepEqual(envoy.content(), new Map([["a", "1"]]));
  envoy.settle();
  assert.deepEqual(envoy.found, ["a"]);
});

Deno.test("an answer heard twice, or about something unknown, changes nothing", () => {
  const envoy = new FakeEnvoy();
  envoy.set("a", "bad");
  const version = envoy.inFlight[0]?.version ?? "";
  envoy.settle();
  assert.deepEqual(envoy.parts.refused(version), { changed: false });
  assert.equal(envoy.parts.accepted(version), false);
  assert.deepEqual(envoy.parts.refused("unknown"), { changed: false });
});

Deno.test("random walks end with every good part served and every bad one named", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = generator(seed);
    const pick = (limit: number) => Math.floor(random() * limit);
    const envoy = new FakeEnvoy();
    const names = numbers(2 + pick(12));
    const lastGood = new Map<string, Set<string>>();
    for (let step = 0; step < 60; step++) {
      const name = names[pick(names.length)] ?? "h0";
      const action = random();
      if (action < 0.4) {
        const form = `${random() < 0.3 ? "bad" : "good"} ${pick(3)}`;
        envoy.set(name, form);
        if (form.startsWith("good")) {
          lastGood.set(name, (lastGood.get(name) ?? new Set()).add(form));
        }
      } else if (action < 0.5) {
        envoy.delete(name);
        lastGood.delete(name);
      } else {
        // A version that was overtaken may never have been sent.
        if (envoy.inFlight.length > 1 && random() < 0.3) envoy.inFlight.shift();
        envoy.answer();
      }
    }
    envoy.settle();
    const content = envoy.content();
    for (const name of names) {
      const wanted = envoy.wanted.get(name);
      const served = content.get(name);
      const where = `seed ${seed}, ${name}`;
      if (wanted === undefined || wanted.startsWith("good")) {
        assert.equal(served, wanted, where);
        assert.equal(envoy.parts.isCulprit(name), false, where);
      } else {
        assert.equal(envoy.parts.isCulprit(name), true, where);
        assert.ok(served === undefined || lastGood.get(name)?.has(served), `${where}: ${served}`);
      }
    }
  }
});
