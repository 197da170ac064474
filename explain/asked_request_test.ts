import assert from "node:assert/strict";
import { parseAsked } from "./mod.ts";

Deno.test("a URL and headers as for curl", () => {
  const cases: readonly [
    Parameters<typeof parseAsked>[0],
    Partial<ReturnType<typeof parseAsked>>,
  ][] = [
    [{ url: "shop.test" }, { url: "http://shop.test/", tls: false, path: "/", method: "GET" }],
    [{ url: "HTTPS://Shop.test:8443?x=1#top" }, {
      tls: true,
      authority: "Shop.test:8443",
      path: "/?x=1",
    }],
    [{ url: "http://me:secret@shop.test/a" }, {
      url: "http://shop.test/a",
      authority: "shop.test",
    }],
    [{ url: "http://[::1]:80/a/../b" }, { authority: "[::1]:80", path: "/a/../b" }],
    [{ url: "shop.test/a b/%2e/ü" }, { path: "/a%20b/%2e/%C3%BC" }],
    [{ url: "shop.test", headers: ["Host: other.test", "X-A:1", "x-a: 2", "x-b;", "x-c:"] }, {
      authority: "other.test",
      headers: { "x-a": "1,2", "x-b": "" },
    }],
  ];
  for (const [asked, expected] of cases) {
    const found: Readonly<Record<string, unknown>> = { ...parseAsked(asked) };
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(found[name], value, `${asked.url} ${name}`);
    }
  }
});

Deno.test("what is no request is said", () => {
  const wrong: readonly [Parameters<typeof parseAsked>[0], RegExp][] = [
    [{ url: "ftp://shop.test" }, /no URL of http/],
    [{ url: "https:///cart" }, /names no host/],
    [{ url: "http://a b/" }, /names no host/],
    [{ url: "shop.test:many/" }, /names no host/],
    [{ url: "shop.test", method: "GE T" }, /no method/],
    [{ url: "shop.test", headers: ["nonsense"] }, /no header/],
    [{ url: "shop.test", headers: ["a b: c"] }, /no header/],
  ];
  for (const [asked, message] of wrong) {
    assert.throws(() => parseAsked(asked), { name: "RangeError", message });
  }
});
