import assert from "node:assert/strict";
import { coldDb, coldOutputs, type Demand, family, input, LiveDb, Outputs, query } from "./mod.ts";

const list = input<string, readonly string[]>("list");
const text = input<string, string>("text");

/** Pages list words; each word is an output as long as some page lists it. */
const page = query("page", (db, name: string) => db.get(list, name) ?? []);
const word = query("word", (db, name: string) => db.get(text, name) ?? `(${name})`);
const families = [
  family({
    name: "pages",
    query: page,
    demands: (words) => words.map((key): Demand => ({ family: "words", key })),
  }),
  family({ name: "words", query: word }),
];

function setUp() {
  const db = new LiveDb();
  return { db, outputs: new Outputs(db, families) };
}

/** A delta as plain data. */
function plain(delta: ReturnType<Outputs["settleNow"]>) {
  return Object.fromEntries(
    [...delta].map(([name, { changed, removed }]) => [
      name,
      { changed: Object.fromEntries(changed), removed },
    ]),
  );
}

Deno.test("what a value demands is emitted with it, once for all who demand it", () => {
  const { db, outputs } = setUp();
  db.set(list, "one", ["a", "b"]);
  db.set(list, "two", ["b"]);
  outputs.demand({ family: "pages", key: "one" });
  outputs.demand({ family: "pages", key: "two" });
  assert.deepEqual(plain(outputs.settleNow()), {
    pages: { changed: { one: ["a", "b"], two: ["b"] }, removed: [] },
    words: { changed: { a: "(a)", b: "(b)" }, removed: [] },
  });
});

Deno.test("an output goes with the last who demanded it", () => {
  const { db, outputs } = setUp();
  db.set(list, "one", ["a", "b"]);
  db.set(list, "two", ["b"]);
  outputs.demand({ family: "pages", key: "one" });
  outputs.demand({ family: "pages", key: "two" });
  outputs.settleNow();
  outputs.withdraw({ family: "pages", key: "one" });
  assert.deepEqual(plain(outputs.settleNow()), {
    pages: { changed: {}, removed: ["one"] },
    words: { changed: {}, removed: ["a"] },
  });
});

Deno.test("a change is emitted where it ends, and a change without effect not at all", () => {
  const { db, outputs } = setUp();
  db.set(list, "one", ["a"]);
  outputs.demand({ family: "pages", key: "one" });
  outputs.settleNow();
  db.set(text, "a", "hello");
  assert.deepEqual(plain(outputs.settleNow()), {
    words: { changed: { a: "hello" }, removed: [] },
  });
  db.set(text, "unheard of", "hello");
  assert.deepEqual(plain(outputs.settleNow()), {});
});

Deno.test("an output demanded and withdrawn at once was never there", () => {
  const { db, outputs } = setUp();
  outputs.demand({ family: "pages", key: "one" });
  outputs.withdraw({ family: "pages", key: "one" });
  assert.deepEqual(plain(outputs.settleNow()), {});
  assert.equal(db.statistics().memos, 0);
});

Deno.test("an output that throws keeps what it gave last, and the others go on", () => {
  const db = new LiveDb();
  const failures: string[] = [];
  const fragile = query("fragile", (db, name: string) => {
    const value = db.get(text, name) ?? "";
    if (value === "bad") throw new Error("no");
    return value;
  });
  const outputs = new Outputs(
    db,
    [family({ name: "fragile", query: fragile })],
    (name, key) => failures.push(`${name} ${key}`),
  );
  db.set(text, "a", "fine");
  outputs.demand({ family: "fragile", key: "a" });
  outputs.demand({ family: "fragile", key: "b" });
  outputs.settleNow();
  db.set(text, "a", "bad");
  db.set(text, "b", "new");
  assert.deepEqual(plain(outputs.settleNow()), { fragile: { changed: { b: "new" }, removed: [] } });
  assert.deepEqual(failures, ["fragile a"]);
  assert.deepEqual([...outputs.values("fragile")], [["a", "fine"], ["b", "new"]]);
});

Deno.test("the cold outputs are the live ones", () => {
  const { db, outputs } = setUp();
  const sources: Demand[] = ["one", "two"].map((key) => ({ family: "pages", key }));
  sources.forEach((source) => outputs.demand(source));
  db.set(list, "one", ["a", "b"]);
  db.set(text, "b", "hello");
  outputs.settleNow();
  const cold = coldOutputs(coldDb(db.facts()), families, sources);
  for (const { name } of families) {
    assert.deepEqual(new Map(outputs.values(name)), cold.get(name));
  }
});
