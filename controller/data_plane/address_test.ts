import assert from "node:assert/strict";
import { formatAddress, parseAddress } from "./mod.ts";

const good: readonly (readonly [text: string, at: unknown])[] = [
  ["/admin/admin.sock", { path: "/admin/admin.sock" }],
  ["./admin.sock", { path: "./admin.sock" }],
  ["127.0.0.1:9001", { address: "127.0.0.1", port: 9001 }],
  ["localhost:0", { address: "localhost", port: 0 }],
  ["[::1]:9001", { address: "::1", port: 9001 }],
];

for (const [text, at] of good) {
  Deno.test(`parseAddress: ${text}`, () => {
    const parsed = parseAddress(text);
    assert.deepEqual(parsed, at);
    assert.equal(parsed && formatAddress(parsed), text);
  });
}

for (const text of ["", "9001", ":9001", "a:", "a:65536", "a:-1", "::1:9001", "[a]:1", "a:b:1"]) {
  Deno.test(`parseAddress: nothing for "${text}"`, () => {
    assert.equal(parseAddress(text), undefined);
  });
}
