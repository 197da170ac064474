/**
 * The rules of [protoc-gen-validate](https://github.com/bufbuild/protoc-gen-validate) on text and
 * bytes, as Envoy's own build of it enforces them, compiled to functions that answer in words.
 */
import { RE2JS } from "re2js";
import { notOneOf, oneOf, Rulebook, type Rules, type Test } from "./rulebook.ts";
import { formats, headerText } from "./text_formats.ts";

/** Rules on text. Lengths count code points or, as `…_bytes`, bytes of UTF-8. */
export function stringRules(rules: Rules): Test<string> {
  const book = new Rulebook<string>("string", rules);
  book.text("const", (text) => (v) => v === text, (text) => `must be ${JSON.stringify(text)}`);
  book.number("len", (v, n) => length(v) === n, (n) => `must have ${n} characters`);
  book.number("min_len", (v, n) => length(v) >= n, atLeast);
  book.number("max_len", (v, n) => length(v) <= n, (n) => `must be at most ${n} characters`);
  book.number("len_bytes", (v, n) => bytes(v) === n, (n) => `must have ${n} bytes`);
  book.number("min_bytes", (v, n) => bytes(v) >= n, atLeast);
  book.number(
    "max_bytes",
    // No character takes more than three bytes a unit, so most texts need no counting.
    (v, n) => v.length * 3 <= n || bytes(v) <= n,
    (n) => `must be at most ${n} bytes`,
  );
  book.text(
    "prefix",
    (text) => (v) => v.startsWith(text),
    (text) => `must begin with ${json(text)}`,
  );
  book.text("suffix", (text) => (v) => v.endsWith(text), (text) => `must end with ${json(text)}`);
  book.text("contains", (text) => (v) => v.includes(text), (text) => `must contain ${json(text)}`);
  book.text(
    "not_contains",
    (text) => (v) => !v.includes(text),
    (text) => `must not contain ${json(text)}`,
  );
  book.text("pattern", pattern, (text) => `must match ${text}`);
  book.list("in", asText, (v, list) => list.includes(v), oneOf);
  book.list("not_in", asText, (v, list) => !list.includes(v), notOneOf);
  const strict = book.flag("strict", true);
  const known = book.word("well_known_regex");
  if (known !== undefined) book.add(headerText(known, strict));
  for (const { rule, holds, words } of formats) {
    if (book.flag(rule, false)) {
      const fault = { rule: `string.${rule}`, message: words };
      book.add((value) => holds(value) ? undefined : fault);
    }
  }
  return book.test((value) => value === "");
}

/** Rules on `bytes`; lengths are in bytes. In rules, bytes are written as text. */
export function bytesRules(rules: Rules): Test<Uint8Array> {
  const book = new Rulebook<Uint8Array>("bytes", rules);
  const within = (holds: (value: Uint8Array, wanted: Uint8Array) => boolean) => (text: string) => {
    const wanted = encoder.encode(text);
    return (value: Uint8Array) => holds(value, wanted);
  };
  const asBytes = (listed: unknown) =>
    typeof listed === "string" ? encoder.encode(listed) : undefined;
  book.text("const", within(equal), (text) => `must be ${json(text)}`);
  book.number("len", (v, n) => v.length === n, (n) => `must have ${n} bytes`);
  book.number("min_len", (v, n) => v.length >= n, atLeast);
  book.number("max_len", (v, n) => v.length <= n, (n) => `must be at most ${n} bytes`);
  book.text(
    "pattern",
    (text) => {
      const matches = pattern(text);
      return (v) => matches(latin1(v));
    },
    (text) => `must match ${text}`,
  );
  book.text(
    "prefix",
    within((v, wanted) => equal(v.subarray(0, wanted.length), wanted)),
    (text) => `must begin with ${json(text)}`,
  );
  book.text(
    "suffix",
    within((v, wanted) =>
      v.length >= wanted.length && equal(v.subarray(v.length - wanted.length), wanted)
    ),
    (text) => `must end with ${json(text)}`,
  );
  book.text("contains", within(contains), (text) => `must contain ${json(text)}`);
  book.list("in", asBytes, (v, list) => list.some((one) => equal(one, v)), oneOf);
  book.list("not_in", asBytes, (v, list) => !list.some((one) => equal(one, v)), notOneOf);
  for (const { rule, length } of addresses) {
    if (book.flag(rule, false)) {
      const fault = { rule: `bytes.${rule}`, message: "must be the bytes of an IP address" };
      book.add((value) => length.includes(value.length) ? undefined : fault);
    }
  }
  return book.test((value) => value.length === 0);
}

const addresses: readonly { readonly rule: string; readonly length: readonly number[] }[] = [
  { rule: "ip", length: [4, 16] },
  { rule: "ipv4", length: [4] },
  { rule: "ipv6", length: [16] },
];

const atLeast = (n: number) => n === 1 ? "must not be empty" : `must be at least ${n} long`;
const json = (text: string) => JSON.stringify(text);
const asText = (listed: unknown) => typeof listed === "string" ? listed : undefined;

/** The whole text has to match. */
function pattern(text: string): (value: string) => boolean {
  const compiled = RE2JS.compile(text);
  return (value) => compiled.matches(value);
}

/** Length in code points. */
function length(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    const low = text.charCodeAt(index);
    const high = text.charCodeAt(index - 1);
    if (low >= 0xdc00 && low < 0xe000 && high >= 0xd800 && high < 0xdc00) count--;
  }
  return count;
}

const encoder = new TextEncoder();

/** Length in bytes of UTF-8. */
function bytes(text: string): number {
  return encoder.encode(text).length;
}

/** A character a byte. */
function latin1(value: Uint8Array): string {
  return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function contains(value: Uint8Array, wanted: Uint8Array): boolean {
  for (let start = 0; start + wanted.length <= value.length; start++) {
    if (equal(value.subarray(start, start + wanted.length), wanted)) return true;
  }
  return false;
}
