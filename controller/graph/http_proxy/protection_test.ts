import assert from "node:assert/strict";
import { routeProtection } from "./protection.ts";

const provider = (name: string) => ({
  name,
  issuer: "",
  audiences: [],
  forward: false,
  keys: { kind: "local", jwks: "" },
} as const);
const jwt = { providers: [provider("one"), provider("two")], defaultProvider: "one" };
const redirect = { requestRedirectPolicy: { statusCode: 302 } } as const;

Deno.test("a host without checks protects nothing", () => {
  assert.deepEqual(routeProtection({}, { authPolicy: { context: { a: "b" } } }), {
    settings: {},
    isProtected: false,
  });
});

Deno.test("a route has the last word on authorization, but for redirects", () => {
  const on = { authorization: { policy: {}, server: "own" } } as const;
  const off = { authorization: { policy: { disabled: true }, server: "own" } } as const;
  const disabled = { authorization: { kind: "disabled" } };
  assert.deepEqual(routeProtection(on, {}), { settings: {}, isProtected: true });
  assert.deepEqual(routeProtection(off, {}), { settings: disabled, isProtected: false });
  assert.deepEqual(routeProtection(on, { authPolicy: { disabled: true } }), {
    settings: disabled,
    isProtected: false,
  });
  assert.deepEqual(routeProtection(off, { authPolicy: {} }), { settings: {}, isProtected: true });
  assert.deepEqual(routeProtection(off, redirect), { settings: {}, isProtected: true });
});

Deno.test("context of the route goes over that of the host, key by key", () => {
  const policy = { context: { a: "1", b: "2" } };
  const host = { authorization: { policy, server: "own" } } as const;
  assert.deepEqual(routeProtection(host, { authPolicy: { context: { b: "3", c: "4" } } }), {
    settings: { authorization: { kind: "context", entries: { a: "1", b: "3", c: "4" } } },
    isProtected: true,
  });
});

Deno.test("the server of all hosts is asked without TLS too, so nobody is sent to https for it", () => {
  const host = { authorization: { policy: { context: { a: "1" } }, server: "global" } } as const;
  assert.deepEqual(routeProtection(host, {}), {
    settings: { authorization: { kind: "context", entries: { a: "1" } } },
    isProtected: false,
  });
  assert.deepEqual(routeProtection(host, { authPolicy: { disabled: true } }), {
    settings: { authorization: { kind: "disabled" } },
    isProtected: false,
  });
});

Deno.test("tokens: the provider of the route, else the default, else none", () => {
  const named = (
    jwtVerificationPolicy: { readonly require?: string; readonly disabled?: boolean },
  ) => routeProtection({ jwt }, { jwtVerificationPolicy }).settings.jwtProvider;
  assert.equal(routeProtection({ jwt }, redirect).settings.jwtProvider, "one");
  assert.equal(named({}), "one");
  assert.equal(named({ require: "two" }), "two");
  assert.equal(named({ disabled: true }), undefined);
  assert.deepEqual(routeProtection({ jwt }, { jwtVerificationPolicy: { require: "three" } }), {
    settings: {},
    isProtected: true,
    undefinedProvider: "three",
  });
});
