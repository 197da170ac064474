import assert from "node:assert/strict";
import { parseLabelSelector } from "./label_selector.ts";

Deno.test("a label selector takes what kubectl takes", () => {
  const objects = {
    shop: { app: "shop", tier: "front" },
    cart: { app: "cart", tier: "back", "example.com/legacy": "" },
    bare: {},
  };
  const cases: Readonly<Record<string, readonly string[]>> = {
    "app=shop": ["shop"],
    "app==shop": ["shop"],
    "app!=shop": ["cart", "bare"],
    "app = shop , tier=front": ["shop"],
    "app=shop,tier=back": [],
    "app in (shop, cart)": ["shop", "cart"],
    "app in (shop),tier in (front,back)": ["shop"],
    "app notin (shop)": ["cart", "bare"],
    "app": ["shop", "cart"],
    "!app": ["bare"],
    "example.com/legacy": ["cart"],
    "example.com/legacy=": ["cart"],
  };
  for (const [selector, names] of Object.entries(cases)) {
    const isChosen = parseLabelSelector(selector);
    const found = Object.entries(objects).filter(([, labels]) => isChosen(labels));
    assert.deepEqual(found.map(([name]) => name), names, selector);
  }
});

Deno.test("what is no label selector is refused", () => {
  for (const text of ["", ",", "a=b=c", "a b", "a in b", "=x", "!"]) {
    assert.throws(() => parseLabelSelector(text), RangeError, text);
  }
});
