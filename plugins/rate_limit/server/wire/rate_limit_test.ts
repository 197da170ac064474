/** What is written by hand is what the types of Envoy read, and the other way round. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decode, encode } from "../../../../proto/mod.ts";
import { Random } from "../../../../tests/support/world.ts";
import { units } from "../../configuration/unit.ts";
import type { RateLimitResponse } from "../../decision/response.ts";
import { readRequest, writeResponse } from "./rate_limit.ts";
import { WireError } from "./reader.ts";

const requestType = "envoy.service.ratelimit.v3.RateLimitRequest";
const responseType = "envoy.service.ratelimit.v3.RateLimitResponse";

function text(random: Random): string {
  return random.of(["", "a", "user", "ä€😀", "x".repeat(127), "y".repeat(128), "z".repeat(20_000)]);
}

Deno.test("requests as protobufjs writes them", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const request = {
      domain: text(random),
      hitsAddend: random.of([0, 1, 300, 4_294_967_295]),
      descriptors: random.several(5, () => ({
        entries: random.several(4, () => ({ key: text(random), value: text(random) })),
        ...random.maybe(0.3, "limit", () => ({
          requestsPerUnit: random.of([0, 1, 4_294_967_295]),
          unit: random.below(7),
        })),
      })),
    };
    const read = readRequest(Buffer.from(encode(requestType, request)));
    assert.deepEqual(read, {
      ...request,
      descriptors: request.descriptors.map((descriptor) =>
        descriptor.limit === undefined
          ? descriptor
          : { ...descriptor, limit: { ...descriptor.limit, unitMultiplier: 1 } }
      ),
    }, `seed ${seed}`);
  }
});

Deno.test("fields that are newer than the types", () => {
  // entries, hits_addend 7, is_negative_hits, a limit of 5 per 10 minutes, and a field of tomorrow.
  const descriptor = "0a060a0161120178 1208080510021a02080a 1a020807 2001 9a0603616263".replaceAll(
    " ",
    "",
  );
  const bytes = Buffer.from(`0a016412${(descriptor.length / 2).toString(16)}${descriptor}`, "hex");
  assert.deepEqual(readRequest(bytes), {
    domain: "d",
    hitsAddend: 0,
    descriptors: [{
      entries: [{ key: "a", value: "x" }],
      limit: { requestsPerUnit: 5, unit: 2, unitMultiplier: 10 },
      hitsAddend: 7,
      isNegativeHits: true,
    }],
  });
});

Deno.test("bytes that are no request", () => {
  for (
    const hex of [
      "ff",
      "0a",
      "0aff",
      "0a0561",
      "08",
      "0801",
      "12020a05",
      "1801ff",
      "00",
      "0b",
      "12ffffffffffffffffffff01",
    ]
  ) {
    assert.throws(() => readRequest(Buffer.from(hex, "hex")), WireError, hex);
  }
});

Deno.test("random bytes are read, or refused", () => {
  const random = new Random(3);
  for (let i = 0; i < 5_000; i++) {
    const bytes = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
    try {
      readRequest(bytes);
    } catch (error) {
      assert.ok(error instanceof WireError, bytes.toString("hex"));
    }
  }
});

Deno.test("responses as protobufjs reads them", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(1_000 + seed);
    const response: RateLimitResponse = {
      isOver: random.chance(0.5),
      statuses: random.several(5, () => ({
        isOver: random.chance(0.5),
        limitRemaining: random.of([0, 1, 4_294_967_295]),
        ...random.maybe(0.7, "currentLimit", () => ({
          name: text(random),
          requestsPerUnit: random.of([0, 7, 4_294_967_295]),
          unit: random.of(units.filter((unit) => unit !== "week")),
          unitMultiplier: 1,
        })),
        ...random.maybe(0.7, "secondsUntilReset", () => random.of([0, 59, 31_536_000])),
      })),
      responseHeadersToAdd: random.several(3, () => ({ key: text(random), value: text(random) })),
      ...random.maybe(0.5, "dynamicMetadata", () => ({
        domain: text(random),
        nested: { number: -1.5, yes: true, no: false, nothing: null, list: [1, "a", [], {}] },
      })),
    };
    const read = decode(responseType, writeResponse(response));
    // Once more, by the types: the same bytes, but for the order of the metadata.
    assert.deepEqual(decode(responseType, encode(responseType, read)), read, `seed ${seed}`);
    assert.equal(read["overallCode"], response.isOver ? "OVER_LIMIT" : "OK");
    assert.equal(
      Array.isArray(read["statuses"]) ? read["statuses"].length : 0,
      response.statuses.length,
    );
    const shown = JSON.stringify(read);
    for (const { currentLimit } of response.statuses) {
      if (currentLimit !== undefined) assert.ok(shown.includes(currentLimit.unit.toUpperCase()));
    }
  }
});
