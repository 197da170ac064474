import assert from "node:assert/strict";
import { isWildcard, parseFqdn, parseSecretReference } from "./mod.ts";

const valid: [text: string, host: string, wildcard: boolean][] = [
  ["www.example.com", "www.example.com", false],
  ["WWW.Example.COM", "www.example.com", false],
  ["*.example.com", "*.example.com", true],
  ["localhost", "localhost", false],
  ["1.2.3.4", "1.2.3.4", false],
  ["a-b.xn--p1ai", "a-b.xn--p1ai", false],
];
for (const [text, host, wildcard] of valid) {
  Deno.test(`${text} is the host ${host}`, () => {
    assert.deepEqual(parseFqdn(text), { ok: true, fqdn: { host, wildcard } });
    assert.equal(isWildcard(host), wildcard);
  });
}

const invalid = [
  "",
  "*",
  "*.",
  "*example.com",
  "*.*.example.com",
  "a.*.com",
  "-a.com",
  "a-.com",
  "a..com",
  "a.com.",
  "a_b.com",
  "a.com:80",
  "höst.com",
  `${"a".repeat(64)}.com`,
  "a.".repeat(130) + "com",
];
for (const text of invalid) {
  Deno.test(`${JSON.stringify(text.slice(0, 30))} is no host`, () => {
    assert.equal(parseFqdn(text).ok, false);
  });
}

Deno.test("a secret reference is split at the first slash", () => {
  const here = (reference: string) => parseSecretReference(reference, "here");
  assert.deepEqual(here("cert"), { namespace: "here", name: "cert" });
  assert.deepEqual(here("there/cert"), { namespace: "there", name: "cert" });
  assert.deepEqual(here("there/a/b"), { namespace: "there", name: "a/b" });
});
