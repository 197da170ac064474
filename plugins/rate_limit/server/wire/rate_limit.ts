import type { Buffer } from "node:buffer";
import type { Entry } from "../../configuration/lookup.ts";
import { unitNumbers } from "../../configuration/unit.ts";
import type { LimitOverride, RateLimitRequest, RequestDescriptor } from "../../decision/request.ts";
import type { DescriptorStatus, RateLimitResponse } from "../../decision/response.ts";
import { writeStruct } from "./struct.ts";
import { WireError, WireReader } from "./reader.ts";
import { WireWriter } from "./writer.ts";

/**
 * Reads an `envoy.service.ratelimit.v3.RateLimitRequest`. Written by hand: what is generated from
 * descriptors takes five times as long, and knows no fields that are newer than they are. Throws a
 * {@link WireError}.
 */
export function readRequest(bytes: Buffer): RateLimitRequest {
  const reader = new WireReader(bytes);
  const descriptors: RequestDescriptor[] = [];
  let domain = "";
  let hitsAddend = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        domain = reader.text();
        break;
      case 2:
        if (descriptors.length === maxDescriptors) throw new WireError("Too many descriptors");
        descriptors.push(reader.message(readDescriptor));
        break;
      case 3:
        hitsAddend = uint32(reader.number());
        break;
      default:
        reader.skip();
    }
  }
  return { domain, descriptors, hitsAddend };
}

/** Writes an `envoy.service.ratelimit.v3.RateLimitResponse`. */
export function writeResponse(response: RateLimitResponse): Buffer {
  const writer = new WireWriter();
  writer.number(1, response.isOver ? codes.overLimit : codes.ok);
  for (const status of response.statuses) {
    writer.message(2, () => writeStatus(writer, status));
  }
  for (const { key, value } of response.responseHeadersToAdd) {
    writer.message(3, () => writer.text(1, key).text(2, value));
  }
  const metadata = response.dynamicMetadata;
  if (metadata !== undefined) writer.message(6, () => writeStruct(writer, metadata));
  return writer.finish();
}

/** As many as Envoy could ever mean; more would only be work. */
export const maxDescriptors = 1_000;

const codes = { ok: 1, overLimit: 2 };

function readDescriptor(reader: WireReader): RequestDescriptor {
  const entries: Entry[] = [];
  let limit: LimitOverride | undefined;
  let hitsAddend: number | undefined;
  let isNegativeHits = false;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        entries.push(reader.message(readEntry));
        break;
      case 2:
        limit = reader.message(readLimit);
        break;
      case 3:
        hitsAddend = uint32(reader.message(readWrapped));
        break;
      case 4:
        isNegativeHits = reader.number() !== 0;
        break;
      default:
        reader.skip();
    }
  }
  return {
    entries,
    ...(limit === undefined ? {} : { limit }),
    ...(hitsAddend === undefined ? {} : { hitsAddend }),
    ...(isNegativeHits ? { isNegativeHits } : {}),
  };
}

function readEntry(reader: WireReader): Entry {
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  return { key, value };
}

function readLimit(reader: WireReader): LimitOverride {
  let requestsPerUnit = 0;
  let unit = 0;
  let unitMultiplier = 1;
  while (reader.next()) {
    if (reader.field === 1) requestsPerUnit = uint32(reader.number());
    else if (reader.field === 2) unit = reader.number();
    else if (reader.field === 3) unitMultiplier = uint32(reader.message(readWrapped));
    else reader.skip();
  }
  return { requestsPerUnit, unit, unitMultiplier };
}

function readWrapped(reader: WireReader): number {
  let value = 0;
  while (reader.next()) {
    if (reader.field === 1) value = reader.number();
    else reader.skip();
  }
  return value;
}

function uint32(number: number): number {
  return Math.min(number, 4_294_967_295);
}

function writeStatus(writer: WireWriter, status: DescriptorStatus): void {
  const { isOver, currentLimit, limitRemaining, secondsUntilReset } = status;
  writer.number(1, isOver ? codes.overLimit : codes.ok);
  if (currentLimit !== undefined) {
    const { requestsPerUnit, unit, name, unitMultiplier } = currentLimit;
    writer.message(2, () => {
      writer.number(1, requestsPerUnit).number(2, unitNumbers[unit]).text(3, name);
      if (unitMultiplier !== 1) writer.message(4, () => writer.number(1, unitMultiplier));
    });
  }
  writer.number(3, limitRemaining);
  if (secondsUntilReset !== undefined) {
    writer.message(4, () => writer.number(1, secondsUntilReset));
  }
}
