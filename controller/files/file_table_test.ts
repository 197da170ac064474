import assert from "node:assert/strict";
import { type FileBatch, FileTable, parseManifest } from "./mod.ts";

Deno.test("the first drain has everything, by key, and the next one nothing", () => {
  const table = new FileTable();
  put(table, "b.yaml", service("web", "a"), service("api", "a"));
  put(table, "a.yaml", service("zoo", "a"));
  check(table, { applied: ["api/a", "web/a", "zoo/a"] });
  check(table, {});
});

Deno.test("an edit gives what it changed", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  put(table, "a.yaml", service("web", "three"), service("web", "two", 81));
  check(table, { applied: ["web/three", "web/two"], deleted: ["web/one"] });
});

Deno.test("an edit that means the same gives nothing, but moves the positions", () => {
  const table = given("a.yaml", service("web", "one"));
  put(table, "a.yaml", `# a comment\n${service("web", "one")}`);
  check(table, {});
  assert.equal(table.locate(key("web", "one"), "spec.ports[0].port")?.line, 9);
});

Deno.test("an object that moves to another file in one batch does not change", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  put(table, "a.yaml", service("web", "two"));
  put(table, "b.yaml", service("web", "one"));
  check(table, {});
  assert.equal(table.fileOf(key("web", "one")), "b.yaml");

  table.remove("a.yaml");
  put(table, "c.yaml", service("web", "two"));
  check(table, {});
});

Deno.test("a removed file takes its objects along", () => {
  const table = given("a.yaml", service("web", "one"));
  table.remove("a.yaml");
  check(table, { deleted: ["web/one"] });
  assert.equal(table.fileCount, 0);
  assert.equal(table.objectCount, 0);
});

Deno.test("a document that does not validate keeps its last good form; the others go on", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  put(table, "a.yaml", service("web", "one", "http"), service("web", "two", 82));
  check(table, {
    applied: ["web/two"],
    diagnostics: ["a.yaml:8:11 CTR004 Service/web/one spec.ports[0].port"],
  });
  assert.deepEqual(port(table, "one"), { line: 8, column: 11 });

  put(table, "a.yaml", service("web", "one", 90), service("web", "two", 82));
  check(table, { applied: ["web/one"], mended: ["a.yaml"] });
  assert.deepEqual(table.diagnostics(), []);
});

Deno.test("a document that never was good gives a problem and no object", () => {
  const table = given("a.yaml", service("web", "one", "http"));
  assert.equal(table.objectCount, 0);
  assert.equal(table.diagnostics().length, 1);
});

Deno.test("a syntax error keeps what the document was about", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  put(table, "a.yaml", `${service("web", "one")}\n  }`, service("web", "two", 82));
  const batch = table.drain();
  assert.deepEqual(names(batch.applied), ["web/two"]);
  assert.deepEqual(batch.deleted, []);
  assert.equal(batch.diagnostics[0]?.code, "CTR001");
});

Deno.test("when nobody can tell what a document is about, all that is missing is kept", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  put(table, "a.yaml", service("web", "two", 82), "]");
  const batch = table.drain();
  assert.deepEqual(names(batch.applied), ["web/two"]);
  assert.deepEqual(batch.deleted, []);

  put(table, "a.yaml", service("web", "two", 82));
  check(table, { deleted: ["web/one"], mended: ["a.yaml"] });
});

Deno.test("an object that is moved and broken at once is kept until it is mended", () => {
  const table = given("a.yaml", service("web", "one"));
  table.remove("a.yaml");
  put(table, "b.yaml", service("web", "one", "http"));
  check(table, { diagnostics: ["b.yaml:8:11 CTR004 Service/web/one spec.ports[0].port"] });

  put(table, "b.yaml", service("web", "one", 81));
  check(table, { applied: ["web/one"], mended: ["b.yaml"] });
});

Deno.test("a broken copy of what another file has does not hold that file back", () => {
  const table = given("b.yaml", service("web", "one"));
  put(table, "a.yaml", service("web", "one", "http"));
  table.drain();
  put(table, "b.yaml", service("web", "one", 99));
  check(table, { applied: ["web/one"] });
});

Deno.test("a file that is away for a moment keeps its objects, but nobody else from having them", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  table.suspect("a.yaml");
  put(table, "z.yaml", service("web", "one", 81));
  check(table, { applied: ["web/one"] });
  assert.equal(table.fileOf(key("web", "one")), "z.yaml");
  table.remove("a.yaml");
  check(table, { deleted: ["web/two"] });
});

Deno.test("of two files with one object the first by path has it, whoever came first", () => {
  const table = given("b.yaml", service("web", "one", 2));
  put(table, "a.yaml", service("web", "one", 1));
  check(table, {
    applied: ["web/one"],
    diagnostics: ["b.yaml:5:9 CTR011 Service/web/one metadata.name"],
  });
  assert.equal(table.fileOf(key("web", "one")), "a.yaml");

  put(table, "c.yaml", service("web", "one", 3));
  check(table, { diagnostics: ["c.yaml:5:9 CTR011 Service/web/one metadata.name"] });

  table.remove("a.yaml");
  const batch = table.drain();
  assert.deepEqual(names(batch.applied), ["web/one"]);
  assert.deepEqual(batch.mended, ["b.yaml"]);
  assert.deepEqual(table.diagnostics().map(({ position }) => position?.file), ["c.yaml"]);
});

Deno.test("a file that cannot be read keeps what it gave", () => {
  const table = given("a.yaml", service("web", "one"));
  const problem = {
    code: "CTR015",
    severity: "error",
    path: "",
    position: { file: "a.yaml", line: 1, column: 1, endLine: 1, endColumn: 1 },
    message: "Cannot read",
  } as const;
  table.fail("a.yaml", problem);
  check(table, { diagnostics: ["a.yaml:1:1 CTR015 - "] });
  table.fail("a.yaml", problem);
  check(table, {});
  table.recover("a.yaml");
  check(table, { mended: ["a.yaml"] });
});

Deno.test("a problem that came and went between two drains is not told", () => {
  const table = given("a.yaml", service("web", "one"));
  put(table, "a.yaml", service("web", "one", "http"));
  put(table, "a.yaml", service("web", "one"));
  check(table, {});
});

Deno.test("a reading that would take objects away is told from one that keeps or breaks them", () => {
  const table = given("a.yaml", service("web", "one"), service("web", "two"));
  const loses = (...documents: string[]) => table.loses("a.yaml", read("a.yaml", documents));
  assert.equal(loses(""), true);
  assert.equal(loses(service("web", "one")), true);
  assert.equal(loses(service("web", "one"), service("web", "two", "http")), false);
  assert.equal(loses(service("web", "one"), "]"), false);
  assert.equal(loses(service("web", "two"), service("web", "one"), service("web", "three")), false);
});

interface Expected {
  readonly applied?: string[];
  readonly deleted?: string[];
  readonly diagnostics?: string[];
  readonly mended?: string[];
}

function check(table: FileTable, expected: Expected) {
  const { applied, deleted, diagnostics, mended } = table.drain();
  assert.deepEqual({
    applied: names(applied),
    deleted: deleted.map(({ namespace, name }) => `${namespace}/${name}`),
    diagnostics: diagnostics.map(({ code, object, path, position: at }) => {
      const about = object ? `${object.kind}/${object.namespace}/${object.name}` : "-";
      return `${at?.file}:${at?.line}:${at?.column} ${code} ${about} ${path}`;
    }),
    mended,
  }, { applied: [], deleted: [], diagnostics: [], mended: [], ...expected });
}

function names(applied: FileBatch["applied"]): string[] {
  return applied.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
}

function given(file: string, ...documents: string[]): FileTable {
  const table = new FileTable();
  put(table, file, ...documents);
  table.drain();
  return table;
}

function put(table: FileTable, file: string, ...documents: string[]) {
  table.put(file, read(file, documents));
}

function read(file: string, documents: string[]) {
  return parseManifest(documents.join("\n---\n"), { file });
}

function service(namespace: string, name: string, port: number | string = 80): string {
  return `apiVersion: v1
kind: Service
metadata:
  namespace: ${namespace}
  name: ${name}
spec:
  ports:
  - port: ${port}`;
}

function key(namespace: string, name: string) {
  return { kind: "Service", namespace, name } as const;
}

function port(table: FileTable, name: string) {
  const at = table.locate(key("web", name), "spec.ports[0].port");
  return at && { line: at.line, column: at.column };
}
