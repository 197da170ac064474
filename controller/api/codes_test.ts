import assert from "node:assert/strict";
import { codeFor, codeNamed, type CodeRow, codes, conditionNamed, isCode } from "./mod.ts";

const rows: [string, CodeRow][] = Object.entries(codes);

Deno.test("every code is CTR and three digits, in order", () => {
  const names = rows.map(([code]) => code);
  for (const code of names) assert.match(code, /^CTR\d{3}$/);
  assert.deepEqual(names, names.toSorted());
});

Deno.test("names are unique, and those of conditions are type and reason", () => {
  assert.equal(new Set(rows.map(([, { name }]) => name)).size, rows.length);
  for (const [, { name, condition }] of rows) {
    if (condition) assert.equal(name, `${condition.type}/${condition.reason}`);
    else assert.doesNotMatch(name, /\//);
  }
});

Deno.test("every code is explained", () => {
  for (const [code, { title, explanation }] of rows) {
    assert.match(title, /^[A-Z].*[^.]$/, code);
    assert.match(explanation, /^[A-Za-z].*\.$/s, code);
  }
});

// Codes are for ever: a line may be added here, none may change.
const settled = {
  "Syntax": "CTR001",
  "DuplicateKey": "CTR002",
  "UnknownField": "CTR003",
  "WrongType": "CTR004",
  "BadValue": "CTR005",
  "VirtualHostError/DuplicateVhost": "CTR102",
  "Orphaned/Orphaned": "CTR115",
  "TLSError/SecretNotValid": "CTR123",
  "RouteError/TimeoutPolicyNotValid": "CTR187",
  "ServiceError/ServiceUnresolvedReference": "CTR201",
  "NotYetSupported": "CTR301",
  "RefusedByEnvoy": "CTR304",
} as const;

for (const [name, code] of Object.entries(settled)) {
  Deno.test(`${name} is ${code}`, () => {
    assert.equal(codeNamed(name as keyof typeof settled), code);
    assert.equal(isCode(code), true);
  });
}

Deno.test("a condition has a code by its parts and by its name", () => {
  assert.equal(codeFor("RouteError", "TimeoutPolicyNotValid"), "CTR187");
  assert.deepEqual(conditionNamed("RouteError/TimeoutPolicyNotValid"), {
    type: "RouteError",
    reason: "TimeoutPolicyNotValid",
  });
});

Deno.test("what is no code is not taken for one", () => {
  for (const text of ["CTR000", "toString", "__proto__", ""]) assert.equal(isCode(text), false);
});
