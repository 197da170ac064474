import assert from "node:assert/strict";
import { usableKeys } from "./jwks.ts";

/** Of the P-256 curve; from RFC 7517, appendix A.1. */
const curve = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

const set = (...keys: readonly unknown[]) => JSON.stringify({ keys });

function kept(text: string): unknown {
  const result = usableKeys(text);
  return result.ok ? JSON.parse(result.text).keys : result.message;
}

Deno.test("a key keeps what makes it one, and nothing else", () => {
  const key = { ...curve, kid: "one", use: "sig" };
  assert.deepEqual(kept(set({ ...key, d: "private", x5c: ["chain"], more: [[[1e300]]] })), [key]);
  assert.deepEqual(kept(set({ ...key, kid: "a\ud800", alg: 7 })), [{ ...key, kid: "a\ufffd" }]);
  assert.deepEqual(kept(set({ ...key, x: `${curve.x}=` })), [key]);
});

Deno.test("keys that Envoy cannot use are left out as long as another is left", () => {
  const unusable = ["text", null, {}, { kty: "AES" }, { kty: "RSA", n: "abcd", e: "AQAB" }];
  assert.deepEqual(kept(set(...unusable, curve)), [curve]);
});

for (
  const [text, problem] of [
    ["", "it is no JSON"],
    ["[]", "it is no JSON object"],
    ["{}", `it has no array "keys"`],
    [`{"keys": {}}`, `it has no array "keys"`],
    [set(), `its array "keys" is empty`],
    [set("x"), "a key is no object"],
    [set({ k: "c2VjcmV0" }), "a key has no kty"],
    [set({ kty: "AES" }), "kty of a key is unknown"],
    [set({ ...curve, alg: "RS256" }), "alg of a key does not go with its kty"],
    [set({ ...curve, alg: "ES384" }), "alg of a key does not go with its kty"],
    [set({ ...curve, crv: "secp256k1" }), "crv of a key is unknown"],
    [set({ ...curve, y: curve.x }), "a key of type EC cannot be read"],
    [set({ ...curve, y: "+/+/" }), "a key of type EC cannot be read"],
    [set({ kty: "OKP", crv: "X25519", x: curve.x }), "crv of a key is unknown"],
    [set({ kty: "oct", k: "?" }), "k of a key is no base64url"],
    [set({ kty: "oct", k: "c2VjcmV0", alg: "RS256" }), "alg of a key does not go with its kty"],
  ] as const
) {
  Deno.test(`no keys in ${text || "an empty text"}`, () => {
    const found = kept(text);
    assert.ok(typeof found === "string" && found.endsWith(problem), String(found));
  });
}

Deno.test("what is wrong is told without the values", () => {
  const found = kept(
    set({ kty: "hunter2" }, { ...curve, crv: "hunter2" }, { ...curve, alg: "hunter2" }),
  );
  assert.ok(typeof found === "string" && !found.includes("hunter2"), String(found));
});
