import assert from "node:assert/strict";
import { Fault } from "../fault.ts";
import { type HTTPIngressPath, ingressPathMatch } from "./path.ts";

/** Path, type, and what becomes of it: kind and text, or the beginning of what is wrong. */
const rows: readonly (readonly [string, HTTPIngressPath["pathType"], string])[] = [
  ["/", "Prefix", "prefix /"],
  ["", "Prefix", "prefix /"],
  ["//", "Prefix", "prefix /"],
  ["/a", "Prefix", "segment-prefix /a"],
  ["/a///", "Prefix", "segment-prefix /a"],
  ["/a*", "Prefix", "segment-prefix /a*"],
  ["/a?x", "Prefix", "fault path"],
  ["/a#x", "Prefix", "fault path"],
  ["a", "Prefix", "fault path"],
  ["/", "Exact", "exact /"],
  ["", "Exact", "exact /"],
  ["/a/", "Exact", "exact /a/"],
  ["/a?x", "Exact", "fault path"],
  ["", "ImplementationSpecific", "prefix /"],
  ["/a/", "ImplementationSpecific", "prefix /a/"],
  ["/a.b", "ImplementationSpecific", "prefix /a.b"],
  ["/a?", "ImplementationSpecific", "fault path"],
  ["/a+?", "ImplementationSpecific", "regex /a+?"],
  ["^/a", "ImplementationSpecific", "regex ^/a"],
  ["/a%20b", "ImplementationSpecific", "regex /a%20b"],
  ["/a]", "ImplementationSpecific", "regex /a]"],
  ["/[", "ImplementationSpecific", "fault invalid"],
  ["/a(?=b)*", "ImplementationSpecific", "fault invalid"],
];

for (const [path, pathType, expected] of rows) {
  Deno.test(`path ${JSON.stringify(path)} of type ${pathType}`, () => {
    const match = ingressPathMatch({ path, pathType });
    const [start] = match instanceof Fault ? match.message.split(" ") : [];
    const actual = match instanceof Fault ? `fault ${start}` : Object.values(match).join(" ");
    assert.equal(actual, expected);
  });
}
