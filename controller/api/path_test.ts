import assert from "node:assert/strict";
import { formatPath, keyId, nearest, parsePath, type Segment } from "./mod.ts";

const paths: [segments: Segment[], path: string][] = [
  [[], ""],
  [["spec"], "spec"],
  [
    ["spec", "routes", 0, "conditions", 1, "header", "name"],
    "spec.routes[0].conditions[1].header.name",
  ],
  [["metadata", "annotations", "x/y"], 'metadata.annotations["x/y"]'],
  [["data", "tls.crt"], 'data["tls.crt"]'],
  [["data", 'a"]b', "c"], 'data["a\\"]b"].c'],
  [["data", "0"], 'data["0"]'],
  [["data", ""], 'data[""]'],
  [["data", "ca-crt"], "data.ca-crt"],
];
for (const [segments, path] of paths) {
  Deno.test(`path ${path || "of the object"}`, () => {
    assert.equal(formatPath(segments), path);
    assert.deepEqual(parsePath(path), segments);
  });
}

const words: [word: string, known: string[], meant: string | undefined][] = [
  ["servces", ["services", "conditions"], "services"],
  ["Services", ["services"], "services"],
  ["sevrices", ["services"], "services"],
  ["prot", ["port", "protocol"], "port"],
  ["fqnd", ["fqdn", "tls"], "fqdn"],
  ["xyz", ["port", "name"], undefined],
  ["", ["port"], undefined],
];
for (const [word, known, meant] of words) {
  Deno.test(`"${word}" means ${meant ?? "nothing known"}`, () => {
    assert.equal(nearest(word, known), meant);
  });
}

Deno.test("the id of a key names kind, namespace and name", () => {
  assert.equal(
    keyId({ kind: "HTTPProxy", namespace: "default", name: "shop" }),
    "HTTPProxy/default/shop",
  );
  assert.equal(keyId({ kind: "Namespace", namespace: "", name: "shop" }), "Namespace//shop");
});
