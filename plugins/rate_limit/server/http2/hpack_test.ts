import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeHeaders, type Field, HpackDecoder, HpackError } from "./hpack.ts";

function decoded(decoder: HpackDecoder, hex: string): string[] {
  const fields: string[] = [];
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  decoder.decode(bytes, (name, value) => fields.push(`${name}: ${value}`));
  return fields;
}

const example = "www.example.com";
const first = [":method: GET", ":scheme: http", ":path: /", `:authority: ${example}`];

Deno.test("the requests of RFC 7541, appendix C.3, without Huffman codes", () => {
  const decoder = new HpackDecoder(4_096);
  assert.deepEqual(decoded(decoder, "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"), first);
  assert.deepEqual(decoded(decoder, "8286 84be 5808 6e6f 2d63 6163 6865"), [
    ...first,
    "cache-control: no-cache",
  ]);
  assert.deepEqual(
    decoded(
      decoder,
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ),
    [
      ":method: GET",
      ":scheme: https",
      ":path: /index.html",
      `:authority: ${example}`,
      "custom-key: custom-value",
    ],
  );
});

Deno.test("the requests of appendix C.4, with Huffman codes", () => {
  const decoder = new HpackDecoder(4_096);
  assert.deepEqual(decoded(decoder, "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"), first);
  assert.deepEqual(decoded(decoder, "8286 84be 5886 a8eb 1064 9cbf"), [
    ...first,
    "cache-control: no-cache",
  ]);
  assert.deepEqual(
    decoded(decoder, "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"),
    [
      ":method: GET",
      ":scheme: https",
      ":path: /index.html",
      `:authority: ${example}`,
      "custom-key: custom-value",
    ],
  );
});

Deno.test("a table that is made smaller forgets its oldest fields", () => {
  const decoder = new HpackDecoder(4_096);
  decoded(decoder, "400161 0162"); // a: b, 34 bytes
  decoded(decoder, "400163 0164"); // c: d
  assert.deepEqual(decoded(decoder, "be bf"), ["c: d", "a: b"]);
  // Down to 40 bytes, which hold one of them.
  assert.deepEqual(decoded(decoder, "3f09 be"), ["c: d"]);
  assert.throws(() => decoded(decoder, "bf"), HpackError);
});

Deno.test("what is written can be read", () => {
  const fields: Field[] = [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-message", "x".repeat(1_000)],
    ["empty", ""],
  ];
  const read: Field[] = [];
  new HpackDecoder(8_192).decode(
    Buffer.from(encodeHeaders(fields)),
    (name, value) => read.push([name, value]),
  );
  assert.deepEqual(read, fields);
});

const wrong: readonly (readonly [name: string, hex: string])[] = [
  ["a field that is not there", "ff00"],
  ["the field 0", "80"],
  ["a text that is cut off", "400561"],
  ["a number that is cut off", "7f"],
  ["a number that is too large", "7fffffffff0f"],
  ["a table that is too large", "3fe2 7f"],
  ["another size of the table in the middle", "82 20"],
  ["Huffman codes that end with zeros", "40 0161 81 00"],
  ["Huffman codes that end with too many ones", "40 0161 82 ffff"],
];

for (const [name, hex] of wrong) {
  Deno.test(`${name} is refused`, () => {
    assert.throws(() => decoded(new HpackDecoder(4_096), hex), HpackError);
  });
}

Deno.test("a small block that stands for a large one is refused", () => {
  const decoder = new HpackDecoder(16_384);
  decoded(decoder, `4001617fa11e${"62".repeat(4_000)}`);
  assert.throws(() => decoded(decoder, "be".repeat(1_000)), HpackError);
});
